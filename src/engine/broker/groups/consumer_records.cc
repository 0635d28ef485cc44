#include "engine/broker/groups/consumer_records.h"

#include <algorithm>
#include <ranges>

#include "engine/broker/record_codec.h"

namespace myelin::engine::groups {
namespace {

using broker::RecordReader;
using broker::RecordWriter;

constexpr std::int16_t kValueVersion = 0;
constexpr std::uint32_t kHashTag = 0;
constexpr std::uint32_t kClassicTag = 0;
// Ours, far above Kafka's own tags, which are numbered from 0: what a member's pattern matched.
constexpr std::uint32_t kMatchedTag = 9'801;

bool is_about_a_member(ConsumerRecord kind) {
  return kind != ConsumerRecord::Group && kind != ConsumerRecord::TargetEpoch;
}

ByteBuffer key_bytes(const ConsumerKey& key) {
  RecordWriter out;
  out.integer(static_cast<std::int16_t>(key.kind));
  out.text(key.group.text());
  if (is_about_a_member(key.kind)) out.text(key.member_id);
  return out.take();
}

void write_names(RecordWriter& out, const std::set<std::string>& names) {
  out.varint(static_cast<std::uint32_t>(names.size() + 1));
  for (const std::string& name : names) out.compact_text(name);
}

std::set<std::string> read_names(RecordReader& in) {
  std::set<std::string> names;
  for (std::int64_t left = in.count(true); left > 0 && !in.broken(); --left) names.insert(in.text(true));
  return names;
}

void write_tag(RecordWriter& out, std::uint32_t tag, RecordWriter content) {
  const ByteBuffer bytes = content.take();
  out.varint(tag);
  out.varint(static_cast<std::uint32_t>(bytes.size()));
  out.raw(bytes);
}

void write_assignment(RecordWriter& out, const Assignment& assignment) {
  out.varint(static_cast<std::uint32_t>(assignment.size() + 1));
  for (const auto& [topic, partitions] : assignment) {
    out.raw(topic.bytes);
    out.varint(static_cast<std::uint32_t>(partitions.size() + 1));
    for (const std::int32_t partition : partitions) out.integer(partition);
    out.varint(0);
  }
}

Assignment read_assignment(RecordReader& in) {
  Assignment assignment;
  for (std::int64_t left = in.count(true); left > 0 && !in.broken(); --left) {
    TopicId topic;
    std::ranges::copy(in.raw(topic.bytes.size()), topic.bytes.begin());
    auto& partitions = assignment[topic];
    for (std::int64_t more = in.count(true); more > 0 && !in.broken(); --more) {
      partitions.insert(in.integer<std::int32_t>());
    }
    in.skip_tags();
  }
  return assignment;
}

RecordWriter classic_part(const ClassicPart& classic) {
  RecordWriter out;
  out.integer(std::int8_t{1});  // Kafka's mark of a struct that is not null
  out.integer(static_cast<std::int32_t>(classic.session_timeout.count()));
  out.varint(static_cast<std::uint32_t>(classic.protocols.size() + 1));
  for (const Protocol& protocol : classic.protocols) {
    out.compact_text(protocol.name);
    out.varint(static_cast<std::uint32_t>(protocol.metadata.size() + 1));
    out.raw(protocol.metadata.view());
    out.varint(0);
  }
  out.varint(0);
  return out;
}

std::optional<ClassicPart> read_classic(RecordReader& in) {
  if (in.integer<std::int8_t>() < 0) return std::nullopt;
  ClassicPart classic;
  classic.session_timeout = std::chrono::milliseconds(in.integer<std::int32_t>());
  for (std::int64_t left = in.count(true); left > 0 && !in.broken(); --left) {
    Protocol& protocol = classic.protocols.emplace_back();
    protocol.name = in.text(true);
    protocol.metadata = in.bytes(true);
    in.skip_tags();
  }
  in.skip_tags();
  return classic;
}

void write_nullable(RecordWriter& out, const std::optional<std::string>& text) {
  if (text) {
    out.compact_text(*text);
  } else {
    out.varint(0);
  }
}

ConsumerProfile read_profile(RecordReader& in) {
  ConsumerProfile profile;
  profile.instance_id = in.nullable_text(true);
  profile.rack_id = in.nullable_text(true);
  profile.client_id = in.text(true);
  profile.client_host = in.text(true);
  profile.topics = read_names(in);
  profile.pattern = in.nullable_text(true).value_or("");
  profile.rebalance_timeout = std::chrono::milliseconds(in.integer<std::int32_t>());
  profile.assignor = in.nullable_text(true);
  in.tags([&profile](std::uint32_t tag, ByteSpan content) {
    RecordReader inner(content);
    if (tag == kClassicTag) profile.classic = read_classic(inner);
    if (tag == kMatchedTag) profile.matched = read_names(inner);
  });
  return profile;
}

Position read_position(RecordReader& in) {
  Position position;
  position.epoch = in.integer<std::int32_t>();
  position.previous_epoch = in.integer<std::int32_t>();
  const auto state = in.integer<std::int8_t>();
  // A state that is not known is taken as waiting: the next heartbeat settles it.
  position.state = state >= 0 && state <= static_cast<std::int8_t>(MemberState::UnreleasedPartitions)
                       ? MemberState{state}
                       : MemberState::UnreleasedPartitions;
  position.assigned = read_assignment(in);
  position.revoking = read_assignment(in);
  in.skip_tags();
  return position;
}

ConsumerMember& member_of(ConsumerGroup& consumer, const std::string& id) {
  ConsumerMember& member = consumer.members[id];
  member.id = id;
  return member;
}

void take_value(ConsumerGroup& consumer, const ConsumerKey& key, RecordReader& in) {
  switch (key.kind) {
    case ConsumerRecord::Group:
      consumer.epoch = in.integer<std::int32_t>();
      consumer.metadata_hash = 0;
      in.tags([&consumer](std::uint32_t tag, ByteSpan content) {
        if (tag == kHashTag) consumer.metadata_hash = RecordReader(content).integer<std::uint64_t>();
      });
      break;
    case ConsumerRecord::Member:
      member_of(consumer, key.member_id).profile = read_profile(in);
      consumer.in_log.insert(key.member_id);
      break;
    case ConsumerRecord::TargetEpoch:
      consumer.target_epoch = in.integer<std::int32_t>();
      in.skip_tags();
      break;
    case ConsumerRecord::TargetOfMember:
      consumer.targets[key.member_id] = read_assignment(in);
      in.skip_tags();
      break;
    case ConsumerRecord::Position: {
      // Who was given a partition later has it: whoever had it before had given it up.
      ConsumerMember& member = member_of(consumer, key.member_id);
      consumer.place(member, read_position(in));
      break;
    }
  }
}

void take_tombstone(ConsumerGroup& consumer, const ConsumerKey& key) {
  switch (key.kind) {
    case ConsumerRecord::Group:
      consumer.epoch = 0;
      break;
    case ConsumerRecord::Member:
      consumer.in_log.erase(key.member_id);
      break;
    case ConsumerRecord::TargetEpoch:
      consumer.target_epoch = 0;
      break;
    case ConsumerRecord::TargetOfMember:
      consumer.targets.erase(key.member_id);
      break;
    case ConsumerRecord::Position:
      if (ConsumerMember* member = consumer.find(key.member_id)) consumer.place(*member, {});
      break;
  }
}

// Of the partitions of `assignment`, those that the table of holders gives to this member.
void keep_held(const ConsumerGroup& consumer, const ConsumerMember& member, Assignment& assignment) {
  for (auto& [topic, partitions] : assignment) {
    std::erase_if(partitions,
                  [&, &of = topic](std::int32_t partition) { return !consumer.holds(member, of, partition); });
  }
  std::erase_if(assignment, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace

OffsetsRecord consumer_group_record(const GroupName& group, const ConsumerGroup& consumer) {
  RecordWriter out;
  out.integer(kValueVersion);
  out.integer(consumer.epoch);
  if (consumer.metadata_hash == 0) {
    out.varint(0);
  } else {
    RecordWriter hash;
    hash.integer(consumer.metadata_hash);
    out.varint(1);
    write_tag(out, kHashTag, std::move(hash));
  }
  return {key_bytes({ConsumerRecord::Group, group, {}}), out.take()};
}

OffsetsRecord consumer_member_record(const GroupName& group, const ConsumerMember& member) {
  const ConsumerProfile& profile = member.profile;
  RecordWriter out;
  out.integer(kValueVersion);
  write_nullable(out, profile.instance_id);
  write_nullable(out, profile.rack_id);
  out.compact_text(profile.client_id);
  out.compact_text(profile.client_host);
  write_names(out, profile.topics);
  out.compact_text(profile.pattern);
  out.integer(static_cast<std::int32_t>(profile.rebalance_timeout.count()));
  write_nullable(out, profile.assignor);
  out.varint((profile.classic ? 1U : 0U) + (profile.matched.empty() ? 0U : 1U));
  if (profile.classic) write_tag(out, kClassicTag, classic_part(*profile.classic));
  if (!profile.matched.empty()) {
    RecordWriter matched;
    write_names(matched, profile.matched);
    write_tag(out, kMatchedTag, std::move(matched));
  }
  return {key_bytes({ConsumerRecord::Member, group, member.id}), out.take()};
}

OffsetsRecord target_epoch_record(const GroupName& group, std::int32_t epoch) {
  RecordWriter out;
  out.integer(kValueVersion);
  out.integer(epoch);
  out.varint(0);
  return {key_bytes({ConsumerRecord::TargetEpoch, group, {}}), out.take()};
}

OffsetsRecord target_record(const GroupName& group, const std::string& member_id, const Assignment& target) {
  RecordWriter out;
  out.integer(kValueVersion);
  write_assignment(out, target);
  out.varint(0);
  return {key_bytes({ConsumerRecord::TargetOfMember, group, member_id}), out.take()};
}

OffsetsRecord position_record(const GroupName& group, const ConsumerMember& member) {
  RecordWriter out;
  out.integer(kValueVersion);
  out.integer(member.position.epoch);
  out.integer(member.position.previous_epoch);
  out.integer(static_cast<std::int8_t>(member.position.state));
  write_assignment(out, member.position.assigned);
  write_assignment(out, member.position.revoking);
  out.varint(0);
  return {key_bytes({ConsumerRecord::Position, group, member.id}), out.take()};
}

OffsetsRecord consumer_tombstone(const ConsumerKey& key) { return {key_bytes(key), std::nullopt}; }

void add_member_tombstones(std::vector<OffsetsRecord>& records, const GroupName& group, const std::string& member_id) {
  for (const auto kind : {ConsumerRecord::Position, ConsumerRecord::TargetOfMember, ConsumerRecord::Member})
    records.push_back(consumer_tombstone({kind, group, member_id}));
}

void add_consumer_group_tombstones(std::vector<OffsetsRecord>& records, const GroupName& group,
                                   const ConsumerGroup& consumer) {
  for (const std::string& id : consumer.in_log) add_member_tombstones(records, group, id);
  for (const auto kind : {ConsumerRecord::TargetEpoch, ConsumerRecord::Group})
    records.push_back(consumer_tombstone({kind, group, {}}));
}

void add_whole_consumer_group(std::vector<OffsetsRecord>& records, const GroupName& group,
                              const ConsumerGroup& consumer) {
  for (const std::string& id : consumer.in_log)
    if (!consumer.members.contains(id)) add_member_tombstones(records, group, id);
  records.push_back(consumer_group_record(group, consumer));
  for (const ConsumerMember& member : consumer.members | std::views::values)
    records.push_back(consumer_member_record(group, member));
  records.push_back(target_epoch_record(group, consumer.target_epoch));
  for (const ConsumerMember& member : consumer.members | std::views::values) {
    records.push_back(target_record(group, member.id, consumer.target_of(member.id).partitions));
    records.push_back(position_record(group, member));
  }
}

Result<std::optional<ConsumerKey>> read_consumer_key(ByteSpan key) {
  RecordReader in(key);
  ConsumerKey read;
  read.kind = ConsumerRecord{in.integer<std::int16_t>()};
  switch (read.kind) {
    case ConsumerRecord::Group:
    case ConsumerRecord::Member:
    case ConsumerRecord::TargetEpoch:
    case ConsumerRecord::TargetOfMember:
    case ConsumerRecord::Position:
      break;
    default:
      return std::nullopt;
  }
  read.group = GroupName(in.text(false));
  if (is_about_a_member(read.kind)) read.member_id = in.text(false);
  if (in.broken()) return fail(Code::Corrupt, "consumer offsets: a key of {} bytes can't be read", key.size());
  return std::optional(std::move(read));
}

Result<void> replay_consumer_record(ConsumerGroup& consumer, const ConsumerKey& key, std::optional<ByteSpan> value) {
  if (!value) {
    take_tombstone(consumer, key);
    return {};
  }
  RecordReader in(*value);
  const auto version = in.integer<std::int16_t>();
  if (!in.broken() && version != kValueVersion)
    return fail(Code::Unsupported, "consumer offsets: value {} of a consumer group in version {}; {} can be read",
                static_cast<int>(key.kind), version, kValueVersion);
  take_value(consumer, key, in);
  if (in.broken())
    return fail(Code::Corrupt, "consumer offsets: a value of a consumer group of {} bytes is cut short", value->size());
  return {};
}

void settle_replayed(ConsumerGroup& consumer) {
  std::vector<std::string> gone;
  for (const auto& [id, member] : consumer.members)
    if (!consumer.in_log.contains(id)) gone.push_back(id);
  for (const std::string& id : gone) consumer.remove(id);
  std::erase_if(consumer.targets, [&](const auto& entry) { return !consumer.members.contains(entry.first); });
  for (ConsumerMember& member : consumer.members | std::views::values) {
    keep_held(consumer, member, member.position.assigned);
    keep_held(consumer, member, member.position.revoking);
    if (member.profile.instance_id) consumer.static_ids[*member.profile.instance_id] = member.id;
    consumer.epoch = std::max(consumer.epoch, member.position.epoch);
  }
  consumer.epoch = std::max(consumer.epoch, consumer.target_epoch);
}

}  // namespace myelin::engine::groups
