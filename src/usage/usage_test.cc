#include <gtest/gtest.h>

#include "usage/report.h"
#include "usage/rollup.h"

namespace myelin::usage {
namespace {

const Flow kTillSales{PrincipalName("till-app"), "till-1", TopicName("stores.sales"), Direction::Write};
const Flow kFraudSales{PrincipalName("fraud-scan"), "scan-1", TopicName("stores.sales"), Direction::Read};

// 2026-11-21T04:00:00Z is 1795233600 seconds after the epoch.
WallTime at(int minute) { return WallTime(std::chrono::seconds(1'795'233'600) + std::chrono::minutes(minute)); }

SquadName squad_of(const PrincipalName& principal) {
  return principal == PrincipalName("till-app") ? SquadName("tills") : SquadName();
}

TEST(Rollup, SumsWithinAnHourAndKeepsHoursApart) {
  Rollup rollup;
  rollup.add(kTillSales, at(1), {10, 1000, 1});
  rollup.add(kTillSales, at(59), {5, 500, 1});
  rollup.add(kTillSales, at(60), {1, 100, 1});
  const auto rows = rollup.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].amount, (Amount{15, 1500, 2}));
  EXPECT_EQ(rows[0].first_seen, at(1));
  EXPECT_EQ(rows[0].last_seen, at(59));
  EXPECT_EQ(rows[1].amount, (Amount{1, 100, 1}));
}

TEST(Rollup, TakesChangedHoursOnceAndWhole) {
  Rollup rollup;
  rollup.add(kFraudSales, at(1), {10, 1000, 1});
  rollup.add(kTillSales, at(1), {10, 1000, 1});
  ASSERT_EQ(rollup.take_changed(Direction::Read).size(), 1u);
  EXPECT_TRUE(rollup.take_changed(Direction::Read).empty());
  rollup.add(kFraudSales, at(2), {1, 10, 1});
  const auto changed = rollup.take_changed(Direction::Read);
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].amount, (Amount{11, 1010, 2}));
}

TEST(Rollup, RestoredHoursGoOnCounting) {
  Rollup before;
  before.add(kFraudSales, at(1), {10, 1000, 1});
  Rollup after;
  for (const auto& row : before.take_changed(Direction::Read)) after.restore(row);
  after.add(kFraudSales, at(3), {1, 10, 1});
  ASSERT_EQ(after.totals().size(), 1u);
  EXPECT_EQ(after.totals()[0].amount, (Amount{11, 1010, 2}));
  EXPECT_EQ(after.totals()[0].first_seen, at(1));
}

TEST(Report, GroupsBySquadAndMarksTheWeakestClass) {
  Rollup rollup;
  rollup.add(kTillSales, at(1), {10, 1000, 1});
  rollup.add(kFraudSales, at(1), {7, 700, 1});
  GroupBy by_topic{.principal = false, .squad = false, .topic = true, .direction = false, .hour = false};
  const auto lines = report(rollup.rows(), {}, by_topic, squad_of);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].topic, "stores.sales");
  EXPECT_EQ(lines[0].amount, (Amount{17, 1700, 2}));
  EXPECT_EQ(lines[0].exactness, Exactness::Journalled);
}

TEST(Report, FiltersBySquadDirectionAndTime) {
  Rollup rollup;
  rollup.add(kTillSales, at(1), {10, 1000, 1});
  rollup.add(kTillSales, at(61), {1, 100, 1});
  rollup.add(kFraudSales, at(1), {7, 700, 1});
  Filter filter;
  filter.squad = SquadName("tills");
  filter.direction = Direction::Write;
  filter.from = at(60);
  const auto lines = report(rollup.rows(), filter, {}, squad_of);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].amount, (Amount{1, 100, 1}));
  EXPECT_EQ(lines[0].exactness, Exactness::Exact);
}

TEST(Report, APrincipalWithoutASquadHasAnEmptyOne) {
  Rollup rollup;
  rollup.add(kFraudSales, at(1), {7, 700, 1});
  const auto lines = report(rollup.rows(), {}, {}, squad_of);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].squad, "");
}

}  // namespace
}  // namespace myelin::usage
