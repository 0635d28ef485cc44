#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/company_testing.h"
#include "policy/snapshot.h"

namespace myelin::policy {
namespace {

using testing::HasSubstr;

class Decide : public testing::Test {
 protected:
  void settings(const Settings& with) {
    snapshot_ = Snapshot::build(std::make_shared<const model::Model>(company()), with);
  }
  Decision decide(const char* principal, Operation operation, Resource resource, const char* on = "2026-03-01") const {
    return snapshot_->decide(snapshot_->subject(PrincipalName(principal)), operation, resource, day(on));
  }
  // "rwcdai": the operations that are allowed, in capitals where they are only reported: read, write, create, delete,
  // alter, describe (i: sees it).
  std::string allowed(const char* principal, Resource resource) const {
    std::string letters;
    const std::pair<Operation, char> operations[] = {{Operation::Read, 'r'},   {Operation::Write, 'w'},
                                                     {Operation::Create, 'c'}, {Operation::Delete, 'd'},
                                                     {Operation::Alter, 'a'},  {Operation::Describe, 'i'}};
    for (const auto& [operation, letter] : operations) {
      const Decision decision = decide(principal, operation, resource);
      if (!decision.allowed) continue;
      letters += static_cast<char>(decision.would_deny ? letter - 'a' + 'A' : letter);
    }
    return letters;
  }
  static Resource topic(std::string_view name) { return {ResourceKind::Topic, name}; }
  static Resource group(std::string_view name) { return {ResourceKind::Group, name}; }
  static Resource id(std::string_view name) { return {ResourceKind::TransactionalId, name}; }

  std::shared_ptr<const Snapshot> snapshot_ =
      Snapshot::build(std::make_shared<const model::Model>(company()), Settings{});
};

TEST_F(Decide, LetsTheOwnerSquadDoEverythingWithItsTopics) {
  for (const char* owned : {"shop.order", "shop.cart", "checkout-changelog", "raw.events"}) {
    EXPECT_EQ(allowed("checkout-1", topic(owned)), "rwcdai") << owned;
    EXPECT_EQ(allowed("olga", topic(owned)), "rwcdai") << owned;
  }
  EXPECT_EQ(decide("checkout-1", Operation::Write, topic("shop.order")).reason, Reason::Owner);
}

TEST_F(Decide, LetsALiveGrantReadAndSeeAndNothingElse) {
  EXPECT_EQ(allowed("invoicer", topic("shop.order")), "ri");
  EXPECT_EQ(decide("invoicer", Operation::Read, topic("shop.order")).reason, Reason::Grant);
  EXPECT_EQ(decide("invoicer", Operation::Write, topic("shop.order")).reason, Reason::NotOwner);
}

std::string direct_grant(const char* name, const char* rest) {
  return std::string("apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: ") + name +
         "}\nspec: {principal: ledger, " + rest + "}\n";
}

TEST_F(Decide, LetsADirectGrantDoWhatItSaysAndDescribe) {
  snapshot_ = Snapshot::build(
      std::make_shared<const model::Model>(company(
          {{"myelin/a.yaml", direct_grant("a", "resource: topic, name: shop.order, operations: [write]")},
           {"myelin/b.yaml", direct_grant("b", "resource: topic, name: raw., pattern: prefixed, operations: [all]")},
           {"myelin/c.yaml", direct_grant("c", "resource: group, name: checkout, operations: [read]")},
           {"myelin/d.yaml", direct_grant("d", "resource: topic, name: shop.cart, operations: [create]")}})),
      Settings{});
  EXPECT_EQ(allowed("ledger", topic("shop.order")), "wi");
  EXPECT_EQ(allowed("ledger", topic("raw.events")), "rwcdai");
  EXPECT_EQ(allowed("ledger", topic("raw")), "");
  EXPECT_EQ(allowed("ledger", group("checkout")), "ri");
  EXPECT_EQ(allowed("ledger", group("checkout-1")), "");
  EXPECT_EQ(allowed("ledger", id("checkout")), "");
  EXPECT_EQ(allowed("ledger", topic("shop.cart")), "c");
  EXPECT_EQ(allowed("bert", topic("raw.events")), "");  // of the same squad
  const auto decision = decide("ledger", Operation::Write, topic("shop.order"));
  EXPECT_EQ(decision.reason, Reason::DirectGrant);
  const auto told =
      snapshot_->explain(snapshot_->subject(PrincipalName("ledger")), Operation::Write, topic("shop.order"), decision);
  EXPECT_EQ(told.text, "ledger of squad billing may write topic shop.order: direct grant a");
  EXPECT_EQ(told.place->text(), "myelin/a.yaml:3:18");
}

TEST_F(Decide, CountsWhatADirectGrantGivesAsAllowedWhereRulesOnlyReport) {
  const auto made = std::make_shared<const DirectGrants>(DirectGrants{
      {{PrincipalName("ledger"), model::RightResource::Topic, "shop.order", false, model::RightOperation::Write},
       {},
       {},
       PrincipalName("olga"),
       {}}});
  snapshot_ = Snapshot::build(std::make_shared<const model::Model>(company()),
                              {.authorise = Authorise::Report, .made_grants = made});
  EXPECT_EQ(allowed("ledger", topic("shop.order")), "Rwi");
}

TEST_F(Decide, GivesAnApplicationsGrantToNobodyElseOfItsSquad) {
  EXPECT_EQ(allowed("ledger", topic("shop.order")), "");
  EXPECT_EQ(allowed("bert", topic("shop.order")), "");
  EXPECT_EQ(decide("ledger", Operation::Read, topic("shop.order")).reason, Reason::NoGrant);
}

TEST_F(Decide, GivesASquadsGrantToItsApplicationsAndMembers) {
  for (const char* consumer : {"invoicer", "ledger", "bert"}) EXPECT_EQ(allowed(consumer, topic("shop.refund")), "ri");
}

TEST_F(Decide, GivesAPersonsGrantToThatPersonOnly) {
  EXPECT_EQ(allowed("petra", topic("shop.order")), "ri");
  EXPECT_EQ(allowed("probe", topic("shop.order")), "");
}

TEST_F(Decide, CountsAGrantFromItsStartUntilTheEndOfItsLastDay) {
  const auto reason = [&](const char* on) {
    return decide("invoicer", Operation::Read, topic("shop.order"), on).reason;
  };
  EXPECT_EQ(reason("2025-12-31"), Reason::GrantNotLive);
  EXPECT_EQ(reason("2026-01-01"), Reason::Grant);
  EXPECT_EQ(reason("2026-06-30"), Reason::Grant);
  EXPECT_EQ(reason("2026-07-01"), Reason::GrantNotLive);
}

TEST_F(Decide, TakesAGrantForLiveOnlyAtBothTimesOfAMoment) {
  const auto reason = [&](const char* reached, const char* latest) {
    const auto subject = snapshot_->subject(PrincipalName("invoicer"));
    return snapshot_->decide(subject, Operation::Read, topic("shop.order"), {day(reached), day(latest)}).reason;
  };
  EXPECT_EQ(reason("2026-01-01", "2026-06-30"), Reason::Grant);
  EXPECT_EQ(reason("2025-12-31", "2026-03-01"), Reason::GrantNotLive) << "only a clock that is ahead says it has begun";
  EXPECT_EQ(reason("2026-03-01", "2036-03-01"), Reason::GrantNotLive) << "a clock that is ahead says it is over";
}

TEST_F(Decide, TakesARequestedGrantForNone) {
  EXPECT_EQ(decide("probe", Operation::Read, topic("shop.refund")).reason, Reason::GrantNotLive);
  EXPECT_FALSE(decide("probe", Operation::Read, topic("shop.refund")).allowed);
}

TEST_F(Decide, HidesTopicsFromEverybodyElse) {
  for (const char* stranger : {"invoicer", "probe", "bert", "nobody-knows-me"}) {
    EXPECT_EQ(allowed(stranger, topic("shop.cart")), "") << stranger;
    EXPECT_EQ(allowed(stranger, topic("checkout-changelog")), "") << stranger;
  }
}

TEST_F(Decide, ShowsThePlatformEveryTopicButItsContent) {
  EXPECT_EQ(allowed("petra", topic("shop.cart")), "i");
  EXPECT_EQ(allowed("petra", topic("checkout-changelog")), "i");
}

TEST_F(Decide, GivesThePlatformWhatNobodyOwns) {
  EXPECT_EQ(allowed("petra", topic("undeclared")), "rwcdai");
  EXPECT_EQ(allowed("petra", group("undeclared")), "rwcdai");
  EXPECT_EQ(allowed("petra", id("undeclared")), "rwcdai");
  EXPECT_EQ(allowed("petra", Resource::cluster()), "rwcdai");
}

TEST_F(Decide, TakesPeopleOnlyForThePlatform) {
  EXPECT_FALSE(snapshot_->subject(PrincipalName("probe")).platform);
  EXPECT_EQ(allowed("probe", Resource::cluster()), "");
  EXPECT_EQ(allowed("probe", topic("undeclared")), "");
}

TEST_F(Decide, TakesWhoeverEnrolledFirstForThePlatformToo) {
  settings({.platform_principals = {PrincipalName("first"), PrincipalName("olga")}});
  EXPECT_EQ(allowed("first", Resource::cluster()), "rwcdai");
  EXPECT_EQ(allowed("olga", Resource::cluster()), "rwcdai");
  EXPECT_EQ(allowed("olga", topic("shop.order")), "rwcdai");
}

TEST_F(Decide, RefusesUndeclaredTopicsToAllButThePlatform) {
  for (const char* principal : {"checkout-1", "olga", "nobody-knows-me"}) {
    EXPECT_EQ(allowed(principal, topic("undeclared")), "") << principal;
  }
  EXPECT_EQ(decide("olga", Operation::Read, topic("undeclared")).reason, Reason::Undeclared);
}

TEST_F(Decide, GivesGroupsAndTransactionalIdsToThePrefixOwnerOnly) {
  for (const Resource& owned : {group("checkout"), group("checkout-v2"), id("checkout-tx-0"), group("raw.x")}) {
    EXPECT_EQ(allowed("checkout-1", owned), "rwcdai") << owned.name;
    EXPECT_EQ(allowed("olga", owned), "rwcdai") << owned.name;
    EXPECT_EQ(allowed("invoicer", owned), "") << owned.name;
    EXPECT_EQ(allowed("nobody-knows-me", owned), "") << owned.name;
    EXPECT_EQ(allowed("petra", owned), "i") << owned.name;
  }
  EXPECT_EQ(allowed("checkout-1", group("checkoutx")), "");
  EXPECT_EQ(decide("invoicer", Operation::Read, group("checkout")).reason, Reason::NotOwner);
}

TEST_F(Decide, LeavesTheClusterToThePlatformInEveryModeThatOnlyReports) {
  for (const Settings& mode :
       {Settings{}, Settings{.authorise = Authorise::Report, .undeclared_topics = model::UndeclaredTopics::Report}}) {
    settings(mode);
    for (const char* principal : {"checkout-1", "olga", "nobody-knows-me"}) {
      EXPECT_EQ(allowed(principal, Resource::cluster()), "") << principal;
    }
    EXPECT_EQ(allowed("petra", Resource::cluster()), "rwcdai");
  }
}

TEST_F(Decide, KeepsInternalTopicsFromEverybodyInEveryMode) {
  for (const Settings& mode :
       {Settings{}, Settings{.authorise = Authorise::Report, .undeclared_topics = model::UndeclaredTopics::Report},
        Settings{.dev_mode = true}}) {
    settings(mode);
    for (const char* principal : {"checkout-1", "olga", "nobody-knows-me", "(anonymous)"}) {
      EXPECT_EQ(allowed(principal, topic("__consumer_offsets")), "") << principal;
    }
    EXPECT_EQ(allowed("petra", topic("__myelin_state")), "ri");
  }
}

TEST_F(Decide, ReportsInsteadOfDenyingReadsAndWritesOfDeclaredTopicsOnly) {
  settings({.authorise = Authorise::Report});
  EXPECT_EQ(allowed("ledger", topic("shop.order")), "RWi");
  EXPECT_EQ(allowed("nobody-knows-me", topic("shop.cart")), "RWi");
  EXPECT_EQ(allowed("invoicer", topic("shop.order")), "rWi");
  EXPECT_EQ(allowed("checkout-1", topic("shop.order")), "rwcdai");
  EXPECT_EQ(allowed("petra", topic("shop.cart")), "RWi");
  EXPECT_EQ(allowed("ledger", topic("checkout-changelog")), "");
  EXPECT_EQ(allowed("ledger", topic("undeclared")), "");
  EXPECT_EQ(allowed("ledger", group("checkout")), "");
  EXPECT_EQ(allowed("ledger", id("checkout")), "");
  EXPECT_EQ(allowed("ledger", Resource::cluster()), "");
  EXPECT_EQ(decide("ledger", Operation::Read, topic("shop.order")).reason, Reason::ReportedDenial);
}

TEST_F(Decide, ReportsUndeclaredTopicsWithoutLettingAnybodyChangeThem) {
  settings({.undeclared_topics = model::UndeclaredTopics::Report});
  EXPECT_EQ(allowed("nobody-knows-me", topic("legacy.export")), "RWCi");
  EXPECT_EQ(allowed("nobody-knows-me", group("legacy")), "") << "groups and ids have prefix owners only";
  EXPECT_EQ(allowed("nobody-knows-me", id("legacy")), "");
  EXPECT_EQ(allowed("nobody-knows-me", topic("shop.order")), "");
  EXPECT_EQ(allowed("nobody-knows-me", topic("checkout-changelog")), "");
  EXPECT_EQ(allowed("nobody-knows-me", group("checkout")), "");
  EXPECT_EQ(decide("nobody-knows-me", Operation::Write, topic("legacy.export")).reason, Reason::ReportedUndeclared);
}

TEST_F(Decide, AllowsEverythingButInternalTopicsInDevelopmentMode) {
  settings({.dev_mode = true});
  for (const Resource& resource : {topic("shop.order"), topic("new"), group("any"), id("any"), Resource::cluster()}) {
    EXPECT_EQ(allowed("(anonymous)", resource), "rwcdai") << resource.name;
  }
}

TEST_F(Decide, KnowsWhatStandsBehindASubject) {
  const Subject invoicer = snapshot_->subject(PrincipalName("invoicer"));
  EXPECT_TRUE(invoicer.known);
  EXPECT_EQ(invoicer.application, ApplicationName("invoicer"));
  EXPECT_EQ(invoicer.squad, SquadName("billing"));
  EXPECT_EQ(invoicer.domain, DomainName("shop"));
  const Subject unknown = snapshot_->subject(PrincipalName("nobody-knows-me"));
  EXPECT_FALSE(unknown.known);
  EXPECT_EQ(unknown.squad, SquadName());
}

TEST_F(Decide, NamesTheOwnerOfATopic) {
  EXPECT_EQ(snapshot_->owner_of_topic("shop.order"), SquadName("orders"));
  EXPECT_EQ(snapshot_->owner_of_topic("invoicer-changelog"), SquadName("billing"));
  EXPECT_EQ(snapshot_->owner_of_topic("undeclared"), SquadName());
}

TEST_F(Decide, LooksQuotasUpPerSquadAndFallsBackToTheDefault) {
  const model::Quota& billing = snapshot_->quota(SquadName("billing"));
  EXPECT_EQ(billing.connections_max, 3U);
  EXPECT_EQ(billing.produce_bytes_per_second, 5U);
  EXPECT_EQ(billing.fetch_bytes_per_second, 100U);
  EXPECT_EQ(snapshot_->quota(SquadName("orders")).connections_max, 10U);
  EXPECT_EQ(snapshot_->quota(SquadName()).produce_bytes_per_second, std::nullopt);
}

TEST_F(Decide, ExplainsEachAnswerWithTheDocumentThatSaysSo) {
  const auto explain = [&](const char* principal, Operation operation, Resource resource,
                           const char* on = "2026-03-01") {
    const Subject subject = snapshot_->subject(PrincipalName(principal));
    const Explanation explanation =
        snapshot_->explain(subject, operation, resource, snapshot_->decide(subject, operation, resource, day(on)));
    return explanation.text + (explanation.place ? " [" + explanation.place->text() + "]" : "");
  };
  EXPECT_EQ(
      explain("checkout-1", Operation::Write, topic("shop.order")),
      "checkout-1 of squad orders may write topic shop.order: squad orders owns it [products/orders.odps.yaml:3:5]");
  EXPECT_EQ(explain("invoicer", Operation::Read, topic("shop.order")),
            "invoicer of squad billing may read topic shop.order: grant to-invoicer [grants/a.yaml:3:5]");
  EXPECT_EQ(explain("invoicer", Operation::Read, topic("shop.order"), "2026-08-01"),
            "invoicer of squad billing may not read topic shop.order: grant to-invoicer is valid from 2026-01-01 until "
            "2026-07-01 [grants/a.yaml:3:5]");
  EXPECT_EQ(explain("probe", Operation::Read, topic("shop.refund")),
            "probe of squad ops may not read topic shop.refund: grant to-probe is requested [grants/c.yaml:3:5]");
  EXPECT_EQ(
      explain("ledger", Operation::Read, topic("shop.order")),
      "ledger of squad billing may not read topic shop.order: no grant; ask squad orders for one on product orders "
      "[products/orders.odps.yaml:3:5]");
  EXPECT_EQ(
      explain("ledger", Operation::Read, topic("shop.cart")),
      "ledger of squad billing may not read topic shop.cart: no grant; squad orders owns it and offers it through "
      "no data product [contracts/cart.odcs.yaml:6:14]");
  EXPECT_EQ(explain("ledger", Operation::Read, group("checkout")),
            "ledger of squad billing may not read group checkout: squad orders owns it [org/shop.yaml:38:18]");
  EXPECT_EQ(explain("ghost", Operation::Write, topic("legacy")),
            "principal ghost, which the model does not know, may not write topic legacy: no document declares it, and "
            "undeclared_topics is closed [myelin/policy.yaml:3:18]");
  EXPECT_THAT(explain("ledger", Operation::Alter, Resource::cluster()), HasSubstr("role platform only"));
}

}  // namespace
}  // namespace myelin::policy
