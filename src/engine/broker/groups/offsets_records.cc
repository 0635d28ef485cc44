#include "engine/broker/groups/offsets_records.h"

#include <string_view>

#include "engine/broker/record_codec.h"

namespace myelin::engine::groups {
namespace {

using broker::RecordReader;
using broker::RecordWriter;

constexpr std::int16_t kOffsetKeyVersion = 1;
constexpr std::int16_t kGroupKeyVersion = 2;
// Far above Kafka's own kinds of keys, which are numbered from 0; Kafka's readers skip kinds they do not know.
constexpr std::int16_t kConsumedKeyVersion = 19'801;
constexpr std::int16_t kConsumedVersion = 1;
constexpr std::int16_t kHighestValueVersion = 4;
constexpr std::int16_t kFirstFlexibleVersion = 4;
constexpr std::int16_t kOffsetVersionWithExpiry = 1;
constexpr std::int16_t kOffsetVersion = 4;
constexpr std::int16_t kGroupVersion = 3;
constexpr std::uint32_t kTopicIdTag = 0;
constexpr std::uint32_t kCommitterTag = 9801;  // ours; Kafka's readers skip tags they do not know

ByteBuffer offset_key(const OffsetKey& key) {
  RecordWriter out;
  out.integer(kOffsetKeyVersion);
  out.text(key.group.text());
  out.text(key.topic.text());
  out.integer(key.partition);
  return out.take();
}

ByteBuffer group_key(const GroupName& group) {
  RecordWriter out;
  out.integer(kGroupKeyVersion);
  out.text(group.text());
  return out.take();
}

ByteBuffer consumed_key(const ConsumedKey& key) {
  RecordWriter out;
  out.integer(kConsumedKeyVersion);
  out.text(key.place.group.text());
  out.text(key.place.topic.text());
  out.integer(key.place.partition);
  out.text(key.principal.text());
  out.integer(key.hour);
  return out.take();
}

ByteBuffer consumed_value(const ConsumedHour& hour) {
  RecordWriter out;
  out.integer(kConsumedVersion);
  out.integer(hour.advanced);
  out.integer(hour.committed);
  out.integer(unix_milliseconds(hour.first));
  out.integer(unix_milliseconds(hour.last));
  out.raw(hour.topic_id.bytes);
  return out.take();
}

ByteBuffer offset_value_with_expiry(const CommittedOffset& offset) {
  RecordWriter out;
  out.integer(kOffsetVersionWithExpiry);
  out.integer(offset.offset);
  out.text(offset.metadata);
  out.integer(unix_milliseconds(offset.committed_at));
  out.integer(unix_milliseconds(*offset.expires_at));
  return out.take();
}

// Principal, and where reading began (-1: not said).
ByteBuffer committer_field(const Committer& committer) {
  RecordWriter out;
  out.compact_text(committer.principal.text());
  out.integer(committer.began_reading.value_or(-1));
  return out.take();
}

ByteBuffer offset_value(const CommittedOffset& offset, const Committer* committer) {
  RecordWriter out;
  out.integer(kOffsetVersion);
  out.integer(offset.offset);
  out.integer(offset.leader_epoch);
  out.compact_text(offset.metadata);
  out.integer(unix_milliseconds(offset.committed_at));
  const bool has_topic_id = !offset.topic_id.is_zero();
  out.varint((has_topic_id ? 1U : 0U) + (committer != nullptr ? 1U : 0U));
  if (has_topic_id) {
    out.varint(kTopicIdTag);
    out.varint(static_cast<std::uint32_t>(offset.topic_id.bytes.size()));
    out.raw(offset.topic_id.bytes);
  }
  if (committer != nullptr) {
    const auto field = committer_field(*committer);
    out.varint(kCommitterTag);
    out.varint(static_cast<std::uint32_t>(field.size()));
    out.raw(field);
  }
  return out.take();
}

ByteBuffer group_value(const StoredGroup& group) {
  RecordWriter out;
  out.integer(kGroupVersion);
  out.text(group.protocol_type);
  out.integer(group.generation);
  out.nullable_text(group.protocol);
  out.nullable_text(group.leader);
  out.integer(group.state_since ? unix_milliseconds(*group.state_since) : std::int64_t{-1});
  out.integer(static_cast<std::int32_t>(group.members.size()));
  for (const StoredMember& member : group.members) {
    out.text(member.id);
    out.nullable_text(member.instance_id);
    out.text(member.client_id);
    out.text(member.client_host);
    out.integer(static_cast<std::int32_t>(member.rebalance_timeout.count()));
    out.integer(static_cast<std::int32_t>(member.session_timeout.count()));
    out.bytes(member.subscription.view());
    out.bytes(member.assignment.view());
  }
  return out.take();
}

StoredMember read_member(RecordReader& in, std::int16_t version) {
  const bool compact = version >= kFirstFlexibleVersion;
  StoredMember member;
  member.id = in.text(compact);
  if (version >= 3) member.instance_id = in.nullable_text(compact);
  member.client_id = in.text(compact);
  member.client_host = in.text(compact);
  if (version >= 1) member.rebalance_timeout = std::chrono::milliseconds(in.integer<std::int32_t>());
  member.session_timeout = std::chrono::milliseconds(in.integer<std::int32_t>());
  if (version < 1) member.rebalance_timeout = member.session_timeout;
  member.subscription = in.bytes(compact);
  member.assignment = in.bytes(compact);
  if (compact) in.skip_tags();
  return member;
}

}  // namespace

OffsetsRecord offset_record(const OffsetKey& key, const CommittedOffset& offset) {
  return {offset_key(key), offset.expires_at ? offset_value_with_expiry(offset) : offset_value(offset, nullptr)};
}

OffsetsRecord offset_record(const OffsetKey& key, const CommittedOffset& offset, const Committer& committer) {
  return {offset_key(key), offset_value(offset, &committer)};
}

OffsetsRecord offset_tombstone(const OffsetKey& key) { return {offset_key(key), std::nullopt}; }

OffsetsRecord group_record(const GroupName& group, const StoredGroup& stored) {
  return {group_key(group), group_value(stored)};
}

OffsetsRecord group_tombstone(const GroupName& group) { return {group_key(group), std::nullopt}; }

OffsetsRecord consumed_record(const ConsumedKey& key, const ConsumedHour& hour) {
  return {consumed_key(key), consumed_value(hour)};
}

OffsetsRecord consumed_tombstone(const ConsumedKey& key) { return {consumed_key(key), std::nullopt}; }

Result<RecordKey> read_key(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (!in.broken() && version > kGroupKeyVersion && version != kConsumedKeyVersion) return RecordKey(ForeignKey{});
  GroupName group(in.text(false));
  RecordKey key = group;
  if (version != kGroupKeyVersion) {
    TopicName topic(in.text(false));
    const auto partition = in.integer<std::int32_t>();
    OffsetKey place{std::move(group), std::move(topic), partition};
    if (version == kConsumedKeyVersion) {
      PrincipalName principal(in.text(false));
      key = ConsumedKey{std::move(place), std::move(principal), in.integer<std::int64_t>()};
    } else {
      key = std::move(place);
    }
  }
  if (in.broken() || version < 0)
    return fail(Code::Corrupt, "consumer offsets: a key of {} bytes can't be read", bytes.size());
  return key;
}

namespace {

// Tagged fields, if the value has any, go to `take`.
template <typename Take>
Result<CommittedOffset> read_offset_and_tags(ByteSpan bytes, Take take) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (version < 0 || version > kHighestValueVersion)
    return fail(Code::Unsupported, "consumer offsets: offset value of version {}; 0 to {} can be read", version,
                kHighestValueVersion);
  const bool compact = version >= kFirstFlexibleVersion;
  CommittedOffset offset;
  offset.offset = in.integer<std::int64_t>();
  if (version >= 3) offset.leader_epoch = in.integer<std::int32_t>();
  offset.metadata = in.text(compact);
  offset.committed_at = from_unix_milliseconds(in.integer<std::int64_t>());
  if (version == kOffsetVersionWithExpiry) {
    const auto expires = in.integer<std::int64_t>();
    if (expires != -1) offset.expires_at = from_unix_milliseconds(expires);
  }
  if (compact) in.tags([&](std::uint32_t tag, ByteSpan content) { take(offset, tag, content); });
  if (in.broken())
    return fail(Code::Corrupt, "consumer offsets: an offset value of {} bytes is cut short", bytes.size());
  return offset;
}

}  // namespace

Result<CommittedOffset> read_offset(ByteSpan bytes) {
  return read_offset_and_tags(bytes, [](CommittedOffset& offset, std::uint32_t tag, ByteSpan content) {
    if (tag == kTopicIdTag && content.size() == offset.topic_id.bytes.size())
      std::ranges::copy(content, offset.topic_id.bytes.begin());
  });
}

Result<Committer> read_committer(ByteSpan bytes) {
  Committer committer;
  bool is_whole = true;
  const auto read = read_offset_and_tags(bytes, [&](const CommittedOffset&, std::uint32_t tag, ByteSpan content) {
    if (tag != kCommitterTag) return;
    RecordReader in(content);
    committer.principal = PrincipalName(in.text(true));
    const auto began = in.integer<std::int64_t>();
    if (began >= 0) committer.began_reading = began;
    is_whole = !in.broken();
  });
  if (!read) return std::unexpected<Error>(read.error());
  if (!is_whole) return fail(Code::Corrupt, "consumer offsets: who committed an offset is cut short");
  return committer;
}

Result<ConsumedHour> read_consumed(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (!in.broken() && version != kConsumedVersion)
    return fail(Code::Unsupported, "consumer offsets: consumption of version {}; {} can be read", version,
                kConsumedVersion);
  ConsumedHour hour;
  hour.advanced = in.integer<std::int64_t>();
  hour.committed = in.integer<std::int64_t>();
  hour.first = from_unix_milliseconds(in.integer<std::int64_t>());
  hour.last = from_unix_milliseconds(in.integer<std::int64_t>());
  std::ranges::copy(in.raw(hour.topic_id.bytes.size()), hour.topic_id.bytes.begin());
  if (in.broken()) return fail(Code::Corrupt, "consumer offsets: consumption of {} bytes is cut short", bytes.size());
  return hour;
}

Result<StoredGroup> read_group(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (version < 0 || version > kHighestValueVersion)
    return fail(Code::Unsupported, "consumer offsets: group value of version {}; 0 to {} can be read", version,
                kHighestValueVersion);
  const bool compact = version >= kFirstFlexibleVersion;
  StoredGroup group;
  group.protocol_type = in.text(compact);
  group.generation = in.integer<std::int32_t>();
  group.protocol = in.nullable_text(compact);
  group.leader = in.nullable_text(compact);
  if (version >= 2) {
    const auto since = in.integer<std::int64_t>();
    if (since != -1) group.state_since = from_unix_milliseconds(since);
  }
  const std::int64_t members = in.count(compact);
  for (std::int64_t index = 0; index < members && !in.broken(); ++index)
    group.members.push_back(read_member(in, version));
  if (compact) in.skip_tags();
  if (in.broken() || members < 0)
    return fail(Code::Corrupt, "consumer offsets: a group value of {} bytes is cut short", bytes.size());
  return group;
}

}  // namespace myelin::engine::groups
