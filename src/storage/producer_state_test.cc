// Producers as snapshots keep them.
#include "storage/producer_state.h"

#include <gtest/gtest.h>

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
  state.record(header, 0);
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

}  // namespace
}  // namespace myelin::storage
