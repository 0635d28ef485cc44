#include <ranges>
#include <utility>

#include "base/check.h"
#include "engine/broker/groups/coordinator.h"

namespace myelin::engine::groups {

Result<void> GroupCoordinator::replay_offset(const OffsetKey& key, std::optional<ByteSpan> value,
                                             std::optional<std::int64_t> transaction_of) {
  if (!value) {
    // Nor may a transaction that ends later bring it back.
    (void)offsets_.transactional().forget(
        [&](const OffsetKey& pending, const CommittedOffset&) { return pending == key; });
    const auto found = groups_.find(key.group);
    if (found == groups_.end()) return {};
    auto& topics = found->second.offsets;
    if (const auto partitions = topics.find(key.topic); partitions != topics.end()) {
      partitions->second.erase(key.partition);
      if (partitions->second.empty()) topics.erase(partitions);
    }
    return {};
  }
  auto offset = read_offset(*value);
  if (!offset) return pass(offset);
  if (!transaction_of) {
    find_or_create(key.group).offsets[key.topic][key.partition] = *std::move(offset);
    return {};
  }
  auto committer = read_committer(*value);
  if (!committer) return pass(committer);
  offsets_.transactional().replay(*transaction_of, key,
                                  {*std::move(offset), std::move(committer->principal), committer->began_reading});
  return {};
}

void GroupCoordinator::replay_end(std::int64_t producer_id, bool commits) {
  offsets_.transactional().replay_end(producer_id, commits,
                                      [this](const GroupName& name) -> Group& { return find_or_create(name); });
}

Result<void> GroupCoordinator::replay(ByteSpan key, std::optional<ByteSpan> value,
                                      std::optional<std::int64_t> transaction_of) {
  CHECK(!replayed_);
  const auto consumer_key = read_consumer_key(key);
  if (!consumer_key) return std::unexpected<Error>(consumer_key.error());
  if (*consumer_key) return replay_consumer(**consumer_key, value);
  auto read = read_key(key);
  if (!read) return pass(read);
  if (const auto* offset_key = std::get_if<OffsetKey>(&*read)) {
    return replay_offset(*offset_key, value, transaction_of);
  }
  if (const auto* consumed_key = std::get_if<ConsumedKey>(&*read)) {
    if (!value) {
      offsets_.consumption().forget(*consumed_key);
      return {};
    }
    const auto hour = read_consumed(*value);
    if (!hour) return std::unexpected<Error>(hour.error());
    offsets_.consumption().replay(*consumed_key, *hour);
  } else if (const auto* name = std::get_if<GroupName>(&*read)) {
    StoredGroup stored;
    if (value) {
      auto group = read_group(*value);
      if (!group) return pass(group);
      stored = std::move(*group);
    }
    load_group(*name, std::move(stored), value.has_value());
  }
  return {};
}

// A group is of the protocol of which the last record about all of it was written.
Result<void> GroupCoordinator::replay_consumer(const ConsumerKey& key, std::optional<ByteSpan> value) {
  if (!value && find(key.group.text()) == nullptr) return {};
  Group& group = find_or_create(key.group);
  if (key.kind == ConsumerRecord::Group && !value) {
    group.consumer.reset();
    return {};
  }
  if (key.kind == ConsumerRecord::Group && !group.members.empty()) load_group(key.group, {}, false);
  Group& loaded = find_or_create(key.group);
  if (!loaded.consumer) loaded.consumer.emplace();
  loaded.protocol_type = kConsumerProtocolType;
  return replay_consumer_record(*loaded.consumer, key, value);
}

void GroupCoordinator::load_group(const GroupName& name, StoredGroup stored, bool is_classic) {
  Group loaded;
  loaded.name = name;
  loaded.incarnation = next_incarnation_++;
  loaded.state = stored.members.empty() ? GroupState::Empty : GroupState::Stable;
  loaded.state_since = stored.state_since;
  loaded.generation = stored.generation;
  loaded.protocol_type = stored.protocol_type;
  loaded.protocol = stored.protocol;
  loaded.leader = stored.leader;
  for (StoredMember& member : stored.members)
    loaded.add({.id = member.id,
                .instance_id = member.instance_id,
                .client_id = member.client_id,
                .client_host = member.client_host,
                .rebalance_timeout = member.rebalance_timeout,
                .session_timeout = member.session_timeout,
                .protocols = {{stored.protocol.value_or(""), member.subscription}},
                .assignment = member.assignment});
  if (Group* before = find(name.text())) {
    loaded.offsets = std::move(before->offsets);
    if (!is_classic) loaded.consumer = std::move(before->consumer);
  }
  groups_.insert_or_assign(name, std::move(loaded));
}

void GroupCoordinator::begin_sessions(Group& group, Now now) {
  settle_replayed(*group.consumer);
  if (group.consumer->epoch == 0) {  // nothing says that the group exists
    group.consumer.reset();
    return;
  }
  for (ConsumerMember& member : group.consumer->members | std::views::values) {
    consumer_membership_.keep_alive(group, member, now.monotonic);
    if (member.position.state != MemberState::UnrevokedPartitions) continue;
    member.act_by = now.monotonic + member.profile.rebalance_timeout;
    group.wake_at(*member.act_by);
  }
}

Effects GroupCoordinator::finish_replay(Now now) {
  CHECK(!replayed_);
  replayed_ = true;
  next_retention_check_ = now.monotonic + settings_.retention_check_interval;
  clock_watch_.emplace(now.wall, now.monotonic);
  std::vector<Group*> loaded;
  for (Group& group : groups_ | std::views::values) loaded.push_back(&group);
  for (Group* group : loaded) {
    offsets_.drop_orphans(*group);
    if (group->consumer) begin_sessions(*group, now);
    for (Member& member : group->members | std::views::values) Membership::keep_alive(*group, member, now.monotonic);
    index(*group);
    forget_if_blank(*group);
  }
  std::vector<OffsetsRecord> expired;
  for (const auto& key : offsets_.consumption().take_expired(now.wall)) expired.push_back(consumed_tombstone(key));
  if (!expired.empty()) outbox_.append(std::move(expired), Unawaited{});
  return outbox_.take();
}

}  // namespace myelin::engine::groups
