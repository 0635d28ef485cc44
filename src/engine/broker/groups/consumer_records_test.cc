#include "engine/broker/groups/consumer_records.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/hex_testing.h"

namespace myelin::engine::groups {
namespace {

const TopicId kSales{{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}, std::byte{7},
                      std::byte{8}, std::byte{9}, std::byte{10}, std::byte{11}, std::byte{12}, std::byte{13},
                      std::byte{14}, std::byte{15}, std::byte{16}}};
const TopicId kStock{{std::byte{0x11}, std::byte{0x12}, std::byte{0x13}, std::byte{0x14}, std::byte{0x15},
                      std::byte{0x16}, std::byte{0x17}, std::byte{0x18}, std::byte{0x19}, std::byte{0x1a},
                      std::byte{0x1b}, std::byte{0x1c}, std::byte{0x1d}, std::byte{0x1e}, std::byte{0x1f},
                      std::byte{0x20}}};
const GroupName kGroup("pricing");

// Written by Kafka's own classes; tools/offsets-golden says how.
std::string golden(const std::string& name) {
  std::ifstream file(MYELIN_SOURCE_DIR "/src/engine/broker/groups/testdata/offsets_records.golden");
  std::string found;
  std::string hex;
  while (file >> found >> hex)
    if (found == name) return hex;
  ADD_FAILURE() << "no golden record " << name;
  return {};
}

ConsumerMember member() {
  ConsumerMember member;
  member.id = "m1";
  member.profile = {.instance_id = "till-7",
                    .rack_id = std::nullopt,
                    .client_id = "app",
                    .client_host = "/127.0.0.1",
                    .topics = {"sales", "stock"},
                    .pattern = {},
                    .matched = {},
                    .rebalance_timeout = std::chrono::milliseconds(60'000),
                    .assignor = "range",
                    .classic = std::nullopt};
  member.position = {.state = MemberState::UnrevokedPartitions,
                     .epoch = 5,
                     .previous_epoch = 4,
                     .assigned = {{kSales, {0, 2}}},
                     .revoking = {{kStock, {1}}}};
  return member;
}

ClassicPart classic() {
  const std::array metadata{std::byte{0}, std::byte{1}, std::byte{2}};
  return {std::chrono::milliseconds(45'000), {{"range", SharedBytes::copy_of(metadata)}}};
}

void expect_written(const OffsetsRecord& record, const std::string& key, const std::string& value) {
  EXPECT_EQ(to_hex(record.key), golden(key));
  ASSERT_TRUE(record.value);
  EXPECT_EQ(to_hex(*record.value), golden(value));
}

TEST(ConsumerRecords, AreWrittenAsKafkaWritesThem) {
  ConsumerGroup consumer;
  consumer.epoch = 5;
  expect_written(consumer_group_record(kGroup, consumer), "consumer_group_key", "consumer_group_value_without_topics");
  consumer.metadata_hash = 0x0102030405060708;
  expect_written(consumer_group_record(kGroup, consumer), "consumer_group_key", "consumer_group_value");
  expect_written(target_epoch_record(kGroup, 5), "consumer_target_epoch_key", "consumer_target_epoch_value");
  expect_written(target_record(kGroup, "m1", {{kSales, {0, 2}}, {kStock, {1}}}), "consumer_target_key",
                 "consumer_target_value");
  ConsumerMember one = member();
  expect_written(position_record(kGroup, one), "consumer_position_key", "consumer_position_value");
  expect_written(consumer_member_record(kGroup, one), "consumer_member_key", "consumer_member_value");
  one.profile.classic = classic();
  expect_written(consumer_member_record(kGroup, one), "consumer_member_key", "consumer_member_value_classic");
}

void replay(ConsumerGroup& consumer, const OffsetsRecord& record) {
  const auto key = read_consumer_key(record.key);
  ASSERT_TRUE(key && *key);
  const auto value = record.value ? std::optional<ByteSpan>(*record.value) : std::nullopt;
  const auto read = replay_consumer_record(consumer, **key, value);
  EXPECT_TRUE(read) << read.error().message;
}

ConsumerGroup whole() {
  ConsumerGroup consumer;
  consumer.epoch = consumer.target_epoch = 5;
  consumer.metadata_hash = 77;
  ConsumerMember one = member();
  one.profile.pattern = "s.*";
  one.profile.matched = {"sales", "stock"};
  one.profile.classic = classic();
  consumer.add(std::move(one));
  consumer.targets["m1"] = {{kSales, {0, 2}}};
  return consumer;
}

void expect_same(const ConsumerGroup& read, const ConsumerGroup& written) {
  EXPECT_EQ(read.epoch, written.epoch);
  EXPECT_EQ(read.target_epoch, written.target_epoch);
  EXPECT_EQ(read.metadata_hash, written.metadata_hash);
  EXPECT_EQ(read.targets, written.targets);
  EXPECT_EQ(read.holders, written.holders);
  EXPECT_EQ(read.static_ids, written.static_ids);
  ASSERT_EQ(read.members.size(), written.members.size());
  for (const auto& [id, one] : written.members) {
    EXPECT_EQ(read.members.at(id).profile, one.profile);
    EXPECT_EQ(read.members.at(id).position, one.position);
  }
}

TEST(ConsumerRecords, ComeBackAsTheGroupThatWasWrittenInAnyOrder) {
  const ConsumerGroup written = whole();
  std::vector<OffsetsRecord> records;
  add_whole_consumer_group(records, kGroup, written);
  ASSERT_EQ(records.size(), 5U);
  for (std::size_t turn = 0; turn < records.size(); ++turn) {
    ConsumerGroup read;
    for (std::size_t at = 0; at < records.size(); ++at) replay(read, records[(at + turn) % records.size()]);
    settle_replayed(read);
    expect_same(read, written);
  }
}

TEST(ConsumerRecords, TombstonesTakeAMemberOut) {
  ConsumerGroup read;
  std::vector<OffsetsRecord> records;
  add_whole_consumer_group(records, kGroup, whole());
  add_member_tombstones(records, kGroup, "m1");
  for (const auto& record : records) replay(read, record);
  settle_replayed(read);
  EXPECT_TRUE(read.members.empty());
  EXPECT_TRUE(read.targets.empty());
  EXPECT_TRUE(read.holders.empty());
}

TEST(ConsumerRecords, APartitionWithTwoHoldersBelongsToTheLater) {
  ConsumerGroup read;
  for (const std::string id : {"m1", "m2"}) {
    ConsumerMember one = member();
    one.id = id;
    one.profile.instance_id.reset();
    replay(read, consumer_member_record(kGroup, one));
    replay(read, position_record(kGroup, one));
  }
  settle_replayed(read);
  EXPECT_TRUE(read.members.at("m1").position.assigned.empty());
  EXPECT_TRUE(read.members.at("m1").position.revoking.empty());
  EXPECT_EQ(read.members.at("m2").position.assigned, (Assignment{{kSales, {0, 2}}}));
}

TEST(ConsumerRecords, ADamagedValueIsAnError) {
  ConsumerGroup read;
  for (const auto* name :
       {"consumer_group_value", "consumer_member_value_classic", "consumer_target_value", "consumer_position_value"}) {
    const std::string hex = golden(name);
    const std::map<std::string, ConsumerRecord> kinds{{"consumer_group_value", ConsumerRecord::Group},
                                                      {"consumer_member_value_classic", ConsumerRecord::Member},
                                                      {"consumer_target_value", ConsumerRecord::TargetOfMember},
                                                      {"consumer_position_value", ConsumerRecord::Position}};
    const ByteBuffer bytes = from_hex(hex);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto outcome = replay_consumer_record(read, {kinds.at(name), kGroup, "m1"}, ByteSpan(bytes).first(size));
      ASSERT_FALSE(outcome) << name << " cut to " << size << " bytes";
      EXPECT_EQ(outcome.error().code, Code::Corrupt);
    }
  }
}

TEST(ConsumerRecords, ANewerVersionIsAnError) {
  ConsumerGroup read;
  const ByteBuffer newer{std::byte{0}, std::byte{1}};
  EXPECT_EQ(replay_consumer_record(read, {ConsumerRecord::Group, kGroup, {}}, ByteSpan(newer)).error().code,
            Code::Unsupported);
}

}  // namespace
}  // namespace myelin::engine::groups
