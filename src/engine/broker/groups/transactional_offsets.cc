#include "engine/broker/groups/transactional_offsets.h"

#include <algorithm>
#include <utility>

#include "kafka/refusal.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

kafka::TxnOffsetCommitResponse commit_error(const kafka::TxnOffsetCommitRequest& request, ErrorCode error) {
  kafka::TxnOffsetCommitResponse response;
  kafka::refuse_each(request.topics, kafka::code_of(error), response.topics);
  return response;
}

// A producer that says nothing of a member (always before version 3) may commit for a group in any state.
ErrorCode TransactionalOffsets::check_committer(const Group& group, const kafka::TxnOffsetCommitRequest& request) {
  const bool says_who = request.generation_id >= 0 || !request.member_id.empty() || request.group_instance_id;
  if (!says_who || (request.generation_id < 0 && group.is_empty())) return ErrorCode::None;
  if (group.consumer) {
    const auto wrong = group.consumer->check_epoch(request.member_id, request.generation_id);
    return wrong == ErrorCode::StaleMemberEpoch ? ErrorCode::IllegalGeneration : wrong;
  }
  if (const auto wrong = Membership::check_member(group, request.member_id, request.group_instance_id);
      wrong != ErrorCode::None) {
    return wrong;
  }
  return request.generation_id == group.generation ? ErrorCode::None : ErrorCode::IllegalGeneration;
}

void TransactionalOffsets::commit(Group& group, const Asker& asker, const kafka::TxnOffsetCommitRequest& request) {
  if (const auto wrong = check_committer(group, request); wrong != ErrorCode::None) {
    return outbox_.reply(asker.ticket, commit_error(request, wrong));
  }
  TransactionalCommitStored commit{.ticket = asker.ticket,
                                   .producer_id = request.producer_id,
                                   .durable = commit_error(request, ErrorCode::None),
                                   .failed = commit_error(request, ErrorCode::CoordinatorNotAvailable),
                                   .offsets = {}};
  std::vector<OffsetsRecord> records;
  for (std::size_t index = 0; index < request.topics.size(); ++index) {
    const auto& topic = request.topics[index];
    const TopicName name(topic.name);
    const auto known = topics_(name);
    for (std::size_t at = 0; at < topic.partitions.size(); ++at) {
      const auto& partition = topic.partitions[at];
      ErrorCode refusal = ErrorCode::None;
      if (!known || partition.partition_index < 0 || partition.partition_index >= known->partitions) {
        refusal = ErrorCode::UnknownTopicOrPartition;
      } else if (partition.committed_metadata &&
                 partition.committed_metadata->size() > settings_.offset_metadata_bytes_max) {
        refusal = ErrorCode::OffsetMetadataTooLarge;
      }
      if (refusal != ErrorCode::None) {
        commit.durable.topics[index].partitions[at].error_code = kafka::code_of(refusal);
        commit.failed.topics[index].partitions[at].error_code = kafka::code_of(refusal);
        continue;
      }
      OffsetKey key{group.name, name, partition.partition_index};
      TransactionalOffset offset{.offset = {.offset = partition.committed_offset,
                                            .leader_epoch = partition.committed_leader_epoch,
                                            .metadata = partition.committed_metadata.value_or(""),
                                            .committed_at = asker.now.wall,
                                            .expires_at = std::nullopt,
                                            .topic_id = known->id},
                                 .principal = asker.call.attribution->principal,
                                 .began_reading = std::nullopt};
      if (asker.call.began_reading && !group.has_offset(name, partition.partition_index)) {
        offset.began_reading = asker.call.began_reading(name, partition.partition_index);
      }
      records.push_back(offset_record(key, offset.offset, {offset.principal, offset.began_reading}));
      commit.offsets.emplace_back(std::move(key), std::move(offset));
    }
  }
  if (records.empty()) return outbox_.reply(asker.ticket, std::move(commit.durable));
  outbox_.append(std::move(records), std::move(commit),
                 broker::TransactionalProducer{request.producer_id, request.producer_epoch});
}

void TransactionalOffsets::commit_stored(TransactionalCommitStored commit, bool durable) {
  if (durable) {
    auto& pending = pending_[commit.producer_id];
    for (auto& [key, offset] : commit.offsets) pending.insert_or_assign(key, std::move(offset));
  }
  outbox_.reply(commit.ticket, std::move(durable ? commit.durable : commit.failed));
}

void TransactionalOffsets::end(Ticket ticket, std::int64_t producer_id, bool commits, const GroupOf& group_of,
                               Now now) {
  const auto ended = pending_.extract(producer_id);
  if (ended.empty() || !commits) return outbox_.reply(ticket, {});
  ConsumptionStored stored{.ticket = ticket, .facts = {}, .rows = {}};
  std::vector<OffsetsRecord> records;
  for (const auto& [key, committed] : ended.mapped()) {
    std::optional<Consumption::Row> row;
    if (!committed.principal.text().empty()) {
      row = consumption_.begin({key, committed.offset.topic_id, committed.principal, committed.offset.offset, now.wall},
                               [&](const TopicName&, std::int32_t) { return committed.began_reading; });
    }
    if (row) records.push_back(consumed_record(row->key, row->hour));
    auto& partitions = group_of(key.group).offsets[key.topic];
    const auto [place, first] = partitions.try_emplace(key.partition);
    auto& fact = stored.facts.emplace_back();
    fact.group = key.group;
    fact.topic = key.topic;
    fact.topic_id = committed.offset.topic_id;
    fact.partition = key.partition;
    fact.previous = first ? -1 : place->second.offset;
    fact.committed = committed.offset.offset;
    fact.time = now.wall;
    place->second = committed.offset;
    stored.rows.push_back(std::move(row));
  }
  if (records.empty()) return outbox_.reply(ticket, {}, std::move(stored.facts));
  outbox_.append(std::move(records), std::move(stored));
}

void TransactionalOffsets::consumption_stored(ConsumptionStored stored, bool durable) {
  for (std::size_t index = 0; index < stored.facts.size(); ++index) {
    if (stored.rows[index]) stored.facts[index].advanced = consumption_.end(*stored.rows[index], durable);
  }
  outbox_.reply(stored.ticket, {}, std::move(stored.facts));
}

void TransactionalOffsets::replay(std::int64_t producer_id, const OffsetKey& key, TransactionalOffset offset) {
  pending_[producer_id].insert_or_assign(key, std::move(offset));
}

void TransactionalOffsets::replay_end(std::int64_t producer_id, bool commits, const GroupOf& group_of) {
  auto ended = pending_.extract(producer_id);
  if (ended.empty() || !commits) return;
  for (auto& [key, committed] : ended.mapped()) {
    group_of(key.group).offsets[key.topic].insert_or_assign(key.partition, std::move(committed.offset));
  }
}

bool TransactionalOffsets::is_pending(const OffsetKey& key) const {
  return std::ranges::any_of(pending_, [&key](const auto& entry) { return entry.second.contains(key); });
}

bool TransactionalOffsets::has_pending(const GroupName& group) const {
  const auto is_of_group = [&group](const auto& offset) { return offset.first.group == group; };
  return std::ranges::any_of(pending_,
                             [&](const auto& entry) { return std::ranges::any_of(entry.second, is_of_group); });
}

std::vector<OffsetKey> TransactionalOffsets::forget(const Forget& is_unwanted) {
  std::vector<OffsetKey> keys;
  const auto take = [&](const OffsetKey& key, const CommittedOffset& offset) {
    if (!is_unwanted(key, offset)) return false;
    keys.push_back(key);
    return true;
  };
  for (auto& [producer_id, pending] : pending_) {
    std::erase_if(pending, [&](const auto& entry) { return take(entry.first, entry.second.offset); });
  }
  for (auto& [id, awaited] : outbox_.awaited()) {
    auto* commit = std::get_if<TransactionalCommitStored>(&awaited);
    if (commit == nullptr) continue;
    std::erase_if(commit->offsets, [&](const auto& entry) { return take(entry.first, entry.second.offset); });
  }
  return keys;
}

}  // namespace myelin::engine::groups
