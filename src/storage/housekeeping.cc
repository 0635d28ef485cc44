// What a data directory does by the clock, and its reports on the journal.
#include <algorithm>

#include "base/log.h"
#include "storage/log_directory_core.h"
#include "storage/offset_cover.h"

namespace myelin::storage {
namespace {

constexpr auto kSleepMax = std::chrono::milliseconds(1000);

using LogEnds = std::map<JournalKey, std::int64_t>;

LogEnds log_ends(const std::vector<std::shared_ptr<PartitionLog>>& partitions) {
  LogEnds ends;
  for (const auto& partition : partitions) {
    ends[{partition->topic_id(), partition->name().partition}] = partition->log_end_offset();
  }
  return ends;
}

// `ends` outlives what is returned.
JournalCover::LogEndOf look_up(const LogEnds& ends) {
  return [&ends](const JournalKey& key) -> std::optional<std::int64_t> {
    const auto found = ends.find(key);
    return found == ends.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace

bool LogDirectory::Core::clock_is_suspect() const {
  return clock_watch_.is_suspect(context_.clock.wall(), context_.clock.monotonic());
}

// Producers are refused while free space is below 5 % of the disk or 1 GiB, whichever is less.
void LogDirectory::Core::watch_space() {
  const auto space = context_.files.space(path_);
  if (!space) return;  // Writes meet a full disk themselves.
  const bool is_low = space->free_bytes < std::min(space->total_bytes / 20, std::uint64_t{1} << 30);
  if (context_.disk_is_low.exchange(is_low) == is_low) return;
  if (is_low) {
    log::error("disk nearly full: producers are refused until there is room", {{"free_bytes", space->free_bytes}});
  } else {
    log::info("there is room on the disk again", {{"free_bytes", space->free_bytes}});
  }
}

std::chrono::milliseconds LogDirectory::Core::housekeep() {
  watch_space();
  const auto all = partitions();
  auto next = kSleepMax;
  for (const auto& partition : all) next = std::min(next, partition->core().flush_when_due());
  if (context_.journal->write_idle_states(kStateIdle)) next = std::min(next, kStateIdle);

  const auto now = context_.clock.monotonic();
  if (last_cleanup_ && now - *last_cleanup_ < options_.cleanup_interval) return next;
  last_cleanup_ = now;
  const bool is_suspect = clock_is_suspect();
  if (is_suspect) {
    log::error(
        "wall clock and monotonic clock disagree by more than five minutes: nothing is deleted by age until they "
        "agree again, or the server is restarted");
  }
  for (const auto& partition : all) {
    auto& core = partition->core();
    core.apply_retention(
        {.now = context_.clock.wall(), .clock_is_trusted = !is_suspect, .producer_expiry = options_.producer_expiry});
    core.compact(context_.clock.wall(), !is_suspect);
  }
  context_.run([this, is_suspect] { keep_journal(is_suspect); });
  return next;
}

void LogDirectory::Core::keep_journal(bool clock_is_suspect) {
  auto& journal = *context_.journal;
  if (!clock_is_suspect) {
    if (auto expired = journal.expire(); !expired) {
      log::warn("journal files beyond their retention stay", {{"reason", expired.error().message}});
    }
  }
  const auto is_stopping = [this] {
    const std::lock_guard lock(house_mutex_);
    return is_stopping_;
  };
  if (auto coalesced = journal.coalesce(is_stopping); !coalesced) {
    log::warn("sealed journal files are not coalesced", {{"reason", coalesced.error().message}});
  }
}

void LogDirectory::Core::keep_house() {
  std::unique_lock lock(house_mutex_);
  while (!is_stopping_) {
    // What becomes due while it looks shortens this.
    house_sleeps_until_ = MonotonicTime::max();
    lock.unlock();
    const auto next = std::max(std::chrono::milliseconds(1), housekeep());
    lock.lock();
    house_sleeps_until_ = std::min(house_sleeps_until_.load(), context_.clock.monotonic() + next);
    while (!is_stopping_) {
      const auto left = house_sleeps_until_.load() - context_.clock.monotonic();
      if (left <= left.zero()) break;
      house_wakes_.wait_for(lock, left);
    }
  }
}

// Cheap when it wakes in time anyway: appends and syncs call this.
void LogDirectory::Core::wake_within(std::chrono::milliseconds time) {
  if (time >= kSleepMax) return;
  const auto due = context_.clock.monotonic() + time;
  if (house_sleeps_until_.load() <= due) return;
  {
    const std::lock_guard lock(house_mutex_);
    house_sleeps_until_ = std::min(house_sleeps_until_.load(), due);
  }
  house_wakes_.notify_one();
}

Result<void> LogDirectory::Core::replay_provenance(const ProvenanceSink& sink) const {
  const auto ends = log_ends(partitions());
  return context_.journal->replay(look_up(ends), sink);
}

Result<std::vector<CoverageFault>> LogDirectory::Core::check_provenance(Checked which) const {
  const auto ends = log_ends(partitions());
  const auto covers = context_.journal->covers(
      look_up(ends), [&](const JournalKey& key) { return which == Checked::DeletedOnesToo || ends.contains(key); });
  if (!covers) return std::unexpected(covers.error());
  std::vector<CoverageFault> faults;
  for (const auto& [key, cover] : *covers) {
    const auto& ranges = cover.ranges();
    if (ranges.empty()) continue;
    for (auto at = ranges.begin(); std::next(at) != ranges.end(); ++at) {
      faults.push_back({key.first, key.second, at->second, std::next(at)->first});
    }
    // Appends made since the ends were taken only move the cover further.
    const auto log_end = ends.find(key);
    const auto covered_end = ranges.rbegin()->second;
    if (log_end != ends.end() && covered_end < log_end->second) {
      faults.push_back({key.first, key.second, covered_end, log_end->second});
    }
  }
  return faults;
}

}  // namespace myelin::storage
