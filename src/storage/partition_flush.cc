// Group commit: the next sync of a partition starts when its last one ends; log and journal are synced side by side,
// or the log alone where one writer only is possible.
// What a sync covers becomes visible before anybody is told.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/log.h"
#include "base/sabotage.h"
#include "storage/partition_core.h"

namespace myelin::storage {

// Two halves, log and journal; whichever ends last settles the flush.
struct PartitionLog::Core::FlushState {
  Flush flush;
  std::atomic<int> running = 2;
  Result<void> log;
  Result<void> journal;
};

void PartitionLog::Core::start_flush_locked(Aftermath& aftermath) {
  CHECK(!flush_is_running_);
  flush_is_running_ = true;
  Flush flush;
  flush.target = log_end_place_locked();
  for (const auto& segment : segments_) {
    if (segment->base_offset >= synced_.segment_base) flush.segments.push_back(segment);
  }
  flush.directory_too = std::exchange(directory_is_unsynced_, false);
  if (!config_.sole_writer) flush.journal_position = journal_position_;
  unsynced_bytes_ = unsynced_records_ = 0;
  aftermath.flush = std::move(flush);
}

// Not under the lock: the journal may answer at once.
void PartitionLog::Core::launch(Flush flush, From from) {
  auto state = std::make_shared<FlushState>();
  state->flush = std::move(flush);
  auto self = shared_from_this();
  auto sync = [self, state] {
    state->log = self->sync_segments(state->flush);
    if (state->running.fetch_sub(1) == 1) self->finish_flush(*state);
  };
  from == From::EndOfFlush ? context_.run_last(std::move(sync)) : context_.run(std::move(sync));
  context_.journal->sync(state->flush.journal_position, [self, state](const Result<void>& result) {
    state->journal = result;
    if (state->running.fetch_sub(1) == 1) self->finish_flush(*state);
  });
}

Result<void> PartitionLog::Core::sync_segments(const Flush& flush) {
  if (sabotaged(Sabotage::AckBeforeSync)) return {};
  for (const auto& segment : flush.segments) {
    auto file = file_of(*segment);
    // A segment that retention or compaction took meanwhile needs no sync.
    if (!file && file.error().code == Code::NotFound && segment != flush.segments.back()) continue;
    if (!file) return pass(file);
    auto synced = (*file)->sync_data();
    if (!synced && sabotaged(Sabotage::RetrySync)) synced = (*file)->sync_data();
    if (!synced) return synced;
  }
  if (flush.directory_too && !sabotaged(Sabotage::SkipDirectorySync)) return context_.files.sync_directory(*directory_);
  return {};
}

void PartitionLog::Core::finish_flush(FlushState& state) {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    flush_is_running_ = false;
    const auto& failed = state.log ? state.journal : state.log;
    if (!failed) {
      // The kernel marks failed pages clean: a second sync would succeed and prove nothing.
      const auto error = stop_writing_locked(failed.error());
      for (auto& pending : pending_) aftermath.answers.emplace_back(std::move(pending.done), std::unexpected(error));
      pending_.clear();
    } else {
      synced_ = state.flush.target;
      context_.journal->set_synced(*slot_, synced_.offset, synced_.segment_base, synced_.position);
      if (synced_.offset > high_watermark_.offset) move_high_watermark_locked(synced_, aftermath);
      const auto waits = [&](const Pending& pending) { return pending.end_offset > synced_.offset; };
      const auto first_waiting = std::ranges::find_if(pending_, waits);
      for (auto at = pending_.begin(); at != first_waiting; ++at) {
        aftermath.answers.emplace_back(std::move(at->done), std::move(at->result));
      }
      pending_.erase(pending_.begin(), first_waiting);
      if (!pending_.empty()) start_flush_locked(aftermath);
      context_.due_within(kStateIdle);
    }
  }
  // Those who wait are told before the next sync keeps this thread.
  auto next = std::exchange(aftermath.flush, std::nullopt);
  settle(std::move(aftermath));
  if (next) launch(std::move(*next), From::EndOfFlush);
}

void PartitionLog::Core::move_high_watermark_locked(const Place& to, Aftermath& aftermath) {
  high_watermark_ = to;
  producers_.decide_below(to.offset);
  if (!watchers_.empty()) wake_watchers_locked(aftermath);
}

void PartitionLog::Core::wake_watchers_locked(Aftermath& aftermath) {
  const auto last_stable = last_stable_locked();
  std::erase_if(watchers_, [&](Watcher& watcher) {
    const bool is_committed = watcher.isolation == Isolation::ReadCommitted;
    if (watcher.offset >= (is_committed ? last_stable : high_watermark_.offset)) return false;
    aftermath.moved.push_back(std::move(watcher.moved));
    return true;
  });
}

void PartitionLog::Core::settle(Aftermath aftermath) {
  if (aftermath.flush) launch(std::move(*aftermath.flush), From::Append);
  for (auto& [done, outcome] : aftermath.answers) done(std::move(outcome));
  for (auto& moved : aftermath.moved) moved();
}

// How old a record may become before it is synced.
std::chrono::milliseconds PartitionLog::Core::unsynced_age_max() const {
  constexpr auto kInterval = std::chrono::milliseconds(100);
  const auto limit = config_.effective_durability() == Durability::Interval ? kInterval : kUnlimitedAge;
  return config_.flush_ms == INT64_MAX ? limit : std::min(limit, std::chrono::milliseconds(config_.flush_ms));
}

std::chrono::milliseconds PartitionLog::Core::flush_when_due() {
  Aftermath aftermath;
  auto next = kUnlimitedAge;
  {
    const std::lock_guard lock(mutex_);
    if (unsynced_bytes_ == 0 || flush_is_running_ || is_shut_ || is_read_only_) return kUnlimitedAge;
    const auto limit = unsynced_age_max();
    if (limit == kUnlimitedAge) return kUnlimitedAge;
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(context_.clock.monotonic() - unsynced_since_);
    if (age >= limit) {
      start_flush_locked(aftermath);
    } else {
      next = limit - age;
    }
  }
  settle(std::move(aftermath));
  return next;
}

bool PartitionLog::Core::is_flushing() const {
  const std::lock_guard lock(mutex_);
  return flush_is_running_;
}

void PartitionLog::Core::shut() {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_shut_, true)) return;
    for (auto& watcher : watchers_) aftermath.moved.push_back(std::move(watcher.moved));
    watchers_.clear();
    // Appends that wait for a sync still get it; there is one running whenever any waits.
    CHECK(pending_.empty() || flush_is_running_);
  }
  settle(std::move(aftermath));
}

Result<void> PartitionLog::Core::finish() {
  const std::lock_guard lock(mutex_);
  CHECK(is_shut_ && !flush_is_running_);
  if (is_read_only_) return fail(Code::Io, "{}: {}", label(), read_only_reason_);
  if (is_tail_loaded_) builder_.add_final_time();
  if (const auto& entries = builder_.entries(); !entries.offsets.empty() || !entries.times.empty()) {
    spill_index_locked();
  }
  if (auto written = write_snapshot_locked(log_end_); !written) return written;
  give_back_room_locked();
  if (log_end_ == synced_.offset && !directory_is_unsynced_) return {};
  Flush flush{.target = log_end_place_locked(), .segments = {}, .directory_too = true, .journal_position = 0};
  for (const auto& segment : segments_) {
    if (segment->base_offset >= synced_.segment_base) flush.segments.push_back(segment);
  }
  if (auto synced = sync_segments(flush); !synced) return synced;
  synced_ = flush.target;
  context_.journal->set_synced(*slot_, synced_.offset, synced_.segment_base, synced_.position);
  return {};
}

}  // namespace myelin::storage
