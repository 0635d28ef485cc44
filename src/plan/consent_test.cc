#include "plan/consent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/overlay.h"
#include "plan/plan.h"
#include "policy/company_testing.h"

namespace myelin::plan {
namespace {

using policy::kOrg;
using testing::ElementsAre;
using testing::IsEmpty;

using Sources = std::vector<document::Source>;

model::Model with(const model::Model& in_force, Sources given) {
  auto loaded =
      model::load(overlaid(in_force, std::move(given), [](const EntityName& /*entity*/) { return false; }).sources);
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

// What a member of billing lacks who applies the documents to the company: "orders: topic shop.cart ...".
std::vector<std::string> billing_lacks(const model::Model& in_force, Sources given) {
  const Live live;
  const auto plan = made({.base = 1,
                          .before = std::make_shared<const model::Model>(in_force),
                          .after = std::make_shared<const model::Model>(with(in_force, std::move(given))),
                          .settings = {},
                          .live = live,
                          .applier = {.squads = {SquadName("billing")}, .may_delete = true},
                          .left_out = 0});
  std::vector<std::string> lacking;
  for (const auto& consent : plan.missing) {
    lacking.push_back((consent.squad.empty() ? "platform" : consent.squad.text()) + ": " + consent.why);
  }
  return lacking;
}
std::vector<std::string> billing_lacks(Sources given) { return billing_lacks(policy::company(), std::move(given)); }

// The organisation with one piece of it written otherwise.
document::Source org(std::string_view from, std::string_view to) {
  std::string text = kOrg;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return {"org/shop.yaml", text.replace(at, from.size(), to)};
}

document::Source contract(const std::string& id, const std::string& team, const std::string& topic) {
  return {"contracts/" + id + ".odcs.yaml",
          "apiVersion: v3.1.0\nkind: DataContract\nid: " + id + "\nversion: 1.0.0\nstatus: active\n" +
              (team.empty() ? "" : "team: {name: " + team + "}\n") +
              "schema:\n  - {name: x, physicalType: topic, physicalName: " + topic + "}\n"};
}

document::Source product(const std::string& name, const std::string& team, const std::string& contract) {
  return {"products/" + name + ".odps.yaml",
          "apiVersion: v1.0.0\nkind: DataProduct\nid: " + name + "\nstatus: active\nteam: {name: " + team +
              "}\noutputPorts: [{name: main, version: '1', contractId: " + contract + "}]\n"};
}

document::Source direct_grant(const std::string& name, const std::string& over) {
  return {"myelin/" + name + ".yaml", "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: " + name +
                                          "}\nspec: {principal: ledger, operations: [read], " + over + "}\n"};
}

document::Source component(const std::string& name, const std::string& owner, const std::string& annotations) {
  return {"org/" + name + ".yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: " + name +
                                       ", annotations: {" + annotations + "}}\nspec: {owner: " + owner + "}\n"};
}

// What the Component of orders holds.
constexpr const char* kCheckout = R"(myelin.dev/principals: checkout-1, myelin.dev/prefixes: "checkout raw.")";

TEST(Consent, IsNotNeededForWhatASquadOwns) {
  EXPECT_THAT(billing_lacks({contract("bill", "billing", "ledger.bill"), product("bills", "billing", "bill")}),
              IsEmpty());
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: ledger.bill")}), IsEmpty());
  EXPECT_THAT(billing_lacks({org("principals: ledger}", "principals: ledger, myelin.dev/prefixes: ledger.new}")}),
              IsEmpty());
}

TEST(Consent, IsNeededOfTheOwnerOfAChangedContract) {
  EXPECT_THAT(billing_lacks({contract("cart", "orders", "shop.cart-v2")}),
              ElementsAre("platform: nobody holds topic shop.cart-v2", "orders: contract cart is its own"));
}

TEST(Consent, IsNeededOfBothSidesWhenAContractChangesHands) {
  EXPECT_THAT(billing_lacks({contract("cart", "billing", "shop.cart")}),
              ElementsAre("orders: contract cart is its own", "orders: it holds topic shop.cart"));
  EXPECT_THAT(billing_lacks({contract("bill", "orders", "ledger.bill")}),
              ElementsAre("orders: contract bill would be its own"));
}

TEST(Consent, IsNeededForANewContractOverAnothersTopic) {
  EXPECT_THAT(billing_lacks({contract("cart", "orders", "shop.cart-v2"), contract("mine", "billing", "shop.cart")}),
              ElementsAre("platform: nobody holds topic shop.cart-v2", "orders: contract cart is its own",
                          "orders: it holds topic shop.cart"));
}

TEST(Consent, IsNeededForANewContractUnderAnothersPrefix) {
  EXPECT_THAT(billing_lacks({contract("mine", "billing", "raw.events")}),
              ElementsAre("orders: it holds topic raw.events"));
}

TEST(Consent, IsNeededOfThePlatformGroupForANameThatNobodyHolds) {
  EXPECT_THAT(billing_lacks({contract("mine", "billing", "free.events")}),
              ElementsAre("platform: nobody holds topic free.events"));
}

TEST(Consent, IsNeededForAProductWhosePortNamesAnothersContract) {
  EXPECT_THAT(billing_lacks({contract("cart", "", "shop.cart"), product("mine", "billing", "cart")}),
              ElementsAre("orders: contract cart is its own", "orders: it holds topic shop.cart"));
}

TEST(Consent, IsNeededForAProductThatTakesAContractWithoutATeam) {
  const auto in_force =
      with(policy::company(), {contract("cart", "", "shop.cart"), product("carts", "orders", "cart")});
  EXPECT_THAT(billing_lacks(in_force, {product("carts", "billing", "cart")}),
              ElementsAre("orders: it holds topic shop.cart", "orders: product carts is its own"));
}

TEST(Consent, IsNeededToGiveAProductAway) {
  const auto in_force =
      with(policy::company(), {contract("bill", "", "ledger.bill"), product("bills", "billing", "bill")});
  EXPECT_THAT(billing_lacks(in_force, {product("bills", "orders", "bill")}),
              ElementsAre("orders: product bills would be its own"));
}

TEST(Consent, IsNeededOfThePlatformGroupForANewPrefix) {
  EXPECT_THAT(billing_lacks({org("principals: ledger}", "principals: ledger, myelin.dev/prefixes: ledger free.}")}),
              ElementsAre("platform: prefix free. is new"));
  EXPECT_THAT(billing_lacks({component("statements", "billing", "")}),
              ElementsAre("platform: prefix statements is new"));
}

TEST(Consent, IsNeededForAPrefixThatIsWiderThanItsOwn) {
  const auto in_force = with(policy::company(), {component("bills", "billing", "myelin.dev/prefixes: bills.")});
  EXPECT_THAT(billing_lacks(in_force, {component("bills", "billing", "myelin.dev/prefixes: bills")}),
              ElementsAre("platform: prefix bills is new"));
  EXPECT_THAT(billing_lacks(in_force, {component("bills", "billing", "myelin.dev/prefixes: bills.2026")}), IsEmpty());
}

TEST(Consent, IsNeededOfTheHolderToMoveAPrefix) {
  EXPECT_THAT(billing_lacks({org(kCheckout, "myelin.dev/principals: checkout-1"),
                             component("mine", "billing", "myelin.dev/prefixes: raw.")}),
              ElementsAre("orders: application checkout is its own", "orders: it holds prefix raw."));
}

TEST(Consent, IsNeededOfTheHolderForAPrefixWithinItsOwn) {
  EXPECT_THAT(billing_lacks({org(kCheckout, "myelin.dev/principals: checkout-1"),
                             component("mine", "billing", "myelin.dev/prefixes: raw.events")}),
              ElementsAre("orders: application checkout is its own", "orders: it holds prefix raw.events"));
}

TEST(Consent, IsNeededOfThePlatformGroupForANewPrincipal) {
  EXPECT_THAT(billing_lacks({org("principals: ledger}", "principals: 'ledger, ledger-2'}")}),
              ElementsAre("platform: principal ledger-2 is new"));
}

TEST(Consent, IsNeededOfTheHolderToMoveAPrincipal) {
  EXPECT_THAT(
      billing_lacks({org(kCheckout, R"(myelin.dev/prefixes: "checkout raw.")"),
                     component("mine", "billing", "myelin.dev/prefixes: '', myelin.dev/principals: checkout-1")}),
      ElementsAre("orders: application checkout is its own", "orders: it holds principal checkout-1"));
}

TEST(Consent, IsNotNeededToMoveAPrincipalWithinASquad) {
  EXPECT_THAT(billing_lacks({org("principals: ledger}", "prefixes: ledger}"),
                             component("mine", "billing", "myelin.dev/prefixes: '', myelin.dev/principals: ledger")}),
              IsEmpty());
}

TEST(Consent, IsNeededToTakeAPersonsNameForAnApplication) {
  const auto in_force = with(policy::company(), {{"org/pat.yaml",
                                                  "apiVersion: backstage.io/v1alpha1\nkind: User\n"
                                                  "metadata: {name: pat}\nspec: {memberOf: [ops]}\n"}});
  EXPECT_THAT(
      billing_lacks(in_force, {component("pat", "billing", "myelin.dev/prefixes: '', myelin.dev/principals: pat"),
                               {"org/pat.yaml", "# nobody\n"}}),
      ElementsAre("platform: only the platform group changes a user", "platform: principal pat is new"));
}

TEST(Consent, IsNeededOfBothSidesWhenAnApplicationChangesHands) {
  EXPECT_THAT(
      billing_lacks({org("checkout raw.\"}}\nspec: {owner: orders}", "checkout raw.\"}}\nspec: {owner: billing}")}),
      ElementsAre("orders: application checkout is its own", "orders: it holds prefix checkout",
                  "orders: it holds prefix raw.", "orders: it holds principal checkout-1"));
}

TEST(Consent, IsNeededForAGrantOfAnothersProduct) {
  EXPECT_THAT(billing_lacks({{"grants/mine.yaml", policy::grant("mine", "order",
                                                                "status: approved\nconsumer: {teamId: "
                                                                "billing}\n")}}),
              ElementsAre("orders: grant mine would be its own"));
}

TEST(Consent, IsNeededOfTheOwnerToChangeAGrantThatOneHolds) {
  EXPECT_THAT(billing_lacks({{"grants/c.yaml", policy::grant("to-probe", "refund",
                                                             "status: approved\nconsumer: {teamId: "
                                                             "billing}\n")}}),
              ElementsAre("orders: grant to-probe is its own"));
}

TEST(Consent, IsNeededForAGrantTogetherWithTheProductThatWouldMakeItOnesOwn) {
  const std::string grant =
      "apiVersion: v0.9.0\nkind: AccessAgreement\nid: mine\nstatus: approved\ndescription: {purpose: test}\n"
      "provider: {teamId: billing, dataProductId: mine, outputPortId: main}\nconsumer: {userId: bert}\n";
  EXPECT_THAT(
      billing_lacks(
          {contract("cart", "billing", "shop.cart"), product("mine", "billing", "cart"), {"grants/mine.yaml", grant}}),
      ElementsAre("orders: contract cart is its own", "orders: it holds topic shop.cart"));
}

TEST(Consent, IsNeededOfThePlatformGroupToStandForASquadThatIsGone) {
  EXPECT_THAT(billing_lacks({org("metadata: {name: billing, annotations: {myelin.dev/domain: shop}}",
                                 "metadata: {name: billing, annotations: {myelin.dev/domain: shop, "
                                 "myelin.dev/formerly: tax}}")}),
              ElementsAre("platform: what was squad tax would be its own"));
}

TEST(Consent, IsNeededOfThePlatformGroupToAddAMember) {
  EXPECT_THAT(
      billing_lacks({org("metadata: {name: billing, annotations: {myelin.dev/domain: shop}}\nspec: {type: team}",
                         "metadata: {name: billing, annotations: {myelin.dev/domain: shop}}\nspec: {type: team, "
                         "members: [bert, olga]}")}),
      ElementsAre("platform: olga becomes a member"));
  EXPECT_THAT(billing_lacks({org("memberOf: [billing]", "memberOf: [billing, ops]")}),
              ElementsAre("platform: only the platform group changes a user"));
}

TEST(Consent, IsNeededOfThePlatformGroupForASquadThatComesGoesOrMoves) {
  const std::string squad =
      "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: refunds, annotations: "
      "{myelin.dev/domain: shop}}\nspec: {type: team, members: [bert]}\n";
  EXPECT_THAT(billing_lacks({{"org/refunds.yaml", squad}}), ElementsAre("platform: a squad comes or goes"));
  EXPECT_THAT(billing_lacks(with(policy::company(), {{"org/refunds.yaml", squad}}), {{"org/refunds.yaml", "# none\n"}}),
              ElementsAre("platform: a squad comes or goes"));
}

TEST(Consent, IsNeededOfThePlatformGroupWhenADepartmentBecomesASquad) {
  const std::string department =
      "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: sales, annotations: "
      "{myelin.dev/domain: shop}}\nspec: {type: department, members: [bert]}\n";
  auto squad = department;
  squad.replace(squad.find("department"), 10, "team");
  EXPECT_THAT(billing_lacks(with(policy::company(), {{"org/sales.yaml", department}}), {{"org/sales.yaml", squad}}),
              ElementsAre("platform: a squad comes or goes"));
}

TEST(Consent, IsNotNeededToRewordOnesOwnSquad) {
  EXPECT_THAT(billing_lacks({org("{name: billing, ", "{name: billing, title: Bills, ")}), IsEmpty());
  EXPECT_THAT(billing_lacks({org("{name: orders, ", "{name: orders, title: Orders, ")}),
              ElementsAre("orders: squad orders is its own"));
}

// Who could register a key for somebody, be it for themselves, could approve in that person's name.
TEST(Consent, IsNeededOfThePlatformGroupToRegisterAKey) {
  const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP9ixHzy0zADHmqPjsxZi5euoRnRd5JX+tLvktXgGx4e";
  for (const std::string name : {"bert", "olga"}) {
    EXPECT_THAT(
        billing_lacks({org("metadata: {name: " + name + "}",
                           "metadata: {name: " + name + ", annotations: {myelin.dev/signing-keys: " + key + "}}")}),
        ElementsAre("platform: only the platform group changes a user"));
  }
}

TEST(Consent, IsNeededToReorderAPersonsSquads) {
  const auto user = [](const char* squads) {
    return document::Source{"org/pat.yaml",
                            std::string("apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: "
                                        "pat}\nspec: {memberOf: ") +
                                squads + "}\n"};
  };
  const auto in_force = with(policy::company(), {user("[billing, orders]")});
  EXPECT_THAT(billing_lacks(in_force, {user("[orders, billing]")}),
              ElementsAre("platform: only the platform group changes a user"));
}

TEST(Consent, IsNeededOfThePlatformGroupForThePolicyAndDomains) {
  EXPECT_THAT(billing_lacks({{"myelin/policy.yaml",
                              "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: "
                              "shop}\nspec: {platform_group: billing}\n"}}),
              ElementsAre("platform: only the platform group changes a policy"));
  EXPECT_THAT(billing_lacks({org("metadata: {name: shop}", "metadata: {name: shop}\nspec: {owner: billing}")}),
              ElementsAre("platform: only the platform group changes a domain"));
}

document::Source accountability(const std::string& spec) {
  return {"myelin/accountability.yaml",
          "apiVersion: myelin.dev/v1alpha1\nkind: AccountabilityModel\nmetadata: {name: shop}\nspec: {" + spec + "}\n"};
}

document::Source policy(const std::string& platform_group, const std::string& undeclared) {
  return {"myelin/policy.yaml",
          "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: shop}\nspec: "
          "{platform_group: " +
              platform_group + ", undeclared_topics: " + undeclared + "}\n"};
}

TEST(Consent, IsNeededOfTheSteeringSquadForWhatHoldsForEverybody) {
  const auto in_force = with(policy::company(), {accountability("steering: orders")});
  EXPECT_THAT(billing_lacks(in_force, {policy("ops", "report")}),
              ElementsAre("orders: it steers, and so decides on a policy"));
  EXPECT_THAT(billing_lacks(in_force, {policy("billing", "closed")}),
              ElementsAre("platform: another squad would be the platform group",
                          "orders: it steers, and so decides on a policy"));
  EXPECT_THAT(
      billing_lacks(in_force, {org("metadata: {name: shop}", "metadata: {name: shop}\nspec: {owner: billing}")}),
      ElementsAre("orders: it steers, and so decides on a domain"));
}

TEST(Consent, IsNeededOfWhoIsCalledAndWhoWouldBeByAnotherAccountabilityModel) {
  const auto in_force = with(policy::company(), {accountability("governance: orders")});
  EXPECT_THAT(billing_lacks(in_force, {accountability("governance: billing")}),
              ElementsAre("orders: it is called for security now"));
  EXPECT_THAT(billing_lacks({accountability("governance: orders")}),
              ElementsAre("ops: it is called for security now", "orders: it would be called for security"));
}

TEST(Consent, IsNeededOfThePlatformGroupOrTheSteeringSquadWhenNobodyElseIsCalled) {
  EXPECT_THAT(billing_lacks({accountability("facilitation: billing")}),
              ElementsAre("platform: only the platform group changes an accountability model"));
  EXPECT_THAT(billing_lacks({accountability("steering: billing")}),
              ElementsAre("platform: only the platform group changes an accountability model"));
  EXPECT_THAT(billing_lacks(with(policy::company(), {accountability("steering: orders")}),
                            {accountability("steering: billing")}),
              ElementsAre("orders: it steers, and so decides on an accountability model"));
}

TEST(ConsentToADirectGrant, IsNeededOfTheOwnerOfTheTopic) {
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: shop.cart")}),
              ElementsAre("orders: it holds topic shop.cart"));
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: raw.events")}),
              ElementsAre("orders: it holds topic raw.events"));
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: free")}),
              ElementsAre("platform: nobody holds topic free"));
}

TEST(ConsentToADirectGrant, IsJudgedByWhoOwnsTheNameBeforeTheApply) {
  EXPECT_THAT(
      billing_lacks({contract("cart", "billing", "shop.cart"), direct_grant("g", "resource: topic, name: shop.cart")}),
      ElementsAre("orders: contract cart is its own", "orders: it holds topic shop.cart"));
  EXPECT_THAT(billing_lacks({component("free", "billing", ""), direct_grant("g", "resource: group, name: free")}),
              ElementsAre("platform: nobody holds group free", "platform: prefix free is new"));
}

TEST(ConsentToADirectGrant, IsNeededToMakeItOverAnotherName) {
  const auto in_force = with(policy::company(), {direct_grant("g", "resource: topic, name: ledger.bill")});
  EXPECT_THAT(billing_lacks(in_force, {direct_grant("g", "resource: topic, name: shop.cart")}),
              ElementsAre("orders: it holds topic shop.cart"));
}

TEST(ConsentToADirectGrant, IsNeededOfTheOwnerToChangeOrDeleteIt) {
  const auto in_force = with(policy::company(), {direct_grant("g", "resource: topic, name: shop.cart")});
  EXPECT_THAT(billing_lacks(in_force, {direct_grant("g", "resource: topic, name: ledger.bill")}),
              ElementsAre("orders: direct grant g is its own"));
  EXPECT_THAT(billing_lacks(in_force, {{"myelin/g.yaml", "# none\n"}}),
              ElementsAre("orders: direct grant g is its own"));
}

TEST(ConsentToADirectGrant, OverAPrefixIsNeededOfEverybodyWhoOwnsANameWithIt) {
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: shop., pattern: prefixed")}),
              ElementsAre("platform: nobody holds all names that begin with shop.", "orders: it holds topic shop.cart",
                          "orders: it holds topic shop.order", "orders: it holds topic shop.refund"));
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: group, name: ra, pattern: prefixed")}),
              ElementsAre("platform: nobody holds all names that begin with ra", "orders: it holds prefix raw."));
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: raw.ev, pattern: prefixed")}),
              ElementsAre("orders: it holds names that begin with raw.ev"));
}

TEST(ConsentToADirectGrant, OverAPrefixIsNeededWhereItIsWiderThanOnesOwn) {
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: ledger, pattern: prefixed")}),
              ElementsAre("platform: nobody holds all names that begin with ledger"));  // "ledgers"
  EXPECT_THAT(billing_lacks({direct_grant("g", "resource: topic, name: ledger., pattern: prefixed")}), IsEmpty());
}

// Of a topic that orders let billing declare, below the prefix of orders.
model::Model with_a_lent_topic() { return with(policy::company(), {contract("lent", "billing", "raw.lent")}); }

TEST(ConsentToADirectGrant, OverAPrefixIsNotGivenByWhoOwnsATopicOfThatName) {
  EXPECT_THAT(
      billing_lacks(with_a_lent_topic(), {direct_grant("g", "resource: topic, name: raw.lent, pattern: prefixed")}),
      ElementsAre("orders: it holds names that begin with raw.lent"));
}

TEST(ConsentToADirectGrant, OverAGroupIsNotGivenByWhoOwnsATopicOfThatName) {
  EXPECT_THAT(billing_lacks(with_a_lent_topic(), {direct_grant("g", "resource: group, name: raw.lent")}),
              ElementsAre("orders: it holds group raw.lent"));
  EXPECT_THAT(
      billing_lacks(with_a_lent_topic(), {{"myelin/g.yaml",
                                           "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: g}\n"
                                           "spec: {principal: ledger, operations: [write], resource: "
                                           "transactional_id, name: raw.lent}\n"}}),
      ElementsAre("orders: it holds transactional id raw.lent"));
  EXPECT_THAT(billing_lacks(with_a_lent_topic(), {direct_grant("g", "resource: topic, name: raw.lent")}), IsEmpty());
}

TEST(ConsentToADirectGrant, OverAPrefixIsNeededOfWhoeverDeclaredATopicBelowIt) {
  const auto before = with_a_lent_topic();
  const auto after = with(before, {direct_grant("t", "resource: topic, name: raw., pattern: prefixed"),
                                   direct_grant("g", "resource: group, name: raw., pattern: prefixed")});
  const Consent of_all{SquadName("orders"), "it holds names that begin with raw."};
  const Consent of_prefix{SquadName("orders"), "it holds prefix raw."};
  EXPECT_THAT(consents_for({EntityKind::DirectGrant, "t"}, before, after),
              ElementsAre(Consent{SquadName("billing"), "it holds topic raw.lent"}, of_all, of_prefix));
  EXPECT_THAT(consents_for({EntityKind::DirectGrant, "g"}, before, after), ElementsAre(of_all, of_prefix));
}

document::Source profile(const std::string& name, const std::string& squad) {
  return {"myelin/" + name + ".yaml", "apiVersion: myelin.dev/v1alpha1\nkind: TeamProfile\nmetadata: {name: " + name +
                                          "}\nspec: {squad: " + squad + ", type: stream-aligned}\n"};
}

TEST(ConsentToAProfile, IsTheSquadsThatItDescribes) {
  EXPECT_THAT(billing_lacks({profile("us", "billing")}), IsEmpty());
  EXPECT_THAT(billing_lacks({profile("them", "orders")}), ElementsAre("orders: team profile them would be its own"));
  EXPECT_THAT(billing_lacks(with(policy::company(), {profile("us", "orders")}), {profile("us", "billing")}),
              ElementsAre("orders: team profile us is its own"));
}

TEST(Handovers, AreOfWhatIsInBothModelsAndChangesHands) {
  const auto before = with(policy::company(), {profile("us", "orders")});
  const auto after = with(before, {profile("us", "billing"), contract("cart", "billing", "shop.cart"),
                                   contract("new", "billing", "ledger.new")});
  std::vector<std::string> told;
  for (const auto& one : handovers(before, after)) {
    told.push_back(one.entity.text() + ": " + one.before.text() + " > " + one.after.text());
  }
  EXPECT_THAT(told, ElementsAre("contract cart: orders > billing", "team profile us: orders > billing"));
  EXPECT_THAT(handovers(before, before), IsEmpty());
}

TEST(SquadOf, FollowsATopicToItsOwner) {
  const auto model = with(with_a_lent_topic(), {direct_grant("g", "resource: topic, name: raw.lent"),
                                                direct_grant("h", "resource: group, name: raw.lent")});
  const auto squad = [&](EntityKind kind, const char* name) { return squad_of({kind, name}, model).text(); };
  EXPECT_EQ(squad(EntityKind::Contract, "order"), "orders");
  EXPECT_EQ(squad(EntityKind::Contract, "lent"), "billing");
  EXPECT_EQ(squad(EntityKind::Product, "orders"), "orders");
  EXPECT_EQ(squad(EntityKind::Grant, "to-billing"), "orders");
  EXPECT_EQ(squad(EntityKind::Application, "ledger"), "billing");
  EXPECT_EQ(squad(EntityKind::User, "bert"), "billing");
  EXPECT_EQ(squad(EntityKind::DirectGrant, "g"), "billing");
  EXPECT_EQ(squad(EntityKind::DirectGrant, "h"), "orders");
  EXPECT_EQ(squad(EntityKind::Policy, "shop"), "");
  EXPECT_EQ(squad(EntityKind::Contract, "unheard-of"), "");
}

TEST(ConsentsFor, NamesTheSquadsOnEitherSideSortedAndOnce) {
  const auto before = policy::company();
  const auto after = with(before, {contract("cart", "billing", "shop.cart")});
  EXPECT_THAT(consents_for({EntityKind::Contract, "cart"}, before, after),
              ElementsAre(Consent{SquadName("billing"), "contract cart would be its own"},
                          Consent{SquadName("orders"), "contract cart is its own"},
                          Consent{SquadName("orders"), "it holds topic shop.cart"}));
}

}  // namespace
}  // namespace myelin::plan
