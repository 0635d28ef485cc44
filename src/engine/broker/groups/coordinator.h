#pragma once
// The coordinator of consumer groups: membership (the classic rebalance protocol), committed offsets, and their records
// in __consumer_offsets. Sans-IO: commands go in with the time they happen at, effects come out. It knows no thread,
// clock, disk or socket; one owner calls it, one command at a time.
//
// The owner's duties:
//   - feed every record of __consumer_offsets to replay(), oldest first, then finish_replay(), then handle requests;
//   - append Effects::appends to the log in the order given, and report each with on_appended() once it is durable or
//     has failed, in the same order;
//   - call on_time() when next_deadline() has come;
//   - call on_topic_deleted() when TopicLookup no longer knows the topic and before its name can be used again.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"
#include "engine/broker/groups/offsets.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/broker/groups/outbox.h"
#include "engine/broker/groups/settings.h"
#include "engine/engine.h"
#include "kafka/messages.h"

namespace myelin::engine::groups {

class GroupCoordinator {
 public:
  // `new_id` makes the unique part of member ids.
  GroupCoordinator(Settings settings, TopicLookup topics, std::function<Uuid()> new_id);

  GroupCoordinator(const GroupCoordinator&) = delete;
  GroupCoordinator& operator=(const GroupCoordinator&) = delete;

  [[nodiscard]] static std::vector<ApiRange> served();

  // The reply comes in these Effects or in later ones, under the same ticket, exactly once.
  [[nodiscard]] Effects handle(Ticket ticket, const Call& call, const kafka::Request& request, Now now);
  [[nodiscard]] Effects on_appended(AppendId append, const Result<void>& outcome, Now now);
  [[nodiscard]] Effects on_time(Now now);
  [[nodiscard]] Effects on_topic_deleted(const TopicName& topic);

  // The marker of the producer's transaction is durable. Answers the ticket with what groups consumed.
  [[nodiscard]] Effects end_transaction(Ticket ticket, std::int64_t producer_id, bool commits, Now now);

  // `transaction_of`: the producer in whose transaction the record stands.
  [[nodiscard]] Result<void> replay(ByteSpan key, std::optional<ByteSpan> value,
                                    std::optional<std::int64_t> transaction_of = std::nullopt);
  void replay_end(std::int64_t producer_id, bool commits);
  // Sessions of replayed members start anew; offsets of topics that are gone are dropped.
  [[nodiscard]] Effects finish_replay(Now now);

  // May be early, never late.
  [[nodiscard]] MonotonicTime next_deadline() const;

 private:
  void join(const Asker& asker, const kafka::JoinGroupRequest& request);
  void sync(const Asker& asker, const kafka::SyncGroupRequest& request);
  void heartbeat(const Asker& asker, const kafka::HeartbeatRequest& request);
  void leave(const Asker& asker, const kafka::LeaveGroupRequest& request);
  void commit(const Asker& asker, const kafka::OffsetCommitRequest& request);
  void commit_in_transaction(const Asker& asker, const kafka::TxnOffsetCommitRequest& request);
  void remove_offsets(const Asker& asker, const kafka::OffsetDeleteRequest& request);
  void remove_groups(const Asker& asker, const kafka::DeleteGroupsRequest& request);

  [[nodiscard]] Result<void> replay_offset(const OffsetKey& key, std::optional<ByteSpan> value,
                                           std::optional<std::int64_t> transaction_of);
  [[nodiscard]] Group* find(const std::string& group_id);
  Group& create(const GroupName& name);
  Group& find_or_create(const GroupName& name);
  // A group that nothing is known about does not exist.
  void forget_if_blank(Group& group);
  void erase(Group& group);
  // Keeps the index of deadlines at or before what the group waits for.
  void index(Group& group);
  void check_retention(Now now);
  void load_group(const GroupName& name, StoredGroup stored);

  Settings settings_;
  Outbox outbox_;
  Membership membership_;
  Offsets offsets_;
  std::map<GroupName, Group> groups_;
  std::set<std::pair<MonotonicTime, GroupName>> deadlines_;
  MonotonicTime next_retention_check_ = MonotonicTime::max();
  std::uint64_t next_incarnation_ = 1;
  bool replayed_ = false;
};

}  // namespace myelin::engine::groups
