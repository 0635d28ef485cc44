#pragma once
// The records of __consumer_offsets, in Kafka's own key and value schemas, so that its formatters and lag tools read
// them. Values of every version that Kafka wrote (0 to 4) are read. docs/formats/consumer-offsets.md says which are
// written.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "engine/broker/record_codec.h"

namespace myelin::engine::groups {

using broker::kStringBytesMax;

struct OffsetKey {
  GroupName group;
  TopicName topic;
  std::int32_t partition = 0;
  auto operator<=>(const OffsetKey&) const = default;
};

struct CommittedOffset {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;  // -1: the client did not say
  std::string metadata;
  WallTime committed_at;
  std::optional<WallTime> expires_at;  // only when the client asked for a retention of its own (OffsetCommit 2 to 4)
  TopicId topic_id;                    // zero when written by something that did not know it
  bool operator==(const CommittedOffset&) const = default;
};

// Who committed an offset inside a transaction, and where they began to read: what its sum needs when the transaction
// has ended, be that after a restart. A field of ours in the value of the offset.
struct Committer {
  PrincipalName principal;
  std::optional<std::int64_t> began_reading;  // said only for the first offset of a group at a partition
  bool operator==(const Committer&) const = default;
};

// What the commits of one principal advanced one partition of one group in one UTC hour: a record of ours beside the
// commit that it counts, in the same batch, so that both are there or neither.
struct ConsumedKey {
  OffsetKey place;
  PrincipalName principal;
  std::int64_t hour = 0;  // since 1970
  auto operator<=>(const ConsumedKey&) const = default;
};
struct ConsumedHour {
  std::int64_t advanced = 0;
  std::int64_t committed = 0;  // furthest, by then
  WallTime first;              // of the commits that advanced
  WallTime last;
  TopicId topic_id;
  bool operator==(const ConsumedHour&) const = default;
};

struct StoredMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  std::chrono::milliseconds rebalance_timeout{0};
  std::chrono::milliseconds session_timeout{0};
  SharedBytes subscription;  // opaque: what the member sent for the chosen protocol
  SharedBytes assignment;    // opaque: what the leader gave it
};

struct StoredGroup {
  std::string protocol_type;
  std::int32_t generation = 0;
  std::optional<std::string> protocol;  // absent while the group is empty
  std::optional<std::string> leader;
  std::optional<WallTime> state_since;  // absent in records before version 2
  std::vector<StoredMember> members;
};

// One record of the log. A record without a value removes what stood under its key.
struct OffsetsRecord {
  ByteBuffer key;
  std::optional<ByteBuffer> value;
};

// Written with version 1 when expires_at is set (the only version that can hold it), else with version 4.
[[nodiscard]] OffsetsRecord offset_record(const OffsetKey& key, const CommittedOffset& offset);
// Of version 4.
[[nodiscard]] OffsetsRecord offset_record(const OffsetKey& key, const CommittedOffset& offset,
                                          const Committer& committer);
[[nodiscard]] OffsetsRecord offset_tombstone(const OffsetKey& key);
// Written with version 3. The group and the members' strings must each fit kStringBytesMax.
[[nodiscard]] OffsetsRecord group_record(const GroupName& group, const StoredGroup& stored);
[[nodiscard]] OffsetsRecord group_tombstone(const GroupName& group);

[[nodiscard]] OffsetsRecord consumed_record(const ConsumedKey& key, const ConsumedHour& hour);
[[nodiscard]] OffsetsRecord consumed_tombstone(const ConsumedKey& key);

// Keys of kinds that this broker does not write (consumer and share groups of newer protocols).
struct ForeignKey {};
using RecordKey = std::variant<OffsetKey, GroupName, ConsumedKey, ForeignKey>;

[[nodiscard]] Result<RecordKey> read_key(ByteSpan bytes);
[[nodiscard]] Result<CommittedOffset> read_offset(ByteSpan bytes);
// Of the value of an offset; without a principal when it was written by something that did not know it.
[[nodiscard]] Result<Committer> read_committer(ByteSpan bytes);
[[nodiscard]] Result<StoredGroup> read_group(ByteSpan bytes);
[[nodiscard]] Result<ConsumedHour> read_consumed(ByteSpan bytes);

}  // namespace myelin::engine::groups
