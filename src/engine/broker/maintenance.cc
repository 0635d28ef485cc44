// Looking after what rests on the broker's disk.
#include <atomic>
#include <thread>

#include "engine/broker/broker.h"
#include "engine/broker/core.h"

namespace myelin::engine::broker {
namespace {

std::vector<DamagedOffsets> damage_of(const storage::PartitionLog& log,
                                      const std::vector<storage::Quarantine>& quarantined) {
  std::vector<DamagedOffsets> damage;
  for (const auto& range : quarantined) {
    const auto& name = log.name();
    damage.push_back({.topic = name.topic,
                      .partition = name.partition,
                      .first_offset = range.first_offset,
                      .next_offset = range.next_offset,
                      .file = fmt::format("{}-{}/{:020}.log", name.topic.text(), name.partition, range.segment_base),
                      .position = range.position,
                      .bytes = range.end_position - range.position,
                      .skipped = range.skipped});
  }
  return damage;
}

using Logs = std::vector<std::shared_ptr<storage::PartitionLog>>;

Result<Logs> logs_of(const TopicCatalogue& catalogue, const PartitionChoice& choice) {
  const auto topics = catalogue.snapshot();
  const Topic* topic = topics->find(choice.topic.text());
  if (topic == nullptr) {
    return fail(Code::NotFound, "topic {} is not in this server's data directory", choice.topic.text());
  }
  if (!choice.partition) return topic->partitions;
  if (topic->partition(*choice.partition) == nullptr) {
    return fail(Code::NotFound, "topic {} has partitions 0 to {}, there is no partition {}", choice.topic.text(),
                topic->partitions.size() - 1, *choice.partition);
  }
  return Logs{topic->partitions[static_cast<std::size_t>(*choice.partition)]};
}

Logs all_logs(const TopicCatalogue& catalogue) {
  Logs logs;
  for (const auto& topic : catalogue.snapshot()->sorted_by_name()) {
    logs.insert(logs.end(), topic->partitions.begin(), topic->partitions.end());
  }
  return logs;
}

// Keeps a reader from being faster than it may.
class Pace {
 public:
  explicit Pace(const Clock& clock) : clock_(clock), begun_(clock.monotonic()) {}
  void wait_until_due(std::uint64_t bytes) const {
    const auto due = begun_ + std::chrono::microseconds(bytes * 1'000'000 / kVerifyBytesPerSecond);
    if (const auto now = clock_.monotonic(); now < due) std::this_thread::sleep_for(due - now);
  }

 private:
  const Clock& clock_;
  const MonotonicTime begun_;
};

// True for one caller at a time.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken), is_ours_(!taken.exchange(true)) {}
  ~Turn() {
    if (is_ours_) taken_ = false;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool is_ours() const { return is_ours_; }

 private:
  std::atomic<bool>& taken_;
  const bool is_ours_;
};

}  // namespace

Result<std::vector<DamagedOffsets>> Broker::damaged(const PartitionChoice& choice) const {
  auto logs = logs_of(*core_->catalogue, choice);
  if (!logs) return pass(logs);
  std::vector<DamagedOffsets> all;
  for (const auto& log : *logs) std::ranges::move(damage_of(*log, log->quarantined()), std::back_inserter(all));
  return all;
}

Result<void> Broker::skip(const DamagedOffsets& damage) {
  auto logs = logs_of(*core_->catalogue, {damage.topic, damage.partition});
  if (!logs) return pass(logs);
  return logs->front()->skip_quarantine(damage.first_offset);
}

Result<VerifyProgress> Broker::verify(const std::optional<TopicName>& topic, const VerifyWatch& watch) {
  const Turn turn(core_->verify_is_running);
  if (!turn.is_ours()) return fail(Code::Exists, "another verification is under way; wait for its end");
  auto logs = topic ? logs_of(*core_->catalogue, {*topic, std::nullopt}) : all_logs(*core_->catalogue);
  if (!logs) return pass(logs);
  VerifyProgress progress{.partitions_total = logs->size()};
  for (const auto& log : *logs) progress.bytes_total += static_cast<std::uint64_t>(log->log_bytes());
  const Pace pace(core_->clock);
  for (const auto& log : *logs) {
    auto found = log->verify([&](std::uint64_t bytes) {
      progress.bytes += bytes;
      // Appended meanwhile, or read twice around damage.
      progress.bytes_total = std::max(progress.bytes_total, progress.bytes);
      pace.wait_until_due(progress.bytes);
      return watch.progress(progress);
    });
    // A topic that was deleted meanwhile holds no damage.
    const bool is_gone = !found && core_->logs->find(log->name()) != log;
    if (!found && !is_gone) return pass(found);
    ++progress.partitions;
    if (is_gone) continue;
    for (const auto& damage : damage_of(*log, *found)) watch.found(damage);
  }
  return progress;
}

}  // namespace myelin::engine::broker
