#include "engine/broker/groups/offsets_records.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace myelin::engine::groups {
namespace {

const WallTime kCommitTime = from_unix_milliseconds(1'750'000'000'000);

ByteBuffer from_hex(std::string_view hex) {
  ByteBuffer bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  return bytes;
}

// Written by Kafka's own classes; tools/offsets-golden says how.
ByteBuffer golden(const std::string& name) {
  std::ifstream file(MYELIN_SOURCE_DIR "/src/engine/broker/groups/testdata/offsets_records.golden");
  std::string found;
  std::string hex;
  while (file >> found >> hex)
    if (found == name) return from_hex(hex);
  ADD_FAILURE() << "no golden record " << name;
  return {};
}

SharedBytes bytes(std::initializer_list<int> values) {
  ByteBuffer buffer;
  for (const int value : values) buffer.push_back(static_cast<std::byte>(value));
  return SharedBytes(std::move(buffer));
}

CommittedOffset committed() {
  CommittedOffset offset;
  offset.offset = 1'234'567'890'123;
  offset.leader_epoch = 7;
  offset.metadata = "note";
  offset.committed_at = kCommitTime;
  return offset;
}

TopicId topic_id() {
  TopicId id;
  for (std::size_t at = 0; at < id.bytes.size(); ++at) id.bytes[at] = static_cast<std::byte>(at + 1);
  return id;
}

StoredMember member(std::string id, std::optional<std::string> instance, int rebalance, int session) {
  StoredMember member;
  member.id = std::move(id);
  member.instance_id = std::move(instance);
  member.client_id = "app";
  member.client_host = "/127.0.0.1";
  member.rebalance_timeout = std::chrono::milliseconds(rebalance);
  member.session_timeout = std::chrono::milliseconds(session);
  return member;
}

StoredGroup pricing() {
  StoredGroup group;
  group.protocol_type = "consumer";
  group.generation = 42;
  group.protocol = "range";
  group.leader = "app-1";
  group.state_since = kCommitTime;
  group.members = {member("app-1", std::nullopt, 300'000, 45'000), member("app-2", "till-7", 60'000, 10'000)};
  group.members[0].subscription = bytes({0, 1, 2});
  group.members[0].assignment = bytes({9});
  return group;
}

const OffsetKey kKey{GroupName("pricing"), TopicName("shop.sales.v1"), 3};

TEST(OffsetsRecords, KeysAreWrittenAsKafkaWritesThem) {
  EXPECT_EQ(offset_tombstone(kKey).key, golden("offset_commit_key"));
  EXPECT_EQ(group_tombstone(GroupName("pricing")).key, golden("group_metadata_key"));
}

TEST(OffsetsRecords, ATombstoneHasNoValue) {
  EXPECT_FALSE(offset_tombstone(kKey).value);
  EXPECT_FALSE(group_tombstone(GroupName("pricing")).value);
}

TEST(OffsetsRecords, AnOffsetIsWrittenAsKafkaWritesVersion4) {
  CommittedOffset offset = committed();
  EXPECT_EQ(*offset_record(kKey, offset).value, golden("offset_commit_value_4_plain"));
  offset.topic_id = topic_id();
  EXPECT_EQ(*offset_record(kKey, offset).value, golden("offset_commit_value_4"));
}

TEST(OffsetsRecords, AnOffsetWithItsOwnRetentionIsWrittenAsVersion1) {
  CommittedOffset offset;
  offset.offset = 5;
  offset.committed_at = kCommitTime;
  offset.expires_at = kCommitTime + std::chrono::minutes(1);
  EXPECT_EQ(*offset_record(kKey, offset).value, golden("offset_commit_value_1"));
  EXPECT_EQ(*read_offset(golden("offset_commit_value_1")), offset);
}

TEST(OffsetsRecords, TellWhoCommittedInsideATransaction) {
  CommittedOffset offset;
  offset.offset = 5;
  offset.committed_at = from_unix_milliseconds(0);
  // Version, offset, leader epoch, no metadata, time, one field: 9801, 14 bytes, "alice", 4.
  const auto value = from_hex(
      "0004"
      "0000000000000005"
      "ffffffff"
      "01"
      "0000000000000000"
      "01c94c0e"
      "06616c696365"
      "0000000000000004");
  EXPECT_EQ(*offset_record(kKey, offset, {PrincipalName("alice"), 4}).value, value);
  EXPECT_EQ(*read_committer(value), (Committer{PrincipalName("alice"), 4}));
  EXPECT_EQ(*read_offset(value), offset);
  const auto unknown = offset_record(kKey, offset, {PrincipalName("alice"), std::nullopt});
  EXPECT_EQ(*read_committer(*unknown.value), (Committer{PrincipalName("alice"), std::nullopt}));
  EXPECT_EQ(*read_committer(*offset_record(kKey, offset).value), Committer{});
  EXPECT_EQ(read_committer(from_hex("0004000000000000000500000000010000000000000000"
                                    "01c94c0206616c"))
                .error()
                .code,
            Code::Corrupt);
}

TEST(OffsetsRecords, AGroupIsWrittenAsKafkaWritesVersion3) {
  EXPECT_EQ(*group_record(GroupName("pricing"), pricing()).value, golden("group_metadata_value_3"));
  StoredGroup empty;
  empty.protocol_type = "consumer";
  empty.generation = 43;
  empty.state_since = kCommitTime;
  EXPECT_EQ(*group_record(GroupName("pricing"), empty).value, golden("group_metadata_value_3_empty"));
}

TEST(OffsetsRecords, KeysAreRead) {
  EXPECT_EQ(std::get<OffsetKey>(*read_key(golden("offset_commit_key"))), kKey);
  EXPECT_EQ(std::get<GroupName>(*read_key(golden("group_metadata_key"))), GroupName("pricing"));
}

TEST(OffsetsRecords, KeysOfNewerKindsAreForeignNotErrors) {
  EXPECT_TRUE(std::holds_alternative<ForeignKey>(*read_key(from_hex("0003000161"))));
}

TEST(OffsetsRecords, OffsetsOfEveryVersionAreRead) {
  CommittedOffset expected = committed();
  EXPECT_EQ(*read_offset(golden("offset_commit_value_3")), expected);
  EXPECT_EQ(*read_offset(golden("offset_commit_value_4_plain")), expected);
  expected.topic_id = topic_id();
  EXPECT_EQ(*read_offset(golden("offset_commit_value_4")), expected);
  CommittedOffset old;
  old.metadata = "m";
  old.committed_at = kCommitTime;
  old.offset = 6;
  EXPECT_EQ(*read_offset(golden("offset_commit_value_2")), old);
  old.offset = 8;
  EXPECT_EQ(*read_offset(golden("offset_commit_value_0")), old);
}

TEST(OffsetsRecords, GroupsOfOldAndNewVersionsAreRead) {
  for (const std::string version : {"3", "4"}) {
    const auto group = read_group(golden("group_metadata_value_" + version));
    ASSERT_TRUE(group) << group.error().message;
    EXPECT_EQ(group->generation, 42);
    EXPECT_EQ(group->protocol, "range");
    EXPECT_EQ(group->leader, "app-1");
    EXPECT_EQ(group->state_since, kCommitTime);
    ASSERT_EQ(group->members.size(), 2U);
    EXPECT_EQ(group->members[0].instance_id, std::nullopt);
    EXPECT_EQ(group->members[1].instance_id, "till-7");
    EXPECT_EQ(group->members[1].rebalance_timeout, std::chrono::milliseconds(60'000));
    EXPECT_EQ(group->members[1].session_timeout, std::chrono::milliseconds(10'000));
    EXPECT_EQ(group->members[0].subscription.size(), 3U);
    EXPECT_EQ(group->members[0].assignment.view()[0], std::byte{9});
  }
  const auto old = read_group(golden("group_metadata_value_0"));
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->state_since, std::nullopt);
  EXPECT_EQ(old->members[0].rebalance_timeout, std::chrono::milliseconds(45'000));
}

TEST(OffsetsRecords, AValueThatIsCutShortIsCorrupt) {
  for (const std::string name : {"offset_commit_value_1", "offset_commit_value_3", "offset_commit_value_4"}) {
    const ByteBuffer whole = golden(name);
    for (std::size_t size = 2; size < whole.size(); ++size)
      EXPECT_EQ(read_offset(ByteSpan(whole).first(size)).error().code, Code::Corrupt) << name << " cut to " << size;
  }
  for (const std::string name : {"group_metadata_value_0", "group_metadata_value_3", "group_metadata_value_4"}) {
    const ByteBuffer whole = golden(name);
    for (std::size_t size = 2; size < whole.size(); ++size)
      EXPECT_EQ(read_group(ByteSpan(whole).first(size)).error().code, Code::Corrupt) << name << " cut to " << size;
  }
  const ByteBuffer key = golden("offset_commit_key");
  for (std::size_t size = 0; size < key.size(); ++size) EXPECT_FALSE(read_key(ByteSpan(key).first(size)));
}

TEST(OffsetsRecords, AValueOfAnUnknownVersionIsUnsupported) {
  EXPECT_EQ(read_offset(from_hex("0005")).error().code, Code::Unsupported);
  EXPECT_EQ(read_group(from_hex("0005")).error().code, Code::Unsupported);
}

}  // namespace
}  // namespace myelin::engine::groups
