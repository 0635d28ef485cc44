#pragma once
// Offsets that producers commit inside their transactions (TxnOffsetCommit): durable at once, and nobody's until the
// transaction ends. A commit makes them the group's, an abort forgets them.
//
// What a transaction consumed is summed when it has committed; who committed it rests with the offset until then. A
// crash between the two loses no offset of the sum: the group's next commit advances from the furthest sum.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/broker/groups/consumption.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/broker/groups/outbox.h"
#include "engine/broker/groups/settings.h"
#include "kafka/message/txn_offset_commit.h"

namespace myelin::engine::groups {

class TransactionalOffsets {
 public:
  TransactionalOffsets(const Settings& settings, const broker::TopicLookup& topics, Consumption& consumption,
                       Outbox& outbox)
      : settings_(settings), topics_(topics), consumption_(consumption), outbox_(outbox) {}

  void commit(Group& group, const Asker& asker, const kafka::TxnOffsetCommitRequest& request);
  void commit_stored(TransactionalCommitStored commit, bool durable);
  // Answers the ticket with what groups consumed, when that is durable. `group_of` makes a group that is missing.
  using GroupOf = std::function<Group&(const GroupName&)>;
  void end(Ticket ticket, std::int64_t producer_id, bool commits, const GroupOf& group_of, Now now);
  void consumption_stored(ConsumptionStored stored, bool durable);

  void replay(std::int64_t producer_id, const OffsetKey& key, TransactionalOffset offset);
  void replay_end(std::int64_t producer_id, bool commits, const GroupOf& group_of);

  [[nodiscard]] bool is_pending(const OffsetKey& key) const;
  [[nodiscard]] bool has_pending(const GroupName& group) const;
  // Forgets what no transaction shall bring back.
  using Forget = std::function<bool(const OffsetKey&, const CommittedOffset&)>;
  std::vector<OffsetKey> forget(const Forget& is_unwanted);

 private:
  using Pending = std::map<OffsetKey, TransactionalOffset>;
  [[nodiscard]] static kafka::ErrorCode check_committer(const Group& group,
                                                        const kafka::TxnOffsetCommitRequest& request);

  const Settings& settings_;
  const broker::TopicLookup& topics_;
  Consumption& consumption_;
  Outbox& outbox_;
  std::map<std::int64_t, Pending> pending_;  // by producer id
};

// Every partition of the request answered with `error`.
[[nodiscard]] kafka::TxnOffsetCommitResponse commit_error(const kafka::TxnOffsetCommitRequest& request,
                                                          kafka::ErrorCode error);

}  // namespace myelin::engine::groups
