#include "governance/request_rules.h"

#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::governance {
namespace {

constexpr std::string_view kOrganisation =
    "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: retail}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
    "metadata: {name: web-shop, annotations: {myelin.dev/domain: retail}}\nspec: {type: team}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    "metadata: {name: storefront, annotations: {myelin.dev/principals: storefront-1}}\nspec: {owner: web-shop}\n";

std::vector<RuleHit> hits(const std::string& about, const std::string& must, cel::Value members,
                          const std::string& scope = "") {
  auto loaded =
      model::load({{"org/org.yaml", std::string(kOrganisation)},
                   {"myelin/policy.yaml",
                    "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: company}\nspec:\n"
                    "  rules:\n    - name: it\n      about: " +
                        about + "\n      owner: web-shop\n      principle: so it is\n      must: |-\n        " + must +
                        "\n      message: do it\n      rung: block\n" + scope}});
  EXPECT_EQ(document::listed(loaded.problems), "");
  static std::shared_ptr<const policy::Snapshot> snapshot;  // what hits point into
  snapshot = policy::Snapshot::build(std::make_shared<const model::Model>(std::move(loaded.model)), {});
  return rule_hits(*snapshot, snapshot->subject(PrincipalName("storefront-1")), model::RuleAbout::TopicCreation,
                   members);
}

bool obeys(const std::string& must, const AskedOfTopic& asked) {
  return hits("topic_creation", must, members_of(asked)).empty();
}

TEST(RequestRules, AreToldWhatIsAskedOfATopic) {
  const AskedOfTopic asked{.name = "web.cart",
                           .partitions = 6,
                           .configs = {{"retention.ms", "86400000"}, {"cleanup.policy", std::nullopt}},
                           .is_declared = true};
  EXPECT_TRUE(obeys("topic.name == 'web.cart' && topic.partitions == 6 && topic.declared", asked));
  EXPECT_TRUE(obeys("int(topic.configs[\"retention.ms\"]) <= 24 * 60 * 60 * 1000", asked));
  EXPECT_TRUE(obeys("topic.configs[\"cleanup.policy\"] == null", asked));
  EXPECT_TRUE(obeys("principal == 'storefront-1' && squad == 'web-shop' && domain == 'retail'", asked));
  EXPECT_FALSE(obeys("topic.partitions < 6", asked));
  EXPECT_TRUE(obeys("!has(topic.partitions)", {.name = "web.cart", .partitions = {}, .configs = {}}));
}

TEST(RequestRules, RefuseInTheRulesWords) {
  const AskedOfTopic asked{.name = "web.cart", .partitions = {}, .configs = {}};
  const auto found = hits("topic_creation", "false", members_of(asked));
  EXPECT_EQ(refusal_of(found), "rule it: do it; it serves \"so it is\"; ask squad web-shop");
}

TEST(RequestRules, AreAboutTheirKindAndScopeOnly) {
  const AskedOfTopic asked{.name = "web.cart", .partitions = {}, .configs = {}};
  EXPECT_TRUE(hits("topic_change", "false", members_of(asked)).empty());
  EXPECT_FALSE(hits("topic_creation", "false", members_of(asked), "      scope: {domains: [retail]}\n").empty());
}

std::int64_t number(const cel::Value& members, std::string_view key) {
  for (const auto& [name, value] : *members.entries()) {
    if (*name.as<std::string>() == key) return *value.as<std::int64_t>();
  }
  return -1;
}

TEST(RequestRules, AreToldTheNumbersOfAClientsVersion) {
  EXPECT_EQ(number(client_members("apache-kafka-java", "3.7.1"), "major"), 3);
  EXPECT_EQ(number(client_members("apache-kafka-java", "3.7.1"), "minor"), 7);
  EXPECT_EQ(number(client_members("librdkafka", "v2.0"), "major"), -1);
  EXPECT_EQ(number(client_members("kafkajs", "2"), "minor"), -1);
  EXPECT_TRUE(client_members("", "").entries()->empty());
}

TEST(RequestRules, AreToldWhatAccessIsAskedFor) {
  const auto members = members_of(AccessRequest{.product = ProductName("orders"),
                                                .port = "",
                                                .application = ApplicationName("invoicing"),
                                                .purpose = "invoices",
                                                .until = "2027-01-31"});
  EXPECT_EQ(members.entries()->size(), 4U) << "a port that was left open is not there";
}

}  // namespace
}  // namespace myelin::governance
