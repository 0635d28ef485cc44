// Markers as Kafka 4.3.1 writes them.
#include "storage/transaction_marker.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"

namespace myelin::storage {
namespace {

constexpr std::string_view kAbortOfKafka =
    "0000000000000005000000420000000002a4beb34e003000000000000001977420dc00000001977420dc0000000000000000070003ffffffff"
    "00"
    "0000012000000008000000000c00000000000900";
constexpr std::string_view kCommitOfKafka =
    "000000000000000500000042000000000250806506003000000000000001977420dc00000001977420dc0000000000000000070003ffffffff"
    "00"
    "0000012000000008000000010c00000000000900";

TEST(Marker, IsKafkasControlBatch) {
  for (const bool commits : {false, true}) {
    auto batch =
        encode({.producer_id = 7, .producer_epoch = 3, .coordinator_epoch = 9, .commits = commits}, 1'750'000'000'000);
    store_big_endian(batch.data(), std::int64_t{5});
    store_big_endian(batch.data() + 12, std::int32_t{0});
    EXPECT_EQ(batch, from_hex(commits ? kCommitOfKafka : kAbortOfKafka));
    const auto marker = parse_marker(batch);
    ASSERT_TRUE(marker.has_value());
    EXPECT_EQ(marker->producer_id, 7);
    EXPECT_EQ(marker->producer_epoch, 3);
    EXPECT_EQ(marker->coordinator_epoch, 9);
    EXPECT_EQ(marker->commits, commits);
  }
}

TEST(Marker, IsNothingElse) {
  auto batch = from_hex(kAbortOfKafka);
  const auto with = [&](std::size_t at, std::byte value) {
    auto changed = batch;
    changed[at] = value;
    return parse_marker(changed).has_value();
  };
  EXPECT_TRUE(with(8, std::byte{0}));
  EXPECT_FALSE(with(22, std::byte{0x10})) << "a data batch";
  EXPECT_FALSE(with(kBatchHeaderSize + 8, std::byte{2})) << "a leader change";
  EXPECT_FALSE(with(kBatchHeaderSize + 9, std::byte{1})) << "without a value";
  EXPECT_FALSE(with(43, std::byte{0xff})) << "without a producer";
  for (std::size_t size = 0; size < batch.size(); ++size) {
    EXPECT_FALSE(parse_marker(ByteSpan(batch).first(size)).has_value());
  }
}

}  // namespace
}  // namespace myelin::storage
