#include "engine/broker/topic_config.h"

#include <gtest/gtest.h>

namespace myelin::engine::broker {
namespace {

TEST(TopicConfig, AcceptsEveryDefaultItShows) {
  for (const auto& definition : topic_config_definitions()) {
    EXPECT_TRUE(check_topic_config(definition.name, std::string(definition.default_value))) << definition.name;
    EXPECT_FALSE(definition.documentation.empty()) << definition.name;
  }
}

TEST(TopicConfig, HasTheDefaultsThatStorageHas) {
  const storage::LogConfig ours = to_log_config({});
  const storage::LogConfig theirs;
  EXPECT_EQ(ours.durability, theirs.durability);
  EXPECT_EQ(ours.segment_bytes, theirs.segment_bytes);
  EXPECT_EQ(ours.segment_age, theirs.segment_age);
  EXPECT_EQ(ours.retention_ms, theirs.retention_ms);
  EXPECT_EQ(ours.retention_bytes, theirs.retention_bytes);
  EXPECT_EQ(ours.index_interval_bytes, theirs.index_interval_bytes);
  EXPECT_EQ(ours.message_bytes_max, theirs.message_bytes_max);
  EXPECT_EQ(ours.timestamp_type, theirs.timestamp_type);
  EXPECT_EQ(ours.timestamp_before_ms_max, theirs.timestamp_before_ms_max);
  EXPECT_EQ(ours.timestamp_after_ms_max, theirs.timestamp_after_ms_max);
  EXPECT_EQ(ours.cleanup.remove, theirs.cleanup.remove);
  EXPECT_EQ(ours.cleanup.compact, theirs.cleanup.compact);
  EXPECT_EQ(ours.tombstone_retention_ms, theirs.tombstone_retention_ms);
  EXPECT_EQ(ours.flush_messages, theirs.flush_messages);
  EXPECT_EQ(ours.flush_ms, theirs.flush_ms);
}

TEST(TopicConfig, RefusesUnknownNamesNullsWrongTypesAndValuesOutOfRange) {
  EXPECT_EQ(check_topic_config("retention", "1").error().message, "Unknown topic config name: retention");
  EXPECT_FALSE(check_topic_config("retention.ms", std::nullopt));
  EXPECT_EQ(check_topic_config("retention.ms", "soon").error().message,
            "Invalid value soon for configuration retention.ms: Not a number of type LONG");
  EXPECT_FALSE(check_topic_config("retention.ms", "-2"));
  EXPECT_FALSE(check_topic_config("max.message.bytes", "2147483648"));
  EXPECT_FALSE(check_topic_config("segment.bytes", "1048575"));
  EXPECT_FALSE(check_topic_config("cleanup.policy", "delete,shred"));
  EXPECT_FALSE(check_topic_config("myelin.durability", "always"));
  EXPECT_FALSE(check_topic_config("preallocate", "maybe"));
  EXPECT_FALSE(check_topic_config("min.cleanable.dirty.ratio", "1.5"));
}

TEST(TopicConfig, TakesListsWithSpacesAndBothPolicies) {
  ASSERT_TRUE(check_topic_config("cleanup.policy", "compact, delete"));
  const auto config = to_log_config({{"cleanup.policy", "compact, delete"}});
  EXPECT_TRUE(config.cleanup.compact);
  EXPECT_TRUE(config.cleanup.remove);
}

TEST(TopicConfig, TurnsOverridesIntoWhatStorageObeys) {
  const auto config = to_log_config({{"cleanup.policy", "compact"},
                                     {"myelin.durability", "os"},
                                     {"message.timestamp.type", "LogAppendTime"},
                                     {"segment.bytes", "1048576"},
                                     {"segment.ms", "9223372036854775807"},
                                     {"flush.messages", "1"}});
  EXPECT_FALSE(config.cleanup.remove);
  EXPECT_EQ(config.durability, storage::Durability::Os);
  EXPECT_EQ(config.effective_durability(), storage::Durability::Synced);
  EXPECT_EQ(config.timestamp_type, storage::TimestampType::LogAppendTime);
  EXPECT_EQ(config.segment_bytes, 1'048'576);
  EXPECT_GT(config.segment_age, std::chrono::hours(24 * 365 * 99));
}

}  // namespace
}  // namespace myelin::engine::broker
