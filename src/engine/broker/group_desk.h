#pragma once
// Carries requests, time and durable writes to the group coordinator and its effects back. The coordinator lives on
// the control loop and nowhere else.
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/result.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/groups/coordinator.h"
#include "engine/engine.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

class GroupDesk {
 public:
  // The loop and the clock outlive the desk; what the desk posted to the loop has run or been dropped before its end.
  GroupDesk(ControlLoop& loop, const Clock& clock, groups::Settings settings, groups::TopicLookup topics);

  // Reads __consumer_offsets and keeps it for writing. Before any other call, on the opening thread.
  [[nodiscard]] Result<void> load(std::shared_ptr<storage::PartitionLog> offsets);

  // Every hour of consumption that the log of committed offsets holds; from any thread.
  [[nodiscard]] Result<void> replay_consumed(const Engine::ConsumedSink& sink) const;

  // From any thread.
  void handle(Call call, kafka::Request request, Reply reply);
  void on_topic_deleted(const TopicName& topic);

 private:
  // An append whose outcome the coordinator has not been told yet.
  struct Append {
    groups::AppendId id = 0;
    std::optional<Result<void>> outcome;
  };

  [[nodiscard]] groups::Now now() const { return {clock_.monotonic(), clock_.wall()}; }
  void carry_out(groups::Effects effects);
  void append(groups::Effects::Append append);
  void on_appended(groups::AppendId id, Result<void> outcome);
  void watch_time();

  ControlLoop& loop_;
  const Clock& clock_;
  groups::GroupCoordinator coordinator_;
  std::shared_ptr<storage::PartitionLog> offsets_;
  groups::Ticket next_ticket_ = 1;
  std::unordered_map<groups::Ticket, Reply> replies_;
  std::deque<Append> appends_;  // in the order in which they were made
  std::optional<ControlLoop::Timer> timer_;
};

}  // namespace myelin::engine::broker
