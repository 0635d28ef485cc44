#pragma once
// Carries requests, time, durable writes and markers to the coordinator of transactions and its effects back. It lives
// on the control loop, beside the groups'.
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/group_desk.h"
#include "engine/broker/internal_log_writer.h"
#include "engine/broker/open_transactions.h"
#include "engine/broker/producer_ids.h"
#include "engine/broker/topic_catalogue.h"
#include "engine/broker/transactions/coordinator.h"
#include "engine/engine.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

class TransactionDesk {
 public:
  // All outlive the desk; what the desk posted to the loop has run or been dropped before its end.
  struct Around {
    ControlLoop& loop;
    const Clock& clock;
    const TopicCatalogue& catalogue;
    ProducerIds& producer_ids;
    GroupDesk& groups;
    OpenTransactions& open;
  };
  TransactionDesk(const Around& around, const transactions::Settings& settings, TopicLookup topics);

  // Reads __transaction_state and keeps it for writing; what was decided before is ended as soon as the loop runs.
  // After the groups were loaded and before any other call, on the opening thread.
  [[nodiscard]] Result<void> load(std::shared_ptr<storage::PartitionLog> log);

  // From any thread.
  void handle(Call call, kafka::Request request, Reply reply);
  // The partitions are part of the producer's transaction before `entered` is called, or the code says why not. From
  // any thread; `entered` runs on the loop, for one producer in the order of the calls.
  using Entered = std::move_only_function<void(kafka::ErrorCode)>;
  void enter(transactions::Entering entering, Entered entered);

 private:
  class EndingRun;

  [[nodiscard]] Now now() const { return {around_.clock.monotonic(), around_.clock.wall()}; }
  void carry_out(transactions::Effects effects);
  void end(transactions::Effects::Ending ending);
  void want_producer_id(const std::string& transactional_id);

  const Around around_;
  transactions::TransactionCoordinator coordinator_;
  Ticket next_ticket_ = 1;
  std::unordered_map<Ticket, Reply> replies_;
  InternalLogWriter log_;
  LoopAlarm alarm_;
};

}  // namespace myelin::engine::broker
