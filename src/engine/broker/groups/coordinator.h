#pragma once
// The coordinator of consumer groups: membership (the classic protocol and the newer one), committed offsets, and their
// records in __consumer_offsets. Sans-IO: commands go in with the time they happen at, effects come out. It knows no
// thread, clock, disk or socket; one owner calls it, one command at a time.
//
// The owner's duties:
//   - feed every record of __consumer_offsets to replay(), oldest first, then finish_replay(), then handle requests;
//   - append Effects::appends to the log in the order given, and report each with on_appended() once it is durable or
//     has failed, in the same order;
//   - call on_time() when next_deadline() has come;
//   - call on_topic_deleted() when TopicLookup no longer knows the topic and before its name can be used again.
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/clock_watch.h"
#include "base/ids.h"
#include "base/result.h"
#include "engine/broker/groups/classic_members.h"
#include "engine/broker/groups/consumer_membership.h"
#include "engine/broker/groups/consumer_records.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"
#include "engine/broker/groups/offsets.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/broker/groups/outbox.h"
#include "engine/broker/groups/settings.h"
#include "engine/engine.h"
#include "kafka/messages.h"

namespace myelin::engine::groups {

using broker::TopicIndexSource;

class GroupCoordinator {
 public:
  // `new_id` makes the unique part of member ids.
  GroupCoordinator(Settings settings, TopicLookup topics, TopicIndexSource index, std::function<Uuid()> new_id);

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
  void consumer_heartbeat(const Asker& asker, const kafka::ConsumerGroupHeartbeatRequest& request);
  void leave_consumer(Group& group, const Asker& asker, const kafka::ConsumerGroupHeartbeatRequest& request);
  void expire_consumers(Group& group, Now now);
  void remove_consumers(Group& group, const std::vector<std::string>& member_ids, Now now,
                        std::optional<AnswerStored> answer);
  // Requests of classic members in a group of the newer protocol.
  void join_among_consumers(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request);
  void leave_among_consumers(Group& group, const Asker& asker, const kafka::LeaveGroupRequest& request);
  // Makes the group one of the newer protocol: the records that say so, or why it can't be.
  [[nodiscard]] std::expected<std::vector<OffsetsRecord>, Refusal> become_consumer(Group& group, Now now);
  // All its members, if any, speak the classic protocol.
  void become_classic(Group& group, Now now, std::optional<AnswerStored> answer);
  void commit(const Asker& asker, const kafka::OffsetCommitRequest& request);
  void commit_in_transaction(const Asker& asker, const kafka::TxnOffsetCommitRequest& request);
  void remove_offsets(const Asker& asker, const kafka::OffsetDeleteRequest& request);
  void remove_groups(const Asker& asker, const kafka::DeleteGroupsRequest& request);

  [[nodiscard]] Result<void> replay_offset(const OffsetKey& key, std::optional<ByteSpan> value,
                                           std::optional<std::int64_t> transaction_of);
  [[nodiscard]] Result<void> replay_consumer(const ConsumerKey& key, std::optional<ByteSpan> value);
  void begin_sessions(Group& group, Now now);
  [[nodiscard]] Group* find(const std::string& group_id);
  [[nodiscard]] Group* find(const GroupName& name, std::uint64_t incarnation);
  Group& create(const GroupName& name);
  Group& find_or_create(const GroupName& name);
  // A group that nothing is known about does not exist.
  void forget_if_blank(Group& group);
  void erase(Group& group);
  // Keeps the index of deadlines at or before what the group waits for.
  void index(Group& group);
  void check_retention(Now now);
  // Of what was written about a group as a whole; not `is_classic`: only that it is not of the classic protocol.
  void load_group(const GroupName& name, StoredGroup stored, bool is_classic);
  static void add_tombstones(std::vector<OffsetsRecord>& records, const Group& group);

  Settings settings_;
  Outbox outbox_;
  Membership membership_;
  ConsumerMembership consumer_membership_;
  ClassicMembers classic_members_;
  Offsets offsets_;
  std::map<GroupName, Group> groups_;
  std::set<std::pair<MonotonicTime, GroupName>> deadlines_;
  MonotonicTime next_retention_check_ = MonotonicTime::max();
  std::optional<ClockWatch> clock_watch_;  // since the replay ended
  std::uint64_t next_incarnation_ = 1;
  bool replayed_ = false;
};

}  // namespace myelin::engine::groups
