// The index of aborted transactions as Kafka 4.3.1 writes it.
#include "storage/aborted_index.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"

namespace myelin::storage {
namespace {

TEST(AbortedIndex, IsKafkas) {
  const AbortedIndex index{{{7, 2, 9, 4}, {8, 4, 12, 13}}};
  const auto bytes = from_hex(
      "00000000000000000007000000000000000200000000000000090000000000000004000000000000000000080000000000000004"
      "000000000000000c000000000000000d");
  EXPECT_EQ(encode(index), bytes);
  EXPECT_EQ(decode_aborted_index(bytes)->entries, index.entries);
  EXPECT_FALSE(decode_aborted_index(ByteSpan(bytes).first(67)).has_value());
  auto newer = bytes;
  newer[1] = std::byte{1};
  EXPECT_FALSE(decode_aborted_index(newer).has_value());
  EXPECT_FALSE(decode_aborted_index(encode({{{7, 2, 9, 4}, {8, 4, 9, 13}}})).has_value());
}

TEST(AbortedIndex, TellsBatchesOfAbortedTransactions) {
  const AbortedBatches aborted({{7, 2, 9, 4}, {8, 4, 12, 13}, {7, 20, 24, 25}});
  const auto contains = [&](std::int64_t producer_id, std::int64_t offset, std::int16_t attributes = 0x10) {
    return aborted.contains({.base_offset = offset, .attributes = attributes, .producer_id = producer_id});
  };
  EXPECT_FALSE(contains(7, 1));
  EXPECT_TRUE(contains(7, 2));
  EXPECT_TRUE(contains(7, 8));
  EXPECT_FALSE(contains(7, 12));
  EXPECT_TRUE(contains(7, 23));
  EXPECT_FALSE(contains(7, 25));
  EXPECT_TRUE(contains(8, 8));
  EXPECT_FALSE(contains(9, 8));
  EXPECT_FALSE(contains(7, 8, 0)) << "not transactional";
  EXPECT_FALSE(contains(7, 9, 0x30)) << "the marker itself";
}

}  // namespace
}  // namespace myelin::storage
