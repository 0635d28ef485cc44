#include "engine/broker/batch_check.h"

#include <gtest/gtest.h>

#include <utility>

#include "kafka/record_batch.h"

namespace myelin::engine::broker {
namespace {

ByteBuffer three_records(kafka::Compression compression) {
  kafka::BatchBuilder builder(compression);
  builder.add(1'000, "a", "first");
  builder.add(3'000, "b", "youngest");
  builder.add(2'000, "c", "last");
  return builder.finish();
}

std::expected<SharedBytes, BatchRefusal> checked(ByteBuffer batch) {
  return check_batch(Payload(SharedBytes(std::move(batch))), Topic(), false);
}

TEST(ProducedBatch, IsKeptByteForByteWhenItsHeaderIsRight) {
  const auto batch = three_records(kafka::Compression::None);
  const auto accepted = checked(batch);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_TRUE(std::ranges::equal(accepted->view(), batch));
}

TEST(ProducedBatch, WithoutALargestTimestampGetsThatOfItsRecords) {
  for (const auto compression : {kafka::Compression::None, kafka::Compression::Lz4}) {
    auto batch = three_records(compression);
    kafka::set_max_timestamp(batch, -1);
    const auto accepted = checked(std::move(batch));
    ASSERT_TRUE(accepted.has_value());
    const auto header = kafka::check_produced(accepted->view());
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->max_timestamp, 3'000);
  }
}

}  // namespace
}  // namespace myelin::engine::broker
