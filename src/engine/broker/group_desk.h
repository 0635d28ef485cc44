#pragma once
// Carries requests, time and durable writes to the group coordinator and its effects back. The coordinator lives on
// the control loop and nowhere else.
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/groups/coordinator.h"
#include "engine/broker/internal_log_writer.h"
#include "engine/broker/open_transactions.h"
#include "engine/engine.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

class GroupDesk {
 public:
  // The loop, the clock and what is open outlive the desk; what the desk posted to the loop has run or been dropped
  // before its end.
  GroupDesk(ControlLoop& loop, const Clock& clock, groups::Settings settings, groups::TopicLookup topics,
            TopicIndexSource index, const OpenTransactions& open);

  // Reads __consumer_offsets and keeps it for writing. Before any other call, on the opening thread.
  [[nodiscard]] Result<void> load(std::shared_ptr<storage::PartitionLog> offsets);

  // Every hour of consumption that the log of committed offsets holds; from any thread.
  [[nodiscard]] Result<void> replay_consumed(const Engine::ConsumedSink& sink) const;

  // From any thread.
  void handle(Call call, kafka::Request request, Reply reply);
  void on_topic_deleted(const TopicName& topic);

  // Writes the marker and makes what the transaction committed count, or forgets it; `done` is told what groups
  // consumed with it. On the loop, as is `done`.
  using TransactionEnded = std::move_only_function<void(const Result<void>&, std::vector<CommitFact>)>;
  void end_transaction(const storage::MarkerRequest& marker, TransactionEnded done);

 private:
  [[nodiscard]] groups::Now now() const { return {clock_.monotonic(), clock_.wall()}; }
  void carry_out(groups::Effects effects);
  void append(const groups::Effects::Append& append);

  // None where the offsets may still become part of the producer's transaction, or are of none.
  [[nodiscard]] kafka::ErrorCode refusal_to_commit(const kafka::Request& request) const;

  ControlLoop& loop_;
  const Clock& clock_;
  const OpenTransactions& open_;
  groups::GroupCoordinator coordinator_;
  groups::Ticket next_ticket_ = 1;
  std::unordered_map<groups::Ticket, Reply> replies_;
  InternalLogWriter offsets_;
  LoopAlarm alarm_;
};

}  // namespace myelin::engine::broker
