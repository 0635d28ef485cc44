#include "engine/upstream/facts.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "kafka/record_batch.h"

namespace myelin::engine::upstream {
namespace {

constexpr std::int64_t kOffsetMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int16_t kNoLeader = 5;

class FactsTest : public testing::Test {
 protected:
  static SharedBytes batch_at(std::int64_t base_offset, int count) {
    kafka::BatchBuilder batch;
    for (int index = 0; index < count; ++index) batch.add(1'000, "key", "value");
    batch.set_base_offset(base_offset);
    return SharedBytes(batch.finish());
  }

  // The records that are counted when partition 0 of `orders` answers that offsets [first, next) were appended.
  std::int64_t append(std::int64_t first, std::int64_t next) {
    kafka::ProduceRequest request;
    auto& data = request.topic_data.emplace_back();
    data.name = "orders";
    data.partition_data.emplace_back().records = batch_at(0, static_cast<int>(next - first));
    return records_of(request, first);
  }
  std::int64_t records_of(const kafka::ProduceRequest& request, std::int64_t base_offset) {
    kafka::ProduceResponse response;
    auto& answer = response.responses.emplace_back();
    answer.name = "orders";
    answer.partition_responses.emplace_back().base_offset = base_offset;
    last_ = facts_.appended(request, response, {});
    std::int64_t records = 0;
    for (const auto& fact : last_) records += fact.records;
    return records;
  }

  std::vector<ServedFact> serve(SharedBytes records) {
    kafka::FetchResponse response;
    auto& answer = response.responses.emplace_back();
    answer.topic = "orders";
    answer.partitions.emplace_back().records = std::move(records);
    return facts_.served(response);
  }

  CommitFact commit(std::int64_t offset) {
    kafka::OffsetCommitRequest request;
    request.group_id = "readers";
    auto& asked = request.topics.emplace_back();
    asked.name = "orders";
    asked.partitions.emplace_back().committed_offset = offset;
    kafka::OffsetCommitResponse response;
    auto& answer = response.topics.emplace_back();
    answer.name = "orders";
    answer.partitions.emplace_back();
    return facts_.committed(request, response, {}).at(0);
  }

  static kafka::MetadataResponse orders_with(Uuid id) {
    kafka::MetadataResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.topic_id = id;
    topic.partitions.emplace_back().partition_index = 0;
    return response;
  }
  static kafka::ListOffsetsResponse end_of_orders(std::int64_t end, std::int16_t code = 0) {
    kafka::ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    auto& partition = topic.partitions.emplace_back();
    partition.offset = end;
    partition.error_code = code;
    return response;
  }

  Facts facts_;
  std::vector<AppendFact> last_;
};

TEST_F(FactsTest, AnOffsetIsCountedOnceHoweverOftenItIsAnswered) {
  EXPECT_EQ(append(10, 20), 10);
  EXPECT_EQ(append(10, 20), 0);
  EXPECT_EQ(append(12, 14), 0);
}

TEST_F(FactsTest, ABatchThatOverlapsWhatWasCountedIsNotCountedAtAll) {
  EXPECT_EQ(append(10, 20), 10);
  EXPECT_EQ(append(15, 25), 0);
  EXPECT_EQ(append(5, 11), 0);
  EXPECT_EQ(append(5, 30), 0);
  EXPECT_EQ(append(20, 25), 5);
  EXPECT_EQ(append(5, 10), 5);
}

// 256 stretches are remembered. Beyond that the lowest is given up, and with it whatever is still to be answered below.
TEST_F(FactsTest, BeyondTheLimitOfStretchesTheLowestOffsetsAreGivenUp) {
  for (std::int64_t offset = 2; offset <= 512; offset += 2) ASSERT_EQ(append(offset, offset + 1), 1);
  EXPECT_EQ(append(1'000, 1'001), 1);
  EXPECT_EQ(append(0, 1), 0);
  EXPECT_EQ(append(2, 3), 0);
  EXPECT_EQ(append(3, 4), 1);
}

TEST_F(FactsTest, AppendsThatJoinUpwardsAreOneStretchSoThatALateAnswerCounts) {
  for (std::int64_t offset = 2; offset < 600; ++offset) ASSERT_EQ(append(offset, offset + 1), 1);
  EXPECT_EQ(append(0, 1), 1);
}

TEST_F(FactsTest, AppendsThatJoinDownwardsAreOneStretchSoThatALateAnswerCounts) {
  for (std::int64_t offset = 600; offset >= 2; --offset) ASSERT_EQ(append(offset, offset + 1), 1);
  EXPECT_EQ(append(0, 1), 1);
}

TEST_F(FactsTest, AnAppendBetweenTwoStretchesJoinsThemToOne) {
  for (std::int64_t offset = 2; offset <= 510; offset += 2) ASSERT_EQ(append(offset, offset + 1), 1);
  for (std::int64_t offset = 3; offset < 510; offset += 2) ASSERT_EQ(append(offset, offset + 1), 1);
  for (std::int64_t offset = 1'000; offset < 1'400; offset += 2) ASSERT_EQ(append(offset, offset + 1), 1);
  EXPECT_EQ(append(0, 1), 1);
}

TEST_F(FactsTest, OffsetsThatDoNotFitAreNotCounted) {
  EXPECT_EQ(append(kOffsetMax - 3, kOffsetMax), 3);
  kafka::ProduceRequest request;
  auto& data = request.topic_data.emplace_back();
  data.name = "orders";
  data.partition_data.emplace_back().records = batch_at(0, 3);
  EXPECT_EQ(records_of(request, kOffsetMax - 2), 0);
  EXPECT_EQ(records_of(request, kOffsetMax), 0);
}

TEST_F(FactsTest, ServedOffsetsThatDoNotFitAreNotCounted) {
  const auto last = serve(batch_at(kOffsetMax - 3, 3));
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].first_offset, kOffsetMax - 3);
  EXPECT_EQ(last[0].next_offset, kOffsetMax);
  EXPECT_TRUE(serve(batch_at(kOffsetMax - 2, 3)).empty());
  EXPECT_TRUE(serve(batch_at(kOffsetMax, 3)).empty());
  EXPECT_TRUE(serve(batch_at(-5, 3)).empty());
}

TEST_F(FactsTest, ATopicThatComesBackUnderAnotherIdBeginsAnew) {
  const auto first = Uuid::random();
  const auto second = Uuid::random();
  facts_.learn(orders_with(first));
  EXPECT_EQ(append(0, 5), 5);
  EXPECT_EQ(commit(4).previous, 4);
  EXPECT_EQ(last_[0].topic_id, first);
  facts_.learn(orders_with(first));
  EXPECT_EQ(append(0, 5), 0);
  facts_.learn(orders_with(second));
  EXPECT_EQ(append(0, 5), 5);
  EXPECT_EQ(last_[0].topic_id, second);
  EXPECT_EQ(commit(9).advanced, 0);
}

TEST_F(FactsTest, WhatLayInTheLogBeforeTheRunIsNotCounted) {
  facts_.expect_ends(orders_with(Uuid::random()));
  facts_.learn_ends(end_of_orders(100));
  EXPECT_EQ(append(90, 100), 0);
  EXPECT_EQ(append(95, 105), 0);
  EXPECT_EQ(append(100, 110), 10);
}

TEST_F(FactsTest, APartitionThatDoesNotTellItsEndCountsNothingUntilItDoes) {
  facts_.expect_ends(orders_with(Uuid::random()));
  facts_.learn_ends(end_of_orders(-1, kNoLeader));
  const auto missing = facts_.missing_ends();
  ASSERT_EQ(missing.topics.size(), 1U);
  EXPECT_EQ(missing.topics[0].name, "orders");
  ASSERT_EQ(missing.topics[0].partitions.size(), 1U);
  EXPECT_EQ(missing.topics[0].partitions[0].timestamp, -1);
  EXPECT_EQ(append(90, 100), 0);
  facts_.learn_ends(end_of_orders(100));
  EXPECT_TRUE(facts_.missing_ends().topics.empty());
  EXPECT_EQ(append(90, 100), 0);
  EXPECT_EQ(append(100, 110), 10);
}

TEST_F(FactsTest, NobodyWaitsForTheEndOfATopicThatWasMadeAnew) {
  facts_.learn(orders_with(Uuid::random()));
  facts_.expect_ends(orders_with(Uuid::random()));
  facts_.learn(orders_with(Uuid::random()));
  EXPECT_TRUE(facts_.missing_ends().topics.empty());
  EXPECT_EQ(append(0, 5), 5);
}

TEST_F(FactsTest, CommitsThatGoBackAdvanceNothingUntilTheyPassTheFurthest) {
  const auto step = [this](std::int64_t offset) {
    const auto fact = commit(offset);
    return std::pair{fact.previous, fact.advanced};
  };
  using Step = std::pair<std::int64_t, std::int64_t>;  // the offset before, and by how much it advanced
  EXPECT_EQ(step(10), (Step{10, 0}));
  EXPECT_EQ(step(15), (Step{10, 5}));
  EXPECT_EQ(step(12), (Step{15, 0}));
  EXPECT_EQ(step(14), (Step{12, 0}));
  EXPECT_EQ(step(18), (Step{14, 3}));
}

TEST_F(FactsTest, CommitsOfOffsetsThatNoLogHasAdvanceByNoMoreThanThereAre) {
  EXPECT_EQ(commit(std::numeric_limits<std::int64_t>::min()).advanced, 0);
  EXPECT_EQ(commit(7).advanced, 7);
  EXPECT_EQ(commit(std::numeric_limits<std::int64_t>::min()).advanced, 0);
  EXPECT_EQ(commit(kOffsetMax).advanced, kOffsetMax - 7);
}

}  // namespace
}  // namespace myelin::engine::upstream
