#include "plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/company_testing.h"

namespace myelin::plan {
namespace {

using policy::company;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using ModelPointer = std::shared_ptr<const model::Model>;

const WallTime kNow = policy::day("2026-03-01");

ModelPointer model_of(const std::vector<document::Source>& more = {}) {
  return std::make_shared<const model::Model>(company(more));
}

document::Source ledger_contract(const std::string& rest = "") {
  return {"contracts/bill.odcs.yaml",
          "apiVersion: v3.1.0\nkind: DataContract\nid: bill\nversion: 1.0.0\nstatus: active\nteam: {name: billing}\n"
          "schema: [{name: bill, physicalType: topic, physicalName: ledger.bill}]\n" +
              rest};
}

document::Source refund_reader(const std::string& id) {
  return {"grants/" + id + ".yaml", policy::grant(id, "refund", "status: approved\nconsumer: {userId: petra}\n")};
}

Use read_by(const char* principal, const char* topic, std::chrono::seconds before_now) {
  return {PrincipalName(principal), TopicName(topic), policy::Operation::Read, kNow - before_now, 0};
}

// What the platform group would change, from one model to the other.
struct Change {
  ModelPointer before = model_of();
  ModelPointer after = model_of();
  Live live{.topics = {}, .uses = {}, .now = kNow};
  Applier applier{.squads = {}, .is_platform = true, .may_delete = true};
  policy::Settings settings{};
  std::uint64_t base = 3;

  [[nodiscard]] Plan plan() const {
    return made({.base = base,
                 .before = before,
                 .after = after,
                 .settings = settings,
                 .live = live,
                 .applier = applier,
                 .left_out = 0});
  }
};

TEST(Plan, IsEmptyWhereNothingChanges) {
  Change change;
  change.applier.is_platform = false;  // for whom the topics that do not exist yet would be made
  const auto plan = change.plan();
  EXPECT_TRUE(plan.is_empty());
  EXPECT_EQ(rendered(plan, kNow), "plan " + plan.id + " against revision 3\n\nno changes\n");
}

TEST(Plan, HasAnIdOfWhatItWouldDo) {
  const Change change{.after = model_of({ledger_contract()})};
  auto later = change;
  later.live.now += std::chrono::hours(5);
  later.live.uses = {read_by("bert", "shop.refund", std::chrono::seconds(5))};
  EXPECT_EQ(change.plan().id, later.plan().id);
  EXPECT_EQ(change.plan().id.size(), 16U);
}

TEST(Plan, HasAnotherIdForAnotherBaseDocumentOrTopic) {
  const Change change{.after = model_of({ledger_contract()})};
  auto rebased = change;
  rebased.base = 4;
  auto reworded = change;
  reworded.after = model_of({ledger_contract("# of a customer\n")});
  auto existing = change;
  existing.live.topics[TopicName("ledger.bill")] = {.partitions = 1, .settings = {}};
  EXPECT_NE(change.plan().id, rebased.plan().id);
  EXPECT_NE(change.plan().id, reworded.plan().id);
  EXPECT_NE(change.plan().id, existing.plan().id);
}

TEST(Plan, SaysItsTreeInFullAndHowToSignWhereAConsentIsMissing) {
  Change change{.after = model_of({ledger_contract()})};
  const auto own = change.plan();
  EXPECT_EQ(own.tree.size(), 64U);
  EXPECT_TRUE(rendered(own, kNow).ends_with("\ntree " + own.tree + "\n")) << rendered(own, kNow);
  EXPECT_THAT(as_markdown(own, kNow), HasSubstr("\nTree `" + own.tree + "`\n"));
  change.applier = {.squads = {SquadName("orders")}, .is_platform = false, .may_delete = false};
  const auto others = change.plan();
  EXPECT_EQ(others.tree, own.tree);
  EXPECT_TRUE(rendered(others, kNow)
                  .ends_with("\ntree " + own.tree +
                             "\n  to agree by signature: myelin plan DIR --to-sign FILE, ssh-keygen -Y sign -f KEY -n "
                             "myelin-plan FILE\n"));
}

TEST(Plan, ListsEntitiesBySquadThenKindAndName) {
  const Change change{.after = model_of({ledger_contract(), refund_reader("b"), refund_reader("a")})};
  std::vector<std::string> listed;
  for (const auto& entity : change.plan().entities) listed.push_back(entity.squad.text() + ": " + entity.entity.text());
  EXPECT_THAT(listed, ElementsAre("billing: contract bill", "orders: grant a", "orders: grant b"));
}

document::Source cart_product(const std::string& mode) {
  return {"products/carts.odps.yaml",
          "apiVersion: v1.0.0\nkind: DataProduct\nid: carts\nstatus: active\nteam: {name: orders}\noutputPorts:\n"
          "  - {name: cart, version: '1', contractId: cart}\ncustomProperties:\n"
          "  - {property: mode, value: " +
              mode + ", vendor: myelin}\n"};
}

TEST(Plan, SaysWhichProductAChangeIsAboutWhereItKeepsItsSquadAndMode) {
  const auto products = [](const Change& change) {
    std::vector<std::string> listed;
    for (const auto& one : change.plan().entities) listed.push_back(one.entity.text() + " of " + one.product.text());
    return listed;
  };
  EXPECT_THAT(products({.after = model_of({refund_reader("g"), ledger_contract()})}),
              ElementsAre("contract bill of ", "grant g of orders"));
  EXPECT_THAT(products({.before = model_of({refund_reader("g")})}), ElementsAre("grant g of orders"));
  EXPECT_THAT(products({.before = model_of({cart_product("growth")}), .after = model_of({cart_product("sustain")})}),
              ElementsAre("product carts of "));
  EXPECT_THAT(products({.after = model_of({cart_product("growth")})}), ElementsAre("product carts of "));
}

TEST(Plan, CreatesAndChangesTopicsOfTheApplierOnly) {
  Change change{.after = model_of({ledger_contract()})};
  change.applier = {.squads = {SquadName("billing")}, .is_platform = false, .may_delete = false};
  const auto plan = change.plan();
  ASSERT_EQ(plan.topics.size(), 1U);  // none of orders' exists, either
  EXPECT_EQ(plan.topics[0].topic, TopicName("ledger.bill"));
  EXPECT_EQ(plan.topics[0].action, Action::Create);
  EXPECT_THAT(plan.refusals, IsEmpty());
}

// ledger.bill is billing's first topic; it has nothing else.
ModelPointer with_partition_quota(std::uint64_t most, const std::vector<document::Source>& more) {
  auto model = company(more);
  model.policy.squad_quotas.at(SquadName("billing")).partitions_max = most;
  return std::make_shared<const model::Model>(std::move(model));
}

document::Source bill_of_partitions(int partitions) {
  return {"contracts/bill.odcs.yaml",
          "apiVersion: v3.1.0\nkind: DataContract\nid: bill\nversion: 1.0.0\nstatus: active\nteam: {name: billing}\n"
          "schema:\n  - name: bill\n    physicalType: topic\n    physicalName: ledger.bill\n"
          "    customProperties: [{property: partitions, value: " +
              std::to_string(partitions) + ", vendor: myelin}]\n"};
}

TEST(PlanQuotas, RefuseMorePartitionsThanTheSquadMayHave) {
  const auto allowed = Change{.after = with_partition_quota(6, {bill_of_partitions(6)})};
  EXPECT_THAT(allowed.plan().refusals, IsEmpty());
  const auto refused = Change{.after = with_partition_quota(6, {bill_of_partitions(7)})};
  EXPECT_THAT(
      refused.plan().refusals,
      ElementsAre(HasSubstr("squad billing would have 7 partitions and its quota allows 6 (myelin/policy.yaml:")));
}

TEST(PlanQuotas, LetPassWhatDoesNotMakeItWorse) {
  Change change{.before = model_of({bill_of_partitions(9)}), .after = with_partition_quota(6, {bill_of_partitions(9)})};
  change.live.topics[TopicName("ledger.bill")] = {.partitions = 9, .settings = {}};
  EXPECT_THAT(change.plan().refusals, IsEmpty());
}

TEST(PlanHits, NamesThemLatestFirst) {
  Change change{.before = model_of({refund_reader("g")})};
  change.live.uses = {read_by("petra", "shop.refund", std::chrono::hours(2)),
                      read_by("petra", "shop.refund", std::chrono::hours(1))};
  const auto plan = change.plan();
  ASSERT_EQ(plan.hits.size(), 2U);
  EXPECT_EQ(plan.hits[0].use.last_seen, kNow - std::chrono::hours(1));
  EXPECT_EQ(plan.hits[0].squad, SquadName("ops"));
  EXPECT_EQ(plan.hits[0].why, "petra of squad ops may not read topic shop.refund: grant to-probe is requested");
}

TEST(PlanHits, LeavesOutWhatIsRefusedAlready) {
  Change change{.before = model_of({refund_reader("g")})};
  change.live.uses = {read_by("probe", "shop.refund", std::chrono::hours(1))};
  EXPECT_THAT(change.plan().hits, IsEmpty());
}

TEST(PlanHits, LeavesOutWhatOnlyARuleThatReportsLetsPass) {
  Change change{.before = model_of({refund_reader("g")})};
  change.settings.authorise = policy::Authorise::Report;
  change.live.uses = {read_by("probe", "shop.refund", std::chrono::hours(1)),
                      read_by("petra", "shop.refund", std::chrono::hours(1))};
  const auto plan = change.plan();
  ASSERT_EQ(plan.hits.size(), 1U);
  EXPECT_EQ(plan.hits[0].use.principal, PrincipalName("petra"));
}

TEST(PlanDeletes, WaitForAReaderWithinThirtyFiveDays) {
  Change change{.before = model_of({refund_reader("g")})};
  change.live.uses = {read_by("petra", "shop.refund", std::chrono::days(35))};
  EXPECT_THAT(change.plan().refusals,
              ElementsAre("grant g is in use and can't be deleted: read of topic shop.refund by petra (ops), last seen "
                          "35 days ago"));
  change.live.uses = {read_by("petra", "shop.refund", std::chrono::days(35) + std::chrono::seconds(1))};
  EXPECT_THAT(change.plan().refusals, IsEmpty());
}

TEST(PlanDeletes, DoNotWaitForSomebodyWhoReadsByAnotherGrant) {
  Change change{.before = model_of({refund_reader("g")})};
  change.live.uses = {read_by("bert", "shop.refund", std::chrono::seconds(5))};
  EXPECT_THAT(change.plan().refusals, IsEmpty());
}

TEST(PlanDeletes, DoNotWaitForTheOwner) {
  Change change{.before = model_of({ledger_contract()})};
  change.live.uses = {read_by("ledger", "ledger.bill", std::chrono::seconds(5))};
  EXPECT_THAT(change.plan().refusals, IsEmpty());
  change.live.uses = {read_by("petra", "ledger.bill", std::chrono::seconds(5))};
  EXPECT_THAT(change.plan().refusals, ElementsAre(HasSubstr("contract bill is in use and can't be deleted")));
}

TEST(PlanDeletes, NameFiveWhoUseItAndCountTheRest) {
  Change change{.before = model_of({refund_reader("g")})};
  for (int i = 1; i <= 7; ++i) change.live.uses.push_back(read_by("petra", "shop.refund", std::chrono::minutes(i)));
  const auto refusals = change.plan().refusals;
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_THAT(refusals[0], HasSubstr("last seen 5 minutes ago; and 2 more"));
  EXPECT_THAT(refusals[0], Not(HasSubstr("6 minutes")));
}

TEST(PlanDeletes, AreRefusedUnlessAskedFor) {
  Change change{.before = model_of({refund_reader("a"), refund_reader("b")})};
  change.applier.may_delete = false;
  EXPECT_THAT(change.plan().refusals, ElementsAre("2 deletions need --allow-delete"));
}

TEST(PlanText, SaysHowLongAgoInTheLargestUnit) {
  Change change{.before = model_of({refund_reader("g")})};
  const auto said = [&](std::chrono::seconds ago) {
    change.live.uses = {read_by("petra", "shop.refund", ago)};
    return change.plan().refusals.at(0);
  };
  EXPECT_THAT(said(std::chrono::seconds(-30)), HasSubstr("last seen just now"));  // a clock that runs ahead
  EXPECT_THAT(said(std::chrono::seconds(59)), HasSubstr("last seen just now"));
  EXPECT_THAT(said(std::chrono::seconds(60)), HasSubstr("last seen 1 minute ago"));
  EXPECT_THAT(said(std::chrono::minutes(119)), HasSubstr("last seen 1 hour ago"));
  EXPECT_THAT(said(std::chrono::hours(48)), HasSubstr("last seen 2 days ago"));
}

TEST(PlanText, NamesTenUndeclaredTopicsAndCountsTheRest) {
  Change change;
  change.applier.is_platform = false;
  for (const char letter : std::string("abcdefghijkl")) {
    change.live.topics[TopicName(std::string("free-") + letter)] = {.partitions = 1, .settings = {}};
  }
  EXPECT_THAT(rendered(change.plan(), kNow),
              HasSubstr("12 topics that no document declares, not touched: free-a, free-b, free-c, free-d, free-e, "
                        "free-f, free-g, free-h, free-i, free-j and 2 more\n"));
}

TEST(PlanText, CutsALongValueBetweenTwoCharacters) {
  const Change change{.before = model_of({ledger_contract()}),
                      .after = model_of({ledger_contract("description: \"" + std::string(59, 'x') + "\u20ac\"\n")})};
  EXPECT_THAT(rendered(change.plan(), kNow), HasSubstr("description: " + std::string(59, 'x') + "...\n"));
}

TEST(PlanText, LetsNoNameOrValueLookLikeALineOfThePlan) {
  auto named = refund_reader("g");
  named.text.replace(named.text.find("id: g"), 5, "id: \"g\\n\\nno changes\"");
  const Change change{.before = model_of({ledger_contract()}),
                      .after = model_of({named, ledger_contract("domain: \"a\\n\\e[2Jno changes\"\n")})};
  const auto text = rendered(change.plan(), kNow);
  EXPECT_THAT(text, HasSubstr("  + grant g  no changes  (grants/g.yaml:1:1)\n"));
  EXPECT_THAT(text, HasSubstr("      domain: a  [2Jno changes\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nno changes")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(PlanMarkdown, SaysTheSameAsTheText) {
  Change change{.before = model_of({refund_reader("g")}), .after = model_of({ledger_contract()})};
  change.applier = {.squads = {SquadName("billing")}, .is_platform = false, .may_delete = true};
  change.live.uses = {read_by("petra", "shop.refund", std::chrono::hours(3))};
  change.live.topics[TopicName("free")] = {.partitions = 1, .settings = {}};
  const auto plan = change.plan();
  const std::string use = "read of topic shop.refund by petra (ops), last seen 3 hours ago";
  EXPECT_EQ(as_markdown(plan, kNow),
            "### Plan `" + plan.id +
                "`\n\n"
                "1 to create, 0 to change, 1 to delete; topics: 1 to create, 0 to change.\n\n"
                "**squad billing**\n\n"
                "- `+` contract bill (`contracts/bill.odcs.yaml:1:1`)\n"
                "- `+` topic ledger.bill (`contracts/bill.odcs.yaml:7:58`)\n\n"
                "**squad orders**\n\n"
                "- `-` grant g (`grants/g.yaml:1:1`)\n\n"
                "1 topic that no document declares, not touched: free.\n\n"
                "**Attention**\n\n"
                "- deletes grant g\n"
                "- hits " +
                use +
                ": petra of squad ops may not read topic shop.refund: grant to-probe is requested\n"
                "- refused: needs the consent of squad orders: grant g is its own\n"
                "- refused: grant g is in use and can't be deleted: " +
                use + "\n\nTree `" + plan.tree +
                "`\n(to agree by signature: myelin plan DIR --to-sign FILE, ssh-keygen -Y sign -f KEY -n myelin-plan "
                "FILE)\n");
}

TEST(PlanMarkdown, LetsNoNameOrValueHideTheRestOfThePlan) {
  auto named = refund_reader("g");
  named.text.replace(named.text.find("id: g"), 5, "id: 'g <!--'");
  const Change change{.before = model_of({ledger_contract()}),
                      .after = model_of({named, ledger_contract("domain: '` <!--'\n")})};
  const auto text = as_markdown(change.plan(), kNow);
  EXPECT_THAT(text, HasSubstr("- `+` grant g &lt;!-- (`grants/g.yaml:1:1`)\n"));
  EXPECT_THAT(text, HasSubstr("  - `domain: ' <!--`\n"));
}

}  // namespace
}  // namespace myelin::plan
