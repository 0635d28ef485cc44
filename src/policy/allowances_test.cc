#include "policy/allowances.h"

#include <gmock/gmock.h>

#include "policy/company_testing.h"

namespace myelin::policy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::string to_text(const Allowance& allowance) {
  std::string text(name_of(allowance.pattern.kind));
  if (allowance.pattern.kind != ResourceKind::Cluster) text += " " + allowance.pattern.name;
  if (allowance.pattern.extent != Extent::Name) text += "*";
  text += allowance.decision.allowed ? ":" : ": never";
  for (const auto operation : allowance.operations) text.append(" ").append(name_of(operation));
  return text;
}

class Allowances : public testing::Test {
 protected:
  void settings(const Settings& with, const std::vector<document::Source>& more = {}) {
    snapshot_ = Snapshot::build(std::make_shared<const model::Model>(company(more)), with);
  }
  // Of one principal; of everybody for "".
  std::vector<std::string> of(const char* principal, std::optional<std::string_view> asked = std::nullopt,
                              const char* on = "2026-03-01") const {
    std::vector<std::string> lines;
    for (const auto& allowance : snapshot_->allowances(asked, day(on))) {
      if (allowance.principal == PrincipalName(principal)) lines.push_back(to_text(allowance));
    }
    return lines;
  }

  std::shared_ptr<const Snapshot> snapshot_ =
      Snapshot::build(std::make_shared<const model::Model>(company()), Settings{});
};

TEST_F(Allowances, NameTheTopicsAndPrefixesOfTheOwner) {
  EXPECT_THAT(of("checkout-1"), ElementsAre("topic checkout: read write create delete alter describe",
                                            "topic checkout-*: read write create delete alter describe",
                                            "topic checkout.*: read write create delete alter describe",
                                            "topic checkout_*: read write create delete alter describe",
                                            "topic raw.*: read write create delete alter describe",
                                            "topic shop.cart: read write create delete alter describe",
                                            "topic shop.order: read write create delete alter describe",
                                            "topic shop.refund: read write create delete alter describe",
                                            "group checkout: read write create delete alter describe",
                                            "group checkout-*: read write create delete alter describe",
                                            "group checkout.*: read write create delete alter describe",
                                            "group checkout_*: read write create delete alter describe",
                                            "group raw.*: read write create delete alter describe",
                                            "transactional id checkout: read write create delete alter describe",
                                            "transactional id checkout-*: read write create delete alter describe",
                                            "transactional id checkout.*: read write create delete alter describe",
                                            "transactional id checkout_*: read write create delete alter describe",
                                            "transactional id raw.*: read write create delete alter describe"));
}

TEST_F(Allowances, HoldForAsLongAsTheGrantIsLive) {
  EXPECT_THAT(of("invoicer"), IsSupersetOf({"topic shop.order: read describe", "topic shop.refund: read describe"}));
  EXPECT_THAT(of("invoicer", std::nullopt, "2026-07-01"), Not(Contains(HasSubstr("shop.order"))));
  EXPECT_THAT(of("probe"), Not(Contains(HasSubstr("shop."))));
}

TEST_F(Allowances, OfThePlatformAreDescribeOfEverythingAndTheCluster) {
  EXPECT_THAT(of("petra"), IsSupersetOf({"topic *: describe", "topic __*: read", "topic shop.order: read describe",
                                         "group *: describe", "transactional id *: describe",
                                         "cluster: read write create delete alter describe"}));
}

TEST_F(Allowances, OfWhatNobodyOwnsAreListedByTheNameThatIsAsked) {
  EXPECT_THAT(of("petra"), Not(Contains(HasSubstr("legacy"))));
  EXPECT_THAT(of("petra", "legacy"), IsSupersetOf({"topic legacy: read write create delete alter",
                                                   "group legacy: read write create delete alter",
                                                   "transactional id legacy: read write create delete alter"}));
  EXPECT_THAT(of("olga", "legacy"), Not(Contains(HasSubstr("legacy"))));
  EXPECT_THAT(of("petra", "checkout.x"), Not(Contains(HasSubstr("checkout"))));
}

TEST_F(Allowances, OfEverybodyAreWhatReportModesLetThrough) {
  EXPECT_THAT(of(""), IsEmpty());
  settings({.authorise = Authorise::Report});
  EXPECT_THAT(of("", "legacy"),
              ElementsAre("topic shop.cart: read write describe", "topic shop.order: read write describe",
                          "topic shop.refund: read write describe"));
  settings({.undeclared_topics = model::UndeclaredTopics::Report});
  EXPECT_THAT(of("", "legacy"), ElementsAre("topic legacy: read write create describe"));
}

TEST_F(Allowances, ExceptTheTopicsUnderAPrefixThatAContractGivesToAnotherSquad) {
  settings({}, {{"contracts/copy.odcs.yaml", contract("copy", "ledger.copy")}});
  EXPECT_THAT(of("ledger"), IsSupersetOf({"topic ledger.*: read write create delete alter describe",
                                          "topic ledger.copy: never read describe",
                                          "topic ledger.copy: never write create delete alter"}));
  EXPECT_THAT(of("olga"), Contains("topic ledger.copy: read write create delete alter describe"));
  settings({.authorise = Authorise::Report}, {{"contracts/copy.odcs.yaml", contract("copy", "ledger.copy")}});
  EXPECT_THAT(of("ledger"), Contains("topic ledger.copy: never create delete alter"));
}

TEST_F(Allowances, AreNoneInDevModeWhereNothingIsChecked) {
  settings({.dev_mode = true});
  EXPECT_THAT(snapshot_->allowances("legacy", day("2026-03-01")), IsEmpty());
}

}  // namespace
}  // namespace myelin::policy
