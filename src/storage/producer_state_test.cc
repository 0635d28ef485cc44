// Producers as snapshots keep them.
#include "storage/producer_state.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"

namespace myelin::storage {
namespace {

// Two records of producer 7.
BatchHeader batch_from(std::int64_t base_offset) {
  return {.base_offset = base_offset,
          .last_offset_delta = 1,
          .producer_id = 7,
          .producer_epoch = 0,
          .base_sequence = 0,
          .count = 2};
}

ByteBuffer snapshot_of(const BatchHeader& header) {
  ProducerState state;
  state.record(header, BatchPlace{}, 0);
  return state.snapshot();
}

TEST(ProducerSnapshot, KeepsTheLastBatchUpToTheLargestOffset) {
  const auto restored = ProducerState::restore(snapshot_of(batch_from(INT64_MAX - 1)), 0);
  ASSERT_TRUE(restored.has_value());
  const auto& last = restored->entries().at(7).last();
  EXPECT_EQ(last.last_offset, INT64_MAX);
  EXPECT_EQ(last.base_offset(), INT64_MAX - 1);
}

TEST(ProducerSnapshot, OfABatchThatBeginsBeforeTheLogIsRefused) {
  EXPECT_TRUE(ProducerState::restore(snapshot_of(batch_from(0)), 0).has_value());
  EXPECT_FALSE(ProducerState::restore(snapshot_of(batch_from(-2)), 0).has_value());
}

// With five requests on their way, the oldest may be sent again after a crash.
TEST(ProducerSnapshot, KnowsTheBatchesThatAProducerMayRepeat) {
  ProducerState state;
  for (int number = 0; number < 6; ++number) {
    auto header = batch_from(100 + 2 * number);
    header.base_sequence = 2 * number;
    state.record(header, BatchPlace{}, 0);
  }
  const auto restored = ProducerState::restore(state.snapshot(), 0);
  ASSERT_TRUE(restored.has_value());
  auto repeated = batch_from(0);
  repeated.base_sequence = 2;
  EXPECT_EQ(restored->check(repeated).base_offset, 102);
  repeated.base_sequence = 10;
  EXPECT_EQ(restored->check(repeated).base_offset, 110);
  repeated.base_sequence = 0;
  EXPECT_EQ(restored->check(repeated).verdict, ProducerState::Verdict::OutOfOrder);
  repeated.base_sequence = 12;
  EXPECT_EQ(restored->check(repeated).verdict, ProducerState::Verdict::Append);
}

// As Kafka 4.3.1 writes it: producer 7 has a transaction open since offset 10, producer 8 is known by a marker alone.
constexpr std::string_view kSnapshotOfKafka =
    "0001c825cd0d000000020000000000000007000300000001000000000000000b00000001000001977420dc00ffffffff000000000000000a"
    "00000000000000080001ffffffffffffffffffffffff00000000000001977420dc0100000009ffffffffffffffff";

TEST(ProducerSnapshot, TellsOfTransactionsAndCoordinatorsAsKafkaDoes) {
  const auto bytes = from_hex(kSnapshotOfKafka);
  const auto restored = ProducerState::restore(bytes, 0);
  ASSERT_TRUE(restored.has_value());
  const auto& writing = restored->entries().at(7);
  EXPECT_EQ(writing.transaction_start, 10);
  EXPECT_EQ(writing.coordinator_epoch, -1);
  EXPECT_EQ(writing.last().last_sequence, 1);
  const auto& ended = restored->entries().at(8);
  EXPECT_EQ(ended.transaction_start, -1);
  EXPECT_EQ(ended.coordinator_epoch, 9);
  EXPECT_EQ(ended.epoch, 1);
  EXPECT_EQ(ended.last_timestamp, 1'750'000'000'001);
  EXPECT_EQ(ended.count, 0);
  ASSERT_EQ(restored->undecided().size(), 1U);
  EXPECT_EQ(restored->undecided()[0].first_offset, 10);
  EXPECT_FALSE(restored->undecided()[0].place.is_known());
  // In whatever order the producers stand.
  const auto again = restored->snapshot();
  EXPECT_TRUE(again == bytes || ProducerState::restore(again, 0)->entries().at(8).coordinator_epoch == 9);
  EXPECT_EQ(again.size(), bytes.size());
}

}  // namespace
}  // namespace myelin::storage
