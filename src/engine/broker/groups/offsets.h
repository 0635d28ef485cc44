#pragma once
// The committed offsets of groups: who may commit, what is answered when, when an offset is forgotten.
// A commit is applied, answered and reported as a fact only when its record is durable, so a reader never sees an
// offset that a crash takes back.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/coordination.h"
#include "engine/broker/groups/consumption.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"
#include "engine/broker/groups/outbox.h"
#include "engine/broker/groups/settings.h"
#include "engine/broker/groups/transactional_offsets.h"
#include "kafka/message/offset_commit.h"
#include "kafka/message/offset_delete.h"

namespace myelin::engine::groups {

using broker::TopicLookup;
using broker::TopicPartitions;

class Offsets {
 public:
  Offsets(const Settings& settings, TopicLookup topics, Outbox& outbox);

  void commit(Group& group, const Asker& asker, const kafka::OffsetCommitRequest& request);
  void commit_stored(std::map<GroupName, Group>& groups, CommitStored commit, bool durable);
  // Of a classic group only while it is empty, because what its members read is not known.
  void remove(Group& group, const Asker& asker, const kafka::OffsetDeleteRequest& request);

  // Empties the group of offsets; the records make that lasting.
  [[nodiscard]] std::vector<OffsetsRecord> take_all(Group& group);
  void drop_topic(Group& group, const TopicName& topic);
  // Forgets offsets whose topic is gone or has been made anew since they were committed.
  void drop_orphans(Group& group);
  void expire(Group& group, WallTime now);
  // What groups consumed; outlives their offsets.
  [[nodiscard]] Consumption& consumption() { return consumption_; }
  [[nodiscard]] TransactionalOffsets& transactional() { return transactional_; }
  [[nodiscard]] const TransactionalOffsets& transactional() const { return transactional_; }
  // Whether a commit of the group is being made durable, or waits for the end of a transaction.
  [[nodiscard]] bool under_way(const GroupName& group) const;

 private:
  [[nodiscard]] static kafka::ErrorCode check_committer(const Group& group, const kafka::OffsetCommitRequest& request,
                                                        std::int16_t version);
  [[nodiscard]] bool is_there(const std::string& topic, std::int32_t partition) const;
  [[nodiscard]] bool expired(const Group& group, const CommittedOffset& offset, WallTime now) const;
  template <typename Forget>
  [[nodiscard]] std::vector<OffsetsRecord> take_out(Group& group, Forget forget);
  void drop(std::vector<OffsetsRecord> tombstones);

  const Settings& settings_;
  TopicLookup topics_;
  Outbox& outbox_;
  Consumption consumption_;
  TransactionalOffsets transactional_;
};

// Every partition of the request answered with `error`.
[[nodiscard]] kafka::OffsetCommitResponse commit_error(const kafka::OffsetCommitRequest& request,
                                                       kafka::ErrorCode error);

}  // namespace myelin::engine::groups
