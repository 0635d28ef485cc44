#include "engine/broker/groups/consumption.h"

#include <gtest/gtest.h>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

const OffsetKey kPlace{GroupName("scan"), TopicName("sales"), 3};
const PrincipalName kScan("scan-app");
const PrincipalName kAudit("audit-app");

// 2026-11-21T04:00:00Z is hour 498676 since 1970.
constexpr std::int64_t kHour = 498'676;
WallTime at(int minute) { return WallTime(std::chrono::hours(kHour) + std::chrono::minutes(minute)); }

TopicId topic_id(std::uint64_t number) {
  TopicId id;
  store_big_endian(id.bytes.data(), number);
  return id;
}

class ConsumptionTest : public testing::Test {
 protected:
  // Begins and ends one durable commit; what it advanced.
  std::int64_t commit(std::int64_t offset, int minute = 1, const PrincipalName& by = kScan, std::uint64_t topic = 1) {
    const auto row = begin(offset, minute, by, topic);
    if (!row) return 0;
    log_.push_back(*row);
    return consumption_.end(*row, true);
  }
  std::optional<Consumption::Row> begin(std::int64_t offset, int minute = 1, const PrincipalName& by = kScan,
                                        std::uint64_t topic = 1) {
    return consumption_.begin({kPlace, topic_id(topic), by, offset, at(minute)},
                              [this](const TopicName&, std::int32_t) { return began_; });
  }
  void restart() {
    consumption_ = {};
    for (const auto& row : log_) consumption_.replay(row.key, row.hour);
  }

  Consumption consumption_;
  std::optional<std::int64_t> began_;
  std::vector<Consumption::Row> log_;
};

TEST_F(ConsumptionTest, AFirstCommitAdvancesFromWhereItsClientBeganToRead) {
  began_ = 40;
  EXPECT_EQ(commit(100), 60);
  EXPECT_EQ(commit(130), 30);
}

TEST_F(ConsumptionTest, AFirstCommitOfWhomNothingWasReadAdvancesNothing) {
  EXPECT_EQ(commit(100), 0);
  EXPECT_EQ(commit(130), 30);
}

TEST_F(ConsumptionTest, WhatIsReadAgainAfterAStepBackCountsOnce) {
  EXPECT_EQ(commit(100), 0);
  EXPECT_EQ(commit(70), 0);
  EXPECT_EQ(commit(100), 0);
  EXPECT_EQ(commit(130), 30);
}

TEST_F(ConsumptionTest, AStepBackIsNotForgottenOverARestart) {
  began_ = 0;
  EXPECT_EQ(commit(100), 100);
  EXPECT_EQ(commit(70), 0);
  restart();
  EXPECT_EQ(commit(110), 10);
}

TEST_F(ConsumptionTest, ACommitThatDoesNotAdvanceWritesNothing) {
  EXPECT_EQ(commit(100), 0);
  EXPECT_FALSE(begin(100));
  EXPECT_FALSE(begin(70));
}

TEST_F(ConsumptionTest, EachHourAndPrincipalHasItsOwnSum) {
  began_ = 0;
  commit(10, 1);
  commit(15, 59);
  commit(18, 60);
  commit(20, 61, kAudit);
  ASSERT_EQ(log_.size(), 4u);
  EXPECT_EQ(log_[1].key, (ConsumedKey{kPlace, kScan, kHour}));
  EXPECT_EQ(log_[1].hour, (ConsumedHour{15, 15, at(1), at(59), topic_id(1)}));
  EXPECT_EQ(log_[2].key, (ConsumedKey{kPlace, kScan, kHour + 1}));
  EXPECT_EQ(log_[2].hour, (ConsumedHour{3, 18, at(60), at(60), topic_id(1)}));
  EXPECT_EQ(log_[3].key, (ConsumedKey{kPlace, kAudit, kHour + 1}));
  EXPECT_EQ(log_[3].hour.advanced, 2);
}

TEST_F(ConsumptionTest, GoesOnAfterARestart) {
  began_ = 0;
  commit(10);
  restart();
  began_.reset();
  EXPECT_EQ(commit(12, 2), 2);
  EXPECT_EQ(log_.back().hour.advanced, 12);
}

TEST_F(ConsumptionTest, ATopicMadeAnewBeginsAnew) {
  began_ = 0;
  commit(10, 1, kScan, 1);
  EXPECT_EQ(commit(4, 2, kScan, 2), 4);
  EXPECT_EQ(log_.back().hour.advanced, 14);
}

TEST_F(ConsumptionTest, AClockSetBackKeepsCountingInTheLaterHour) {
  began_ = 0;
  commit(10, 61);
  EXPECT_EQ(commit(15, 5), 5);
  EXPECT_EQ(log_.back().key.hour, kHour + 1);
  EXPECT_EQ(log_.back().hour.advanced, 15);
}

TEST_F(ConsumptionTest, WhatFailedIsTakenBack) {
  began_ = 0;
  commit(10);
  const auto failed = begin(20).value();
  EXPECT_EQ(consumption_.end(failed, false), 0);
  EXPECT_EQ(commit(20, 2), 10);
  EXPECT_EQ(log_.back().hour.advanced, 20);
}

TEST_F(ConsumptionTest, ADurableCommitAfterAFailedOneCountsBoth) {
  began_ = 0;
  commit(10);
  const auto failed = begin(20).value();
  const auto durable = begin(25, 2).value();
  EXPECT_EQ(consumption_.end(failed, false), 0);
  EXPECT_EQ(consumption_.end(durable, true), 15);
  EXPECT_EQ(commit(26, 3), 1);
}

TEST_F(ConsumptionTest, HoursAreForgottenAfterFourHundredDays) {
  began_ = 0;
  commit(10, 1);
  commit(12, 61);
  restart();
  const auto expired = consumption_.take_expired(at(0) + std::chrono::days(400) + std::chrono::hours(1));
  EXPECT_EQ(expired, std::vector{log_[0].key});
}

class CommittingTest : public CoordinatorFixture {};

TEST_F(CommittingTest, TheSumIsWrittenInTheBatchOfItsCommitAndToldAsAFact) {
  const auto first = commit({.offset = 5});
  ASSERT_EQ(under_way_.size(), 1u);
  EXPECT_EQ(under_way_.front().records.size(), 2u);
  flush();
  const auto second = commit({.offset = 9});
  flush();
  ASSERT_EQ(facts(first).size(), 1u);
  EXPECT_EQ(facts(first)[0].advanced, 0);
  ASSERT_EQ(facts(second).size(), 1u);
  EXPECT_EQ(facts(second)[0].previous, 5);
  EXPECT_EQ(facts(second)[0].advanced, 4);
  crash_and_restart();
  const auto third = commit({.offset = 10});
  flush();
  EXPECT_EQ(facts(third)[0].advanced, 1);
}

}  // namespace
}  // namespace myelin::engine::groups
