#include <gtest/gtest.h>

#include "usage/comparison.h"
#include "usage/report.h"

namespace myelin::usage {
namespace {

const Flow kTillSales{PrincipalName("till-app"), "till-1", "lib 1", TopicName("stores.sales"), Direction::Write};
const Flow kFraudSales{PrincipalName("fraud-scan"), "scan-1", "lib 2", TopicName("stores.sales"), Direction::Read};
const Consumer kFraudGroup{PrincipalName("fraud-scan"), GroupName("scan"), TopicName("stores.sales"), 3};
const Caller kTill{PrincipalName("till-app"), "lib 1", {}};

// 2026-11-21T04:00:00Z is 1795233600 seconds after the epoch.
WallTime at(int minute) { return WallTime(std::chrono::seconds(1'795'233'600) + std::chrono::minutes(minute)); }

SquadName squad_of(const PrincipalName& principal) {
  return principal == PrincipalName("till-app") ? SquadName("tills") : SquadName();
}

// "measure amount unit class" of each line.
std::vector<std::string> said(const std::vector<Line>& lines) {
  std::vector<std::string> texts;
  for (const auto& line : lines) {
    const auto& traits = traits_of(line.measure);
    texts.push_back(std::string(traits.name) + ' ' + std::to_string(line.amount) + ' ' + std::string(traits.unit) +
                    ' ' + std::string(to_text(line.exactness)));
  }
  return texts;
}

TEST(Hourly, SumsWithinAnHourAndKeepsHoursApart) {
  Hourly<Flow, Moved> sums;
  sums.add(kTillSales, at(1), {10, 1000});
  sums.add(kTillSales, at(59), {5, 500});
  sums.add(kTillSales, at(60), {1, 100});
  const auto rows = sums.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].amount, (Moved{15, 1500}));
  EXPECT_EQ(rows[0].first_seen, at(1));
  EXPECT_EQ(rows[0].last_seen, at(59));
  EXPECT_EQ(rows[1].amount, (Moved{1, 100}));
}

TEST(Hourly, TakesChangedHoursOnceAndWhole) {
  Hourly<Flow, Moved> sums;
  sums.add(kFraudSales, at(1), {10, 1000});
  ASSERT_EQ(sums.take_changed().size(), 1u);
  EXPECT_TRUE(sums.take_changed().empty());
  sums.add(kFraudSales, at(2), {1, 10});
  const auto changed = sums.take_changed();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].amount, (Moved{11, 1010}));
}

TEST(Hourly, RestoredHoursGoOnCounting) {
  Hourly<Flow, Moved> before;
  before.add(kFraudSales, at(1), {10, 1000});
  Hourly<Flow, Moved> after;
  for (const auto& row : before.take_changed()) after.restore(row);
  after.add(kFraudSales, at(3), {1, 10});
  ASSERT_EQ(after.totals().size(), 1u);
  EXPECT_EQ(after.totals()[0].amount, (Moved{11, 1010}));
  EXPECT_EQ(after.totals()[0].first_seen, at(1));
}

TEST(Report, EachMeasureIsALineOfItsOwnWithUnitAndClass) {
  Rollup rollup;
  rollup.writes.add(kTillSales, at(1), {10, 1000});
  rollup.reads.add(kFraudSales, at(1), {7, 700});
  rollup.consumers.add(kFraudGroup, at(1), {6});
  rollup.callers.add(kTill, at(1), {.requests = 4, .microseconds = 900, .connections = 1});
  rollup.callers.add({kTill.principal, kTill.client, TopicName("stores.sales")}, at(2), {.refused_bytes = 80});
  GroupBy nothing{false, false, false, false};
  EXPECT_EQ(said(report(rows_of(rollup), {}, nothing, squad_of)),
            (std::vector<std::string>{"appended_records 10 records exact", "appended_bytes 1000 bytes exact",
                                      "served_offsets 7 offsets journalled", "served_bytes 700 bytes journalled",
                                      "consumed_offsets 6 offsets exact", "refused_bytes 80 bytes journalled",
                                      "requests 4 requests journalled", "request_time 900 microseconds journalled",
                                      "connections 1 connections journalled"}));
}

TEST(Report, WithoutJournalsNothingIsExact) {
  Rollup rollup;
  rollup.at_best = Exactness::Journalled;
  rollup.writes.add(kTillSales, at(1), {10, 1000});
  rollup.consumers.add(kFraudGroup, at(1), {6});
  const auto lines = [&](const Filter& filter) { return said(report(rows_of(rollup), filter, {}, squad_of)); };
  EXPECT_EQ(lines({.exactness = Exactness::Journalled}),
            (std::vector<std::string>{"consumed_offsets 6 offsets journalled", "appended_records 10 records journalled",
                                      "appended_bytes 1000 bytes journalled"}));
  EXPECT_TRUE(lines({.exactness = Exactness::Exact}).empty());
}

TEST(Report, FiltersBySquadDirectionTimeMeasureAndClass) {
  Rollup rollup;
  rollup.writes.add(kTillSales, at(1), {10, 1000});
  rollup.writes.add(kTillSales, at(61), {1, 100});
  rollup.reads.add(kFraudSales, at(1), {7, 700});
  const auto lines = [&](const Filter& filter) { return said(report(rows_of(rollup), filter, {}, squad_of)); };
  EXPECT_EQ(lines({.squad = SquadName("tills"), .direction = Direction::Write, .from = at(60)}),
            (std::vector<std::string>{"appended_records 1 records exact", "appended_bytes 100 bytes exact"}));
  EXPECT_EQ(lines({.direction = Direction::Read, .measure = Measure::ServedBytes}),
            std::vector<std::string>{"served_bytes 700 bytes journalled"});
  EXPECT_EQ(lines({.to = at(60), .measure = Measure::AppendedRecords, .exactness = Exactness::Exact}),
            std::vector<std::string>{"appended_records 10 records exact"});
  EXPECT_TRUE(lines({.measure = Measure::AppendedRecords, .exactness = Exactness::Journalled}).empty());
}

TEST(Report, TellsConsumptionByGroupAndPartition) {
  Rollup rollup;
  rollup.consumers.add(kFraudGroup, at(1), {6});
  rollup.consumers.add({kFraudGroup.principal, kFraudGroup.group, kFraudGroup.topic, 4}, at(1), {5});
  GroupBy by{.squad = false, .group = true, .partition = true};
  const auto lines = report(rows_of(rollup), {}, by, squad_of);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].group, "scan");
  EXPECT_EQ(lines[0].partition, 3);
  EXPECT_EQ(lines[0].amount, 6);
  EXPECT_EQ(lines[1].partition, 4);
  EXPECT_EQ(lines[1].amount, 5);
}

TEST(Report, APrincipalWithoutASquadHasAnEmptyOne) {
  Rollup rollup;
  rollup.reads.add(kFraudSales, at(1), {7, 700});
  const auto lines = report(rows_of(rollup), {.measure = Measure::ServedBytes}, {}, squad_of);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].squad, "");
  EXPECT_EQ(lines[0].principal, "fraud-scan");
}

Rows written(std::initializer_list<std::pair<int, std::int64_t>> appends) {
  Rollup rollup;
  for (const auto& [minute, records] : appends) rollup.writes.add(kTillSales, at(minute), {records, records * 100});
  return rows_of(rollup);
}

TEST(Comparison, EqualRowsAgree) {
  const auto rows = written({{1, 10}, {61, 5}});
  EXPECT_TRUE(has_caught_up(rows, rows));
  EXPECT_TRUE(compare({rows, rows, rows}).none());
}

TEST(Comparison, WhatMovesMeanwhileLiesBetweenTheReadings) {
  const auto before = written({{1, 10}});
  const auto recomputed = written({{1, 10}, {2, 3}, {61, 1}});
  const auto after = written({{1, 10}, {2, 3}, {3, 4}, {61, 1}});
  EXPECT_FALSE(has_caught_up(before, recomputed));
  EXPECT_TRUE(has_caught_up(after, recomputed));
  EXPECT_TRUE(compare({before, recomputed, after}).none());
}

TEST(Comparison, FindsWhatWasLostCountedTwiceOrNeverWritten) {
  const auto right = written({{1, 10}, {61, 5}});
  const auto less = written({{1, 10}});
  const auto more = written({{1, 10}, {61, 5}, {62, 5}});
  const auto lost = compare({right, less, right});
  EXPECT_EQ(lost.recomputed, Rows());
  ASSERT_EQ(lost.reported.writes.size(), 1u);
  EXPECT_EQ(lost.reported.writes[0].amount, (Moved{5, 500}));
  const auto doubled = compare({right, more, right});
  ASSERT_EQ(doubled.recomputed.writes.size(), 1u);
  EXPECT_EQ(doubled.recomputed.writes[0].amount, (Moved{10, 1000}));
  EXPECT_FALSE(compare({less, right, less}).none());
}

TEST(Measures, AreFoundByNameAndStandInTheOrderOfTheirEnumerators) {
  for (const auto& traits : all_measures()) {
    EXPECT_EQ(&traits_of(traits.measure), &traits);
    EXPECT_EQ(measure_named(traits.name), traits.measure);
  }
  EXPECT_EQ(measure_named("bytes"), std::nullopt);
}

}  // namespace
}  // namespace myelin::usage
