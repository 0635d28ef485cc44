#include "governance/rule_counts.h"

#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"

namespace myelin::governance {
namespace {

model::PolicyRule rule(model::Rung rung, const std::string& must = "topic.partitions <= 12") {
  const auto about = model::RuleAbout::TopicCreation;
  return {.name = "sizes",
          .about = about,
          .squads = {},
          .domains = {},
          .owner = SquadName("web-shop"),
          .principle = "small is fast",
          .must = cel::Expression::compile(must, model::names_for(about)).value(),
          .expression = must,
          .message = "make it smaller",
          .rung = rung,
          .place = {}};
}

class RuleCountsTest : public testing::Test {
 protected:
  void restart() {
    counts_.reset();
    store_ = state::StateStore::open(log_).value();
    counts_ = RuleCounts::open(*store_, clock_).value();
  }
  static model::Model with(const model::PolicyRule& one) {
    model::Model model;
    model.policy.rules = {one};
    return model;
  }
  RuleCounted counted(const model::PolicyRule& one) { return counts_->of(with(one)).at("sizes"); }

  engine::MemoryInternalLog log_;
  ManualClock clock_;
  std::unique_ptr<state::StateStore> store_ = state::StateStore::open(log_).value();
  std::unique_ptr<RuleCounts> counts_ = RuleCounts::open(*store_, clock_).value();
};

TEST_F(RuleCountsTest, CountRequestsAndTheirSquads) {
  counts_->note(rule(model::Rung::Report), SquadName("web-shop"));
  counts_->note(rule(model::Rung::Warn), SquadName("web-shop"));
  counts_->note(rule(model::Rung::Warn), SquadName());
  counts_->note(rule(model::Rung::Block), SquadName("billing"));
  const auto found = counted(rule(model::Rung::Block));
  EXPECT_EQ(found.let_through, 3U);
  EXPECT_EQ(found.let_through_squads, std::set{SquadName("web-shop")}) << "who belongs to none is none";
  EXPECT_EQ(found.refused, 1U);
  EXPECT_EQ(found.refused_squads, std::set{SquadName("billing")});
}

TEST_F(RuleCountsTest, CountASquadOnceThatHadAnotherName) {
  for (const auto* squad : {"web-shop", "online-shop", "billing"}) {
    counts_->note(rule(model::Rung::Report), SquadName(squad));
  }
  auto model = with(rule(model::Rung::Report));
  model.former_squads.emplace("web-shop", "online-shop");
  const auto found = counts_->of(model).at("sizes");
  EXPECT_EQ(found.let_through, 3U);
  EXPECT_EQ(found.let_through_squads, (std::set{SquadName("billing"), SquadName("online-shop")}));
  EXPECT_EQ(counts_->tallies(model).at("sizes").squads, 2U);
}

TEST_F(RuleCountsTest, GoOnAfterARestart) {
  const auto since = clock_.wall();
  counts_->note(rule(model::Rung::Report), SquadName("web-shop"));
  clock_.advance(std::chrono::hours(5));
  restart();
  counts_->note(rule(model::Rung::Report), SquadName("billing"));
  const auto found = counts_->tallies(with(rule(model::Rung::Report))).at("sizes");
  EXPECT_EQ(found.times, 2U);
  EXPECT_EQ(found.squads, 2U);
  EXPECT_EQ(found.since, since);
}

TEST_F(RuleCountsTest, BeginAnewWhereTheRuleAsksSomethingElse) {
  counts_->note(rule(model::Rung::Report), SquadName("web-shop"));
  clock_.advance(std::chrono::hours(5));
  const auto found = counted(rule(model::Rung::Report, "topic.partitions <= 13"));
  EXPECT_EQ(found.let_through, 0U);
  EXPECT_EQ(found.since, clock_.wall());
}

TEST_F(RuleCountsTest, BeginWhenTheRuleIsFirstSeen) {
  const auto since = counted(rule(model::Rung::Report)).since;
  clock_.advance(std::chrono::hours(5));
  restart();
  EXPECT_EQ(counted(rule(model::Rung::Report)).since, since);
}

TEST_F(RuleCountsTest, AreOfRulesAboutRequests) {
  auto about_documents = rule(model::Rung::Report);
  about_documents.about = model::RuleAbout::Topic;
  EXPECT_TRUE(counts_->of(with(about_documents)).empty());
}

TEST_F(RuleCountsTest, ThatCantBeReadStopTheStart) {
  ASSERT_TRUE(store_->put_and_wait({{state::Table::RuleCounts, "sizes",
                                     "\x01"
                                     "x"}}));
  EXPECT_EQ(RuleCounts::open(*store_, clock_).error().code, Code::Corrupt);
}

}  // namespace
}  // namespace myelin::governance
