#include "governance/recertification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"
#include "governance/grant_ages.h"
#include "governance/recertifications.h"
#include "policy/company_testing.h"

namespace myelin::governance {
namespace {

using policy::day;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;

// Of the company's grants, to-invoicer begins on 2026-01-01 and ends with June; to-billing and to-petra are open-ended,
// and to-probe was never approved.
model::Model company_that_confirms_every(std::optional<int> period) {
  auto model = policy::company();
  if (period) model.policy.recertify_days = days(*period);
  return model;
}

RecertificationFacts facts_on(const char* today) {
  RecertificationFacts facts{.now = day(today)};
  for (const char* grant : {"to-invoicer", "to-billing", "to-petra", "to-probe"}) {
    facts.approved_since[grant] = day("2025-12-01");
  }
  return facts;
}

Confirmation by_olga(const char* when) {
  return {day(when), SquadName("orders"), PrincipalName("olga"), "still needed", "last read on 2026-02-01"};
}

std::string date_of(const std::optional<WallTime>& time) {
  return time ? model::short_timestamp(*time).substr(0, 10) : "-";
}

// "to-billing due 2026-03-01", "to-billing DUE since 2026-03-01"
std::vector<std::string> told(const model::Model& model, const RecertificationFacts& facts) {
  std::vector<std::string> lines;
  for (const auto& one : grant_standings(model, facts)) {
    lines.push_back(one.grant + (one.is_due ? " DUE since " : " due ") + date_of(one.due));
  }
  return lines;
}

lineage::ReadEdge read(const char* principal, const char* topic, const char* when) {
  lineage::ReadEdge edge;
  edge.principal = PrincipalName(principal);
  edge.topic = TopicName(topic);
  edge.first_seen = edge.last_seen = day(when);
  return edge;
}

GrantStanding standing(const std::string& grant, const RecertificationFacts& facts) {
  for (auto& one : grant_standings(company_that_confirms_every(90), facts)) {
    if (one.grant == grant) return one;
  }
  ADD_FAILURE() << grant;
  return {};
}

TEST(Recertification, IsDueAPeriodAfterTheGrantWasApprovedOrBegan) {
  EXPECT_THAT(told(company_that_confirms_every(90), facts_on("2026-02-28")),
              ElementsAre("to-billing due 2026-03-01", "to-petra due 2026-03-01", "to-invoicer due 2026-04-01"));
  EXPECT_THAT(
      told(company_that_confirms_every(90), facts_on("2026-03-01")),
      ElementsAre("to-billing DUE since 2026-03-01", "to-petra DUE since 2026-03-01", "to-invoicer due 2026-04-01"));
}

TEST(Recertification, IsNeverDueWhereThePolicyDoesNotSay) {
  EXPECT_THAT(told(company_that_confirms_every(std::nullopt), facts_on("2026-03-01")),
              ElementsAre("to-billing due -", "to-invoicer due -", "to-petra due -"));
}

TEST(Recertification, BeginsAnewWithAConfirmation) {
  auto facts = facts_on("2026-03-02");
  facts.confirmed["to-billing"] = by_olga("2026-02-15");
  EXPECT_THAT(told(company_that_confirms_every(90), facts),
              ElementsAre("to-petra DUE since 2026-03-01", "to-invoicer due 2026-04-01", "to-billing due 2026-05-16"));
  EXPECT_EQ(standing("to-billing", facts).confirmed->principal, PrincipalName("olga"));
}

TEST(Recertification, OfAnEarlierGrantByThatNameSaysNothing) {
  auto facts = facts_on("2026-03-02");
  facts.confirmed["to-billing"] = by_olga("2025-11-30");
  EXPECT_EQ(standing("to-billing", facts).confirmed, std::nullopt);
  EXPECT_EQ(standing("to-billing", facts).since, day("2025-12-01"));
}

TEST(Recertification, IsDueWhereNobodyKnowsSinceWhenTheGrantIsThere) {
  RecertificationFacts facts{.now = day("2026-03-02")};
  EXPECT_THAT(told(company_that_confirms_every(90), facts),
              ElementsAre("to-billing DUE since -", "to-petra DUE since -", "to-invoicer due 2026-04-01"));
}

TEST(Recertification, IsOfLiveGrantsOnly) {
  auto facts = facts_on("2026-07-01");
  EXPECT_THAT(told(company_that_confirms_every(90), facts),
              ElementsAre("to-billing DUE since 2026-03-01", "to-petra DUE since 2026-03-01"));
}

TEST(Recertification, ShowsWhatWasReadByTheGrant) {
  auto facts = facts_on("2026-03-02");
  EXPECT_EQ(standing("to-invoicer", facts).evidence(), "nothing was ever seen to be read by it");
  facts.reads = {read("invoicer", "shop.order", "2026-02-20"), read("invoicer", "shop.cart", "2026-03-01"),
                 read("ledger", "shop.order", "2026-03-01")};
  facts.offsets[{PrincipalName("invoicer"), TopicName("shop.order")}] = 1200;
  facts.offsets[{PrincipalName("invoicer"), TopicName("shop.cart")}] = 7;
  facts.offsets[{PrincipalName("ledger"), TopicName("shop.order")}] = 9;
  EXPECT_EQ(standing("to-invoicer", facts).evidence(), "last read on 2026-02-20; 1200 offsets in 35 days");
  EXPECT_TRUE(standing("to-invoicer", facts).is_used);
}

TEST(Recertification, DatesNothingThatASinglePersonRead) {
  auto facts = facts_on("2026-03-02");
  facts.reads = {read("petra", "shop.order", "2026-02-20")};
  facts.offsets[{PrincipalName("petra"), TopicName("shop.order")}] = 12;
  const auto of_petra = standing("to-petra", facts);
  EXPECT_EQ(of_petra.evidence(), "read within 35 days");
  EXPECT_EQ(of_petra.last_read, std::nullopt);
  EXPECT_EQ(of_petra.offsets, 0);
  facts.now = day("2026-04-01");
  EXPECT_EQ(standing("to-petra", facts).evidence(), "not read for 35 days");
}

class KeptFacts : public testing::Test {
 protected:
  KeptFacts() { restart(); }
  void restart() { store_ = state::StateStore::open(log_).value(); }
  void apply(Revisions& revisions, const char* when, const std::vector<document::Source>& files) {
    Revision revision;
    revision.time = day(when);
    revision.author = PrincipalName("petra");
    EXPECT_TRUE(revisions.add(std::move(revision), files).has_value());
  }

  engine::MemoryInternalLog log_;
  std::unique_ptr<state::StateStore> store_;
};

TEST_F(KeptFacts, TheLastConfirmationOutlivesARestart) {
  {
    const auto all = Recertifications::open(*store_).value();
    ASSERT_TRUE(all->put("to-billing", by_olga("2026-01-01")));
    ASSERT_TRUE(all->put("to-billing", by_olga("2026-02-01")));
  }
  restart();
  const auto kept = Recertifications::open(*store_).value()->all();
  ASSERT_EQ(kept.size(), 1U);
  const auto& last = kept.at("to-billing");
  EXPECT_EQ(last.time, day("2026-02-01"));
  EXPECT_EQ(last.squad, SquadName("orders"));
  EXPECT_EQ(last.principal, PrincipalName("olga"));
  EXPECT_EQ(last.reason, "still needed");
  EXPECT_EQ(last.evidence, "last read on 2026-02-01");
}

TEST_F(KeptFacts, AConfirmationThatCantBeReadIsNotForgotten) {
  ASSERT_TRUE(store_->put_and_wait({{state::Table::Recertified, "to-billing", "\x01"}}));
  EXPECT_THAT(Recertifications::open(*store_).error().message,
              HasSubstr("who confirmed grant to-billing can't be read"));
}

document::Source grants(const std::string& file, const std::string& ids, const char* status = "approved") {
  std::string text;
  for (const char id : ids) text += "---\nid: " + std::string(1, id) + "\nstatus: " + status + "\n";
  return {"grants/" + file + ".yaml", text};
}

// What moves to another file, or is written otherwise, is as old as it was; what was gone in between is not.
TEST_F(KeptFacts, AGrantIsAsOldAsItsApprovalWithoutAGap) {
  const auto revisions = Revisions::open(*store_).value();
  EXPECT_TRUE(approved_since(*revisions).value().empty());
  apply(*revisions, "2026-01-01", {grants("one", "ab"), grants("two", "c", "requested"), {"org/x.yaml", "id: d\n"}});
  apply(*revisions, "2026-02-01", {grants("one", "a"), grants("two", "c")});
  apply(*revisions, "2026-03-01", {grants("moved", "ba"), grants("two", "c")});
  apply(*revisions, "2026-04-01", {grants("moved", "ab"), grants("two", "c"), grants("new", "e", "rejected")});
  const std::map<std::string, WallTime> expected{
      {"a", day("2026-01-01")}, {"b", day("2026-03-01")}, {"c", day("2026-02-01")}};
  EXPECT_EQ(approved_since(*revisions).value(), expected);
}

}  // namespace
}  // namespace myelin::governance
