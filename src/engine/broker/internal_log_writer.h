#pragma once
// Appends to the log of one internal topic for a coordinator, and reports each append on the control loop in the order
// in which they were made. And the one timer that a coordinator needs.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/coordination.h"
#include "engine/broker/internal_records.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Threads: the control loop's only.
class InternalLogWriter {
 public:
  using Report = std::function<void(AppendId, const Result<void>&)>;

  // What was posted to the loop has run or been dropped before the writer's end.
  InternalLogWriter(ControlLoop& loop, const Clock& clock, Report report)
      : loop_(loop), clock_(clock), report_(std::move(report)) {}

  // Before anything is appended.
  void use(std::shared_ptr<storage::PartitionLog> log) { log_ = std::move(log); }
  [[nodiscard]] storage::PartitionLog& log() const { return *log_; }

  void append(AppendId id, std::span<const RecordView> records,
              const std::optional<TransactionalProducer>& producer = std::nullopt);

 private:
  // An append that was not reported yet.
  struct Append {
    AppendId id = 0;
    std::optional<Result<void>> outcome;
  };
  void on_appended(AppendId id, Result<void> outcome);

  ControlLoop& loop_;
  const Clock& clock_;
  Report report_;
  std::shared_ptr<storage::PartitionLog> log_;
  std::deque<Append> appends_;  // in the order in which they were made
};

// Rings once at the time that was set last.
class LoopAlarm {
 public:
  LoopAlarm(ControlLoop& loop, std::function<void()> ring) : loop_(loop), ring_(std::move(ring)) {}
  void set(MonotonicTime when);

 private:
  ControlLoop& loop_;
  std::function<void()> ring_;
  MonotonicTime when_{};
  std::optional<ControlLoop::Timer> timer_;
};

}  // namespace myelin::engine::broker
