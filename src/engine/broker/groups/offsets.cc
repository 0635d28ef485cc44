#include "engine/broker/groups/offsets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "kafka/refusal.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstVersionWithMemberEpoch = 9;

// v1 lets the client date its commit, v2 to v4 let it say how long it wants to be remembered; -1 leaves both to the
// broker.
template <typename Partition>
CommittedOffset offset_of(const kafka::OffsetCommitRequest& request, const Partition& partition, TopicId topic,
                          WallTime now) {
  CommittedOffset offset{.offset = partition.committed_offset,
                         .leader_epoch = partition.committed_leader_epoch,
                         .metadata = partition.committed_metadata.value_or(""),
                         .committed_at = now,
                         .expires_at = std::nullopt,
                         .topic_id = topic};
  if (partition.commit_timestamp >= 0) offset.committed_at = from_unix_milliseconds(partition.commit_timestamp);
  if (request.retention_time_ms >= 0) offset.expires_at = now + std::chrono::milliseconds(request.retention_time_ms);
  return offset;
}

}  // namespace

Offsets::Offsets(const Settings& settings, TopicLookup topics, Outbox& outbox)
    : settings_(settings),
      topics_(std::move(topics)),
      outbox_(outbox),
      transactional_(settings_, topics_, consumption_, outbox_) {}

kafka::OffsetCommitResponse commit_error(const kafka::OffsetCommitRequest& request, ErrorCode error) {
  kafka::OffsetCommitResponse response;
  kafka::refuse_each(request.topics, kafka::code_of(error), response.topics);
  return response;
}

ErrorCode Offsets::check_committer(const Group& group, const kafka::OffsetCommitRequest& request,
                                   std::int16_t version) {
  const std::int32_t generation = request.generation_id_or_member_epoch;
  if (group.consumer && generation < 0 && group.is_empty()) return ErrorCode::None;
  if (group.consumer) {
    const ConsumerMember* member = group.consumer->find(request.member_id);
    if (member != nullptr && !member->profile.classic && version < kFirstVersionWithMemberEpoch)
      return ErrorCode::UnsupportedVersion;
    return group.consumer->check_epoch(request.member_id, generation);
  }
  // Consumers that assign partitions to themselves, and tools that reset offsets, belong to no generation.
  const bool stands_alone = generation < 0 && request.member_id.empty() && !request.group_instance_id;
  if (generation < 0 && group.state == GroupState::Empty) return ErrorCode::None;
  if (stands_alone) return ErrorCode::UnknownMemberId;
  if (const ErrorCode wrong = Membership::check_member(group, request.member_id, request.group_instance_id);
      wrong != ErrorCode::None)
    return wrong;
  if (generation != group.generation) return ErrorCode::IllegalGeneration;
  return group.state == GroupState::CompletingRebalance ? ErrorCode::RebalanceInProgress : ErrorCode::None;
}

void Offsets::commit(Group& group, const Asker& asker, const kafka::OffsetCommitRequest& request) {
  if (const ErrorCode wrong = check_committer(group, request, asker.call.version); wrong != ErrorCode::None)
    return outbox_.reply(asker.ticket, commit_error(request, wrong));
  if (Member* member = group.find(request.member_id)) Membership::keep_alive(group, *member, asker.now.monotonic);

  CommitStored commit{
      .group = group.name, .ticket = asker.ticket, .durable = {}, .failed = {}, .offsets = {}, .consumed = {}};
  std::vector<OffsetsRecord> records;
  for (const auto& topic : request.topics) {
    const TopicName name(topic.name);
    const auto known = topics_(name);
    auto& durable = commit.durable.topics.emplace_back();
    auto& failed = commit.failed.topics.emplace_back();
    durable.name = failed.name = topic.name;
    for (const auto& partition : topic.partitions) {
      ErrorCode outcome = ErrorCode::None;
      if (!known || partition.partition_index < 0 || partition.partition_index >= known->partitions)
        outcome = ErrorCode::UnknownTopicOrPartition;
      else if (partition.committed_metadata &&
               partition.committed_metadata->size() > settings_.offset_metadata_bytes_max)
        outcome = ErrorCode::OffsetMetadataTooLarge;
      auto& good = durable.partitions.emplace_back();
      auto& bad = failed.partitions.emplace_back();
      good.partition_index = bad.partition_index = partition.partition_index;
      good.error_code = bad.error_code = kafka::code_of(outcome);
      if (outcome != ErrorCode::None) continue;
      bad.error_code = kafka::code_of(ErrorCode::CoordinatorNotAvailable);
      OffsetKey key{group.name, name, partition.partition_index};
      auto offset = offset_of(request, partition, known->id, asker.now.wall);
      records.push_back(offset_record(key, offset));
      if (auto row =
              consumption_.begin({key, known->id, asker.call.attribution->principal, offset.offset, asker.now.wall},
                                 asker.call.began_reading)) {
        records.push_back(consumed_record(row->key, row->hour));
        commit.consumed.push_back(*std::move(row));
      }
      commit.offsets.emplace_back(std::move(key), std::move(offset));
    }
  }
  if (records.empty()) return outbox_.reply(asker.ticket, std::move(commit.durable));
  outbox_.append(std::move(records), std::move(commit));
}

void Offsets::commit_stored(std::map<GroupName, Group>& groups, CommitStored commit, bool durable) {
  std::map<OffsetKey, CommitFact> facts;
  for (const auto& row : commit.consumed) {
    const auto advanced = consumption_.end(row, durable);
    // An offset that was dropped while its commit was under way is no fact; what it consumed is.
    if (advanced == 0) continue;
    auto& fact = facts[row.key.place];
    fact.advanced += advanced;
    fact.time = row.hour.last;
    fact.committed = row.hour.committed;
    fact.topic_id = row.hour.topic_id;
  }
  if (!durable) return outbox_.reply(commit.ticket, std::move(commit.failed));
  for (auto& [key, offset] : commit.offsets) {
    const auto [place, first] = groups.at(key.group).offsets[key.topic].try_emplace(key.partition);
    auto& fact = facts[key];
    fact.topic_id = offset.topic_id;
    fact.previous = first ? -1 : place->second.offset;
    fact.committed = offset.offset;
    place->second = std::move(offset);
  }
  std::vector<CommitFact> told;
  for (auto& [key, fact] : facts) {
    fact.group = key.group;
    fact.topic = key.topic;
    fact.partition = key.partition;
    told.push_back(std::move(fact));
  }
  outbox_.reply(commit.ticket, std::move(commit.durable), std::move(told));
}

// Takes the offsets for which forget(topic, partition, offset) holds out of the group and out of the commits that are
// under way, so that what is in memory stays what the log says in its order.
template <typename Forget>
std::vector<OffsetsRecord> Offsets::take_out(Group& group, Forget forget) {
  std::set<OffsetKey> keys;
  for (auto& [topic, partitions] : group.offsets) {
    std::erase_if(partitions, [&](const auto& entry) {
      if (!forget(topic, entry.first, entry.second)) return false;
      keys.insert({group.name, topic, entry.first});
      return true;
    });
  }
  std::erase_if(group.offsets, [](const auto& entry) { return entry.second.empty(); });
  for (auto& [id, awaited] : outbox_.awaited()) {
    auto* commit = std::get_if<CommitStored>(&awaited);
    if (!commit || commit->group != group.name) continue;
    std::erase_if(commit->offsets, [&](const auto& entry) {
      if (!forget(entry.first.topic, entry.first.partition, entry.second)) return false;
      keys.insert(entry.first);
      return true;
    });
  }
  const auto forgotten = transactional_.forget([&](const OffsetKey& key, const CommittedOffset& offset) {
    return key.group == group.name && forget(key.topic, key.partition, offset);
  });
  keys.insert(forgotten.begin(), forgotten.end());
  std::vector<OffsetsRecord> records;
  for (const OffsetKey& key : keys) records.push_back(offset_tombstone(key));
  return records;
}

std::vector<OffsetsRecord> Offsets::take_all(Group& group) {
  return take_out(group, [](const TopicName&, std::int32_t, const CommittedOffset&) { return true; });
}

void Offsets::drop(std::vector<OffsetsRecord> tombstones) {
  if (!tombstones.empty()) outbox_.append(std::move(tombstones), Unawaited{});
}

void Offsets::drop_topic(Group& group, const TopicName& topic) {
  drop(take_out(group, [&topic](const TopicName& of, std::int32_t, const CommittedOffset&) { return of == topic; }));
}

void Offsets::drop_orphans(Group& group) {
  drop(take_out(group, [this](const TopicName& name, std::int32_t, const CommittedOffset& offset) {
    const auto topic = topics_(name);
    return !topic || (!offset.topic_id.is_zero() && offset.topic_id != topic->id);
  }));
}

bool Offsets::expired(const Group& group, const CommittedOffset& offset, WallTime now) const {
  if (offset.expires_at) return now >= *offset.expires_at;
  // A group that had members counts from when the last one left.
  WallTime since = offset.committed_at;
  if (!group.protocol_type.empty() && group.state_since) since = std::max(since, *group.state_since);
  return now - since >= settings_.offsets_retention;
}

void Offsets::expire(Group& group, WallTime now) {
  if (!group.is_empty()) return;
  drop(take_out(group, [this, &group, now](const TopicName&, std::int32_t, const CommittedOffset& offset) {
    return expired(group, offset, now);
  }));
}

bool Offsets::under_way(const GroupName& group) const {
  const auto is_of_group = [&group](const auto& offset) { return offset.first.group == group; };
  return transactional_.has_pending(group) || std::ranges::any_of(outbox_.awaited(), [&](const auto& entry) {
           if (const auto* commit = std::get_if<CommitStored>(&entry.second)) return commit->group == group;
           const auto* in_transaction = std::get_if<TransactionalCommitStored>(&entry.second);
           return in_transaction != nullptr && std::ranges::any_of(in_transaction->offsets, is_of_group);
         });
}

bool Offsets::is_there(const std::string& topic, std::int32_t partition) const {
  const auto known = topics_(TopicName(topic));
  return known && partition >= 0 && partition < known->partitions;
}

void Offsets::remove(Group& group, const Asker& asker, const kafka::OffsetDeleteRequest& request) {
  kafka::OffsetDeleteResponse durable;
  if (!group.consumer && !group.is_empty()) {
    durable.error_code = kafka::code_of(ErrorCode::NonEmptyGroup);
    return outbox_.reply(asker.ticket, std::move(durable));
  }
  std::set<std::pair<std::string, std::int32_t>> unwanted;
  for (const auto& topic : request.topics) {
    auto& answered = durable.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answered.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (group.consumer && group.consumer->subscribes(topic.name)) {
        answer.error_code = kafka::code_of(ErrorCode::GroupSubscribedToTopic);
      } else if (is_there(topic.name, partition.partition_index)) {
        unwanted.emplace(topic.name, partition.partition_index);
      } else {
        answer.error_code = kafka::code_of(ErrorCode::UnknownTopicOrPartition);
      }
    }
  }
  auto records = take_out(group, [&unwanted](const TopicName& topic, std::int32_t partition, const CommittedOffset&) {
    return unwanted.contains({topic.text(), partition});
  });
  if (records.empty()) return outbox_.reply(asker.ticket, std::move(durable));
  kafka::OffsetDeleteResponse failed;
  failed.error_code = kafka::code_of(ErrorCode::CoordinatorNotAvailable);
  outbox_.append(std::move(records), AnswerStored{asker.ticket, std::move(durable), std::move(failed)});
}

}  // namespace myelin::engine::groups
