// Whatever a server saw: the folder loads, changes no topic, and shuts nobody out.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "adopt/claim.h"
#include "adopt/facts_testing.h"
#include "plan/overlay.h"
#include "plan/plan.h"

namespace myelin::adopt {
namespace {

constexpr int kSeeds = 300;
constexpr std::array kPrincipals{"till-eu",    "till-us",  "till.audit", "billing",   "billing_jobs",
                                 "Billing-eu", "a:b@c",    "no",         "CN=x,OU=y", "ada.okafor",
                                 "-",          "platform", "web-shop",   "ops-1",     "(anonymous)"};
constexpr std::array kNames{"pos",           "pos.sale", "pos.sale.eu", "pos-audit", "till-eu.log", "billing.invoice",
                            "POS.sale",      "true",     "a_b",         "a.b",       "-",           "ops.x",
                            "web-shop-cart", "..."};
constexpr std::array kGroups{"pos",      "pos.sale",    "till-eu.log",       "billing",
                             "x.\ny: {", "a \"b\" # c", "\xc3\xa9t\xc3\xa9", "ops.\xff"};
constexpr std::array kCleanup{"delete", "compact", "compact,delete", "delete,compact"};
constexpr std::array kRetention{"604800000", "-1", "3600000", "5400000", "86400000"};
constexpr std::array kDurability{"synced", "interval", "os"};
constexpr const char* kModel = R"(apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop, annotations: {myelin.dev/principals: web-shop, myelin.dev/prefixes: "pos.sale web"}}
spec: {owner: ops}
)";

constexpr const char* kMoreOrg = R"(apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: till, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: billing, annotations: {myelin.dev/domain: shop}}
spec: {type: department}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada.okafor}
spec: {memberOf: [ops]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: a-b-c, annotations: {myelin.dev/principals: billing}}
spec: {owner: till}
)";
constexpr const char* kMorePolicy = R"(apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: shop}
spec: {platform_group: ops}
)";
constexpr const char* kMoreContract = R"(apiVersion: v3.2.0
kind: DataContract
id: a.b
version: 1.0.0
status: draft
team: {name: till}
schema:
  - {name: sale, physicalName: POS.sale, physicalType: topic}
)";

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int below(int most) { return std::uniform_int_distribution<int>(0, most - 1)(engine_); }
  template <typename Items>
  const char* one_of(const Items& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

 private:
  std::mt19937 engine_;
};

Server random_server(unsigned seed) {
  Dice dice(seed);
  Server server;
  server.settings.dev_mode = dice.below(4) == 0;
  server.settings.authorise = dice.below(4) == 0 ? policy::Authorise::Report : policy::Authorise::Enforce;
  if (dice.below(2) == 0) server.documents.push_back({"org/shop.yaml", kModel});
  if (!server.documents.empty() && dice.below(2) == 0) {
    server.documents.push_back({"org/till.yaml", kMoreOrg});
    server.documents.push_back({"myelin/policy.yaml", kMorePolicy});
    server.documents.push_back({"contracts/a.b.odcs.yaml", kMoreContract});
  }
  for (int i = dice.below(10); i >= 0; --i) {
    server.topic(dice.one_of(kNames), 1 + dice.below(1'100),
                 {{"cleanup.policy", dice.one_of(kCleanup)},
                  {"retention.ms", dice.one_of(kRetention)},
                  {"myelin.durability", dice.one_of(kDurability)}});
  }
  for (int i = dice.below(20); i > 0; --i) server.writes(dice.one_of(kPrincipals), dice.one_of(kNames), dice.below(9));
  for (int i = dice.below(20); i > 0; --i) server.reads(dice.one_of(kPrincipals), dice.one_of(kNames), dice.below(9));
  for (int i = dice.below(10); i > 0; --i) server.commits(dice.one_of(kPrincipals), dice.one_of(kGroups));
  if (dice.below(3) == 0) {
    const model::Right right{PrincipalName(dice.one_of(kPrincipals)), model::RightResource::Topic, "pos.sale", true,
                             model::RightOperation::All};
    server.settings.made_grants = std::make_shared<const policy::DirectGrants>(
        policy::DirectGrants{{right, {}, {}, PrincipalName("ada.okafor"), day("2026-11-20")}});
  }
  return server;
}

plan::Live live_of(const Facts& facts) {
  plan::Live live;
  live.now = facts.now;
  for (const auto& [name, topic] : facts.topics) live.topics[name] = {topic.partitions, topic.settings};
  for (const auto& write : facts.writes) {
    live.uses.push_back({write.principal, write.topic, policy::Operation::Write, write.last_seen});
  }
  for (const auto& read : facts.reads) {
    live.uses.push_back({read.principal, read.topic, policy::Operation::Read, read.last_seen});
  }
  return live;
}

class Property : public testing::TestWithParam<int> {};

TEST_P(Property, TheFolderLoadsChangesNoTopicAndHitsNobody) {
  auto server = random_server(static_cast<unsigned>(GetParam()));
  const auto facts = server.facts();
  const auto folder = server.adopted();
  if (folder.files.empty()) return;
  const std::shared_ptr<const model::Model> before(facts.policy, &facts.policy->model());
  auto overlay = plan::overlaid(*before, folder.files, [](const plan::EntityName&) { return false; });
  auto loaded = model::load(overlay.sources);
  ASSERT_TRUE(loaded.ok()) << document::listed(loaded.problems);
  const auto after = std::make_shared<const model::Model>(std::move(loaded.model));
  const auto live = live_of(facts);
  const auto plan = plan::made({.base = 0,
                                .before = before,
                                .after = after,
                                .settings = server.settings,
                                .live = live,
                                .applier = {.squads = {}, .is_platform = true, .may_delete = false},
                                .left_out = 0});
  EXPECT_TRUE(plan.topics.empty()) << plan::rendered(plan, facts.now);
  EXPECT_TRUE(plan.hits.empty()) << plan::rendered(plan, facts.now);
  EXPECT_TRUE(plan.refusals.empty()) << plan::rendered(plan, facts.now);
  for (const auto& change : plan.entities) EXPECT_EQ(change.action, plan::Action::Create) << change.entity.text();
  server.documents = overlay.sources;
  EXPECT_TRUE(server.adopted().files.empty()) << "a second time there is nothing to adopt";
}

// Stronger than a plan's hits, which know nothing of groups and count a use that is only reported as refused already.
void expect_nobody_is_shut_out(const Server& server, const Facts& facts, const Folder& folder) {
  auto sources = server.documents;
  sources.insert(sources.end(), folder.files.begin(), folder.files.end());
  auto loaded = model::load(std::move(sources));
  ASSERT_TRUE(loaded.ok()) << document::listed(loaded.problems);
  const auto after =
      policy::Snapshot::build(std::make_shared<const model::Model>(std::move(loaded.model)), server.settings);
  const auto expect_kept = [&](const PrincipalName& who, policy::Operation operation, policy::Resource resource) {
    if (who.text().starts_with('(') && !server.settings.dev_mode) return;  // nobody signs in by such a name
    const auto was = facts.policy->decide(facts.policy->subject(who), operation, resource, facts.now);
    if (!was.allowed) return;
    const auto is = after->decide(after->subject(who), operation, resource, facts.now);
    EXPECT_TRUE(is.allowed) << who.text() << " " << policy::name_of(operation) << " " << resource.name;
    EXPECT_TRUE(was.would_deny || !is.would_deny) << who.text() << " " << resource.name;
  };
  for (const auto& write : facts.writes) {
    expect_kept(write.principal, policy::Operation::Write, policy::Resource::topic(write.topic));
  }
  for (const auto& read : facts.reads) {
    expect_kept(read.principal, policy::Operation::Read, policy::Resource::topic(read.topic));
  }
  for (const auto& commit : facts.commits) {
    expect_kept(commit.principal, policy::Operation::Read, policy::Resource::group(commit.group));
  }
}

TEST_P(Property, WhoMayNowAndWasSeenToMayAfterwards) {
  const auto server = random_server(static_cast<unsigned>(GetParam()));
  expect_nobody_is_shut_out(server, server.facts(), server.adopted());
}

TEST_P(Property, WhoMayNowAndWasSeenToMayWhateverSquadClaimsATopic) {
  const auto server = random_server(static_cast<unsigned>(GetParam()));
  const auto facts = server.facts();
  const auto& model = facts.policy->model();
  for (const auto& [topic, settings] : facts.topics) {
    for (const auto& [squad, declared] : model.squads) {
      const auto folder = claim_of(facts, {topic, squad});
      if (!folder) {
        EXPECT_EQ(folder.error().code, model.topics.contains(topic) ? Code::Exists : Code::Invalid)
            << folder.error().message;
        continue;
      }
      SCOPED_TRACE(topic.text() + " for " + squad.text());
      expect_nobody_is_shut_out(server, facts, *folder);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RandomServers, Property, testing::Range(0, kSeeds));

}  // namespace
}  // namespace myelin::adopt
