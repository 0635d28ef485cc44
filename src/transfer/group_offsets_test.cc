#include "transfer/group_offsets.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"
#include "kafka/record_batch.h"

namespace myelin::transfer {
namespace {

using engine::broker::OfflineData;

OfflineData::Commits commits_of(int count) {
  OfflineData::Commits commits;
  for (int number = 0; number < count; ++number) {
    engine::groups::CommittedOffset offset;
    offset.offset = 1200;
    offset.leader_epoch = 3;
    offset.metadata = "so";
    offset.committed_at = from_unix_milliseconds(1'700'000'000'000);
    commits.emplace_back(engine::groups::OffsetKey{GroupName("till"), TopicName("sale"), number}, offset);
  }
  return commits;
}

// By Kafka's OffsetCommitKey.json and OffsetCommitValue.json, written by hand.
TEST(GroupOffsets, AreKafkasKeyVersion1AndValueVersion3) {
  const auto segment = group_offsets_segment(commits_of(1));
  std::string key;
  std::string value;
  ASSERT_TRUE(kafka::each_record(segment, [&](const kafka::Record& record) {
                EXPECT_EQ(record.timestamp, 1'700'000'000'000);
                key = to_hex(*record.key);
                value = to_hex(*record.value);
                return true;
              }).has_value());
  EXPECT_EQ(key,
            "0001"
            "000474696c6c"
            "000473616c65"
            "00000000");
  EXPECT_EQ(value,
            "0003"
            "00000000000004b0"
            "00000003"
            "0002736f"
            "0000018bcfe56800");
}

TEST(GroupOffsets, GoOnFromBatchToBatch) {
  const auto segment = group_offsets_segment(commits_of(501));
  const auto first = kafka::parse_batch_header(segment);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->record_count, 500);
  const auto second = kafka::parse_batch_header(ByteSpan(segment).subspan(first->size()));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->base_offset, 500);
  EXPECT_EQ(second->record_count, 1);
  EXPECT_EQ(first->size() + second->size(), segment.size());
}

TEST(GroupOffsets, AreNoBytesWhenThereAreNone) { EXPECT_TRUE(group_offsets_segment({}).empty()); }

}  // namespace
}  // namespace myelin::transfer
