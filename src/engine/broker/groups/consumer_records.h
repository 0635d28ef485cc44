#pragma once
// The records of the newer consumer groups in __consumer_offsets, in Kafka's own key and value schemas, and what a
// record means for a group that is read back. docs/formats/consumer-offsets.md says when each is written.
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "engine/broker/groups/consumer_group.h"
#include "engine/broker/groups/offsets_records.h"

namespace myelin::engine::groups {

// The numbers are those of the keys.
enum class ConsumerRecord : std::int16_t {
  Group = 3,
  Member = 5,
  TargetEpoch = 6,
  TargetOfMember = 7,
  Position = 8,
};

struct ConsumerKey {
  ConsumerRecord kind{};
  GroupName group;
  std::string member_id;  // empty where the record is about the group
};

[[nodiscard]] OffsetsRecord consumer_group_record(const GroupName& group, const ConsumerGroup& consumer);
[[nodiscard]] OffsetsRecord consumer_member_record(const GroupName& group, const ConsumerMember& member);
[[nodiscard]] OffsetsRecord target_epoch_record(const GroupName& group, std::int32_t epoch);
[[nodiscard]] OffsetsRecord target_record(const GroupName& group, const std::string& member_id,
                                          const Assignment& target);
[[nodiscard]] OffsetsRecord position_record(const GroupName& group, const ConsumerMember& member);
[[nodiscard]] OffsetsRecord consumer_tombstone(const ConsumerKey& key);
// Of everything that is kept about a member, and about a group.
void add_member_tombstones(std::vector<OffsetsRecord>& records, const GroupName& group, const std::string& member_id);
void add_consumer_group_tombstones(std::vector<OffsetsRecord>& records, const GroupName& group,
                                   const ConsumerGroup& consumer);
// What makes the log say what the group is, whatever it said before.
void add_whole_consumer_group(std::vector<OffsetsRecord>& records, const GroupName& group,
                              const ConsumerGroup& consumer);

// nullopt for keys of other kinds.
[[nodiscard]] Result<std::optional<ConsumerKey>> read_consumer_key(ByteSpan key);

// Takes what the record says into the group. Records may come in any order: a log that was compacted keeps the last
// one of each key, where it stood.
[[nodiscard]] Result<void> replay_consumer_record(ConsumerGroup& consumer, const ConsumerKey& key,
                                                  std::optional<ByteSpan> value);
// After the last record: what is left of members that are gone is dropped, and no partition has two holders.
void settle_replayed(ConsumerGroup& consumer);

}  // namespace myelin::engine::groups
