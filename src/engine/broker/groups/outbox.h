#pragma once
// What a command of the coordinator leaves behind: replies that are due, records to append, and, inside, what each
// append has promised to do once it is durable.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "engine/broker/coordination.h"
#include "engine/broker/groups/consumption.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/engine.h"
#include "kafka/messages.h"

namespace myelin::engine::groups {

using broker::AppendId;
using broker::Now;
using broker::Ticket;

struct Effects {
  struct Reply {
    Ticket ticket = 0;
    kafka::Response response;
    std::vector<CommitFact> committed;
  };
  struct Append {
    AppendId id = 0;
    std::vector<OffsetsRecord> records;                     // one batch, never empty
    std::optional<broker::TransactionalProducer> producer;  // in whose transaction the batch stands
  };
  std::vector<Reply> replies;
  std::vector<Append> appends;
};

// Nobody waits for the append (tombstones, a group that became empty).
struct Unawaited {};
// The leader's assignment: the members that wait for it are answered when it is durable.
struct AssignmentStored {
  GroupName group;
  std::uint64_t incarnation = 0;
  std::int32_t generation = 0;
};
// One request that changed something is answered when that is durable.
struct AnswerStored {
  Ticket ticket = 0;
  kafka::Response durable;
  kafka::Response failed;
};
// The group exists as long as a commit for it is under way.
struct CommitStored {
  GroupName group;
  Ticket ticket = 0;
  kafka::OffsetCommitResponse durable;
  kafka::OffsetCommitResponse failed;
  std::vector<std::pair<OffsetKey, CommittedOffset>> offsets;
  std::vector<Consumption::Row> consumed;
};
// An offset that waits for the end of a transaction, with what its sum will need.
struct TransactionalOffset {
  CommittedOffset offset;
  PrincipalName principal;
  std::optional<std::int64_t> began_reading;
};
struct TransactionalCommitStored {
  Ticket ticket = 0;
  std::int64_t producer_id = -1;
  kafka::TxnOffsetCommitResponse durable;
  kafka::TxnOffsetCommitResponse failed;
  std::vector<std::pair<OffsetKey, TransactionalOffset>> offsets;
};
// What a committed transaction consumed, each fact with its sum if there is one.
struct ConsumptionStored {
  Ticket ticket = 0;
  std::vector<CommitFact> facts;
  std::vector<std::optional<Consumption::Row>> rows;
};
// A change of a group of the newer protocol: whoever asked since is answered when it is durable.
struct ConsumerGroupStored {
  GroupName group;
  std::uint64_t incarnation = 0;
  std::vector<std::string> removed;  // member ids
  std::vector<AnswerStored> answers;
  bool is_doomed = false;  // an earlier append failed: the log lacks what this one builds on
};
using Awaited = std::variant<Unawaited, AssignmentStored, AnswerStored, CommitStored, TransactionalCommitStored,
                             ConsumptionStored, ConsumerGroupStored>;

class Outbox {
 public:
  void reply(Ticket ticket, kafka::Response response, std::vector<CommitFact> committed = {}) {
    effects_.replies.push_back({ticket, std::move(response), std::move(committed)});
  }
  void append(std::vector<OffsetsRecord> records, Awaited awaited,
              const std::optional<broker::TransactionalProducer>& producer = std::nullopt) {
    const AppendId id = next_append_++;
    effects_.appends.push_back({id, std::move(records), producer});
    awaited_.emplace(id, std::move(awaited));
  }
  [[nodiscard]] Effects take() { return std::exchange(effects_, {}); }

  // nullopt when no such append is under way.
  [[nodiscard]] std::optional<Awaited> finish(AppendId id) {
    auto found = awaited_.extract(id);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
  }
  [[nodiscard]] std::map<AppendId, Awaited>& awaited() { return awaited_; }
  [[nodiscard]] const std::map<AppendId, Awaited>& awaited() const { return awaited_; }

 private:
  Effects effects_;
  std::map<AppendId, Awaited> awaited_;
  AppendId next_append_ = 1;
};

}  // namespace myelin::engine::groups
