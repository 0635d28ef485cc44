// What is asked of reading: waiting and waking, the bounds of an answer, offsets by place and time.
#include <utility>

#include "engine/conformance/fixture.h"
#include "kafka/error_code.h"
#include "kafka/record_batch.h"

namespace myelin::engine {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

TEST_P(Conformance, WakesAWaitingFetchWhenRecordsArrive) {
  create("orders");
  auto waiting = begin(reading("orders", 0, 60'000), 12);
  // Another connection, as a real producer has: a client's own requests are answered in order.
  client_ = std::make_shared<const Attribution>(Attribution{PrincipalName("writer"), "writer", {}, {}});
  ASSERT_EQ(code_of_produce("orders", records(1, now()).finish()), 0);
  EXPECT_FALSE(bytes_of(finish(std::move(waiting))).empty());
}

TEST_P(Conformance, AnswersAFetchWithWhatThereIsWhenItsTimeIsOver) {
  create("orders");
  const auto fetched = finish(begin(reading("orders", 0, 1), 12));
  EXPECT_EQ(answer_of_fetch(fetched).error_code, 0);
  EXPECT_TRUE(bytes_of(fetched).empty());
  EXPECT_TRUE(fetched.served.empty());
}

TEST_P(Conformance, ReturnsTheFirstBatchHoweverLargeAndNoSessionId) {
  create("orders");
  ASSERT_EQ(code_of_produce("orders", records(50, now()).finish()), 0);
  auto request = reading("orders", 0);
  request.max_bytes = 1;
  request.topics[0].partitions[0].partition_max_bytes = 1;
  request.session_epoch = 0;
  const auto fetched = finish(begin(request, 12));
  EXPECT_GT(bytes_of(fetched).size(), 100U);
  EXPECT_EQ(std::get<kafka::FetchResponse>(fetched.response).session_id, 0);
}

TEST_P(Conformance, RefusesOffsetsBeyondTheEndAndWrongLeaderEpochs) {
  create("orders");
  EXPECT_EQ(answer_of_fetch(finish(begin(reading("orders", 5, 60'000), 12))).error_code,
            code_of(ErrorCode::OffsetOutOfRange));
  auto future = reading("orders", 0, 60'000);
  future.topics[0].partitions[0].current_leader_epoch = 99;
  EXPECT_EQ(answer_of_fetch(finish(begin(future, 12))).error_code, code_of(ErrorCode::UnknownLeaderEpoch));
}

TEST_P(Conformance, FindsOffsetsByPlaceAndByTimeInsideABatch) {
  create("orders");
  const std::int64_t start = now() - 1000;
  kafka::BatchBuilder batch(kafka::Compression::Zstd);
  for (int index = 0; index < 10; ++index) batch.add(start + index * 10, "key", "value");
  ASSERT_EQ(code_of_produce("orders", batch.finish()), 0);
  EXPECT_EQ(offset_at("orders", -1).offset, 10);
  EXPECT_EQ(offset_at("orders", -2).offset, 0);
  EXPECT_EQ(offset_at("orders", -3).offset, 9);
  EXPECT_EQ(offset_at("orders", -4).offset, 0);
  EXPECT_EQ(offset_at("orders", start + 45).offset, 5);
  EXPECT_EQ(offset_at("orders", start + 45).timestamp, start + 50);
  EXPECT_EQ(offset_at("orders", start + 91).offset, -1);
  EXPECT_EQ(offset_at("orders", -3, 6).error_code, code_of(ErrorCode::UnsupportedVersion));
  EXPECT_EQ(offset_at("orders", -5).error_code, code_of(ErrorCode::UnsupportedVersion));
  EXPECT_EQ(offset_at("nowhere", -1).error_code, code_of(ErrorCode::UnknownTopicOrPartition));
}

TEST_P(Conformance, SaysWhereALeaderEpochEnds) {
  create("orders");
  ASSERT_EQ(code_of_produce("orders", records(4, now()).finish()), 0);
  kafka::OffsetForLeaderEpochRequest request;
  auto& asked = request.topics.emplace_back();
  asked.topic = "orders";
  asked.partitions.emplace_back().leader_epoch = 0;
  const auto response = ask<kafka::OffsetForLeaderEpochResponse>(request, 4);
  EXPECT_EQ(response.topics[0].partitions[0].leader_epoch, 0);
  EXPECT_EQ(response.topics[0].partitions[0].end_offset, 4);
}

}  // namespace
}  // namespace myelin::engine
