#include "transfer/kafka_metadata.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"
#include "kafka/record_batch.h"

namespace myelin::transfer {
namespace {

// The expected bytes are those of a node of Apache Kafka 4.1.1 that was formatted and asked to create a topic.
const Uuid kOrders = Uuid::parse("yB7zTAgiSVKfH6B0G6lMRQ").value();

TEST(KafkaMetadata, WritesAFeatureAsKafkaDoes) {
  EXPECT_EQ(to_hex(feature_record("metadata.version", 27)), "010c00116d657461646174612e76657273696f6e001b00");
  EXPECT_EQ(to_hex(feature_record("transaction.version", 2)), "010c00147472616e73616374696f6e2e76657273696f6e000200");
}

TEST(KafkaMetadata, WritesATopicAsKafkaDoes) {
  EXPECT_EQ(to_hex(topic_record("orders", kOrders)), "010200076f7264657273c81ef34c082249529f1fa0741ba94c4500");
}

TEST(KafkaMetadata, WritesASettingAsKafkaDoes) {
  EXPECT_EQ(to_hex(setting_record({"orders", "cleanup.policy", "compact"})),
            "01040002076f72646572730f636c65616e75702e706f6c69637908636f6d7061637400");
}

// Kafka wrote version 2, which is version 1 with tags that were not there.
TEST(KafkaMetadata, WritesAPartitionAsKafkaDoes) {
  const auto directory = Uuid::parse("q7dpeBi3GavTckGG_R9HsQ").value();
  EXPECT_EQ(to_hex(partition_record({kOrders, 1, 1, 0, directory})),
            "01030100000001c81ef34c082249529f1fa0741ba94c45020000000102000000010101000000010000000000000000"
            "02abb7697818b719abd3724186fd1f47b100");
}

TEST(KafkaMetadata, WritesProducerIdsAsKafkaDoesButForTheEpochOfTheBroker) {
  EXPECT_EQ(to_hex(producer_ids_record(1, 1000)), "010f0000000001ffffffffffffffff00000000000003e800");
}

TEST(KafkaMetadata, ACheckpointIsAHeaderTheRecordsAndAFooter) {
  const std::vector<ByteBuffer> records(501, topic_record("orders", kOrders));
  const auto file = checkpoint_file(records, 1'795'317'631'660);
  ByteSpan left(file);
  std::vector<std::int32_t> counts;
  std::int64_t next = 0;
  while (!left.empty()) {
    const auto header = kafka::parse_batch_header(left);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->base_offset, next);
    EXPECT_EQ(header->leader_epoch, 1);
    const bool is_at_an_end = counts.empty() || header->size() == left.size();
    EXPECT_EQ(header->is_control(), is_at_an_end);
    counts.push_back(header->record_count);
    next = header->next_offset();
    left = left.subspan(header->size());
  }
  EXPECT_EQ(counts, (std::vector<std::int32_t>{1, 500, 1, 1}));
  // Header and footer, up to their timestamps and checksums, are those of the same node.
  EXPECT_EQ(to_hex(ByteSpan(file).first(12)), "000000000000000000000047");
  EXPECT_EQ(to_hex(ByteSpan(file).subspan(61, 22)), "2a000000080000000316000000000000000000000000");
  EXPECT_EQ(to_hex(ByteSpan(file).last(14)),
            "1a0000000800000004060000"
            "0000");
}

}  // namespace
}  // namespace myelin::transfer
