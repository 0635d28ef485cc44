// What leaves the log: segments by age and size, and everything below a log start that an administrator moved.
#include <algorithm>

#include "base/log.h"
#include "storage/partition_core.h"

namespace myelin::storage {

Result<std::int64_t> PartitionLog::Core::delete_records_before(std::int64_t offset) {
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_) return fail(Code::Unavailable, "{}: the partition is closed", label());
    if (offset > high_watermark_.offset) {
      return fail(Code::Invalid, "{}: offset {} is beyond the high watermark {}", label(), offset,
                  high_watermark_.offset);
    }
    if (offset <= log_start_) return log_start_;
    if (auto written = context_.journal->set_log_start(*slot_, offset); !written) return pass(written);
  }
  // Nobody may see the records again once this returned, so the journal comes first.
  if (auto synced = context_.journal->sync_all(); !synced) return pass(synced);
  std::vector<std::shared_ptr<Segment>> below;
  std::int64_t log_start = 0;
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    log_start_ = std::max(log_start_, offset);
    log_start = log_start_;
    epochs_.cut_before(log_start_);
    below = take_segments_below_start_locked();
    // A transaction that began below holds readers back less now.
    wake_watchers_locked(aftermath);
  }
  settle(std::move(aftermath));
  remove_segments(std::move(below));
  return log_start;
}

// Closed segments that end at or below the log start.
std::vector<std::shared_ptr<Segment>> PartitionLog::Core::take_segments_below_start_locked() {
  std::vector<std::shared_ptr<Segment>> below;
  while (segments_.size() > 1 && segments_[1]->base_offset <= log_start_) {
    below.push_back(segments_.front());
    segments_.erase(segments_.begin());
  }
  std::erase_if(damage_, [&](const DamageAt& damage) { return damage.range.next_offset <= log_start_; });
  return below;
}

void PartitionLog::Core::forget_files() {
  const std::lock_guard lock(mutex_);
  for (const auto& segment : segments_) {
    context_.forget(segment->file_id);
  }
}

void PartitionLog::Core::remove_segments(std::vector<std::shared_ptr<Segment>> segments) {
  if (segments.empty()) return;
  for (const auto& segment : segments) {
    context_.forget(segment->file_id);
  }
  context_.run([self = shared_from_this(), segments = std::move(segments)] {
    for (const auto& segment : segments) {
      for (const auto suffix :
           {kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix, kAbortedIndexSuffix, kSnapshotSuffix}) {
        auto removed = self->context_.files.remove_file(segment->path(suffix));
        if (!removed && removed.error().code != Code::NotFound) {
          log::warn("file of a deleted segment stays",
                    {{"path", segment->path(suffix)}, {"reason", removed.error().message}});
        }
      }
      // A reader may have opened it again in between.
      self->context_.forget(segment->file_id);
    }
  });
}

bool PartitionLog::Core::take_oldest_locked(const std::shared_ptr<Segment>& oldest,
                                            std::vector<std::shared_ptr<Segment>>& taken) {
  // Only what readers could have read, and never the active segment.
  if (segments_.size() < 2 || segments_.front() != oldest) return false;
  const auto next = segments_[1]->base_offset;
  if (next > high_watermark_.offset) return false;
  log_start_ = std::max(log_start_, next);
  epochs_.cut_before(log_start_);
  for (auto& segment : take_segments_below_start_locked()) taken.push_back(std::move(segment));
  if (auto written = context_.journal->set_log_start(*slot_, log_start_); !written) {
    log::warn("log start not journalled", {{"partition", label()}, {"reason", written.error().message}});
  }
  return true;
}

bool PartitionLog::Core::is_expired(const std::shared_ptr<Segment>& oldest, const CleanupRequest& request,
                                    std::int64_t retention_ms) {
  if (retention_ms < 0 || !request.clock_is_trusted || oldest->bytes.load() == 0) return false;
  const auto visible = visible_segments();
  const auto search = std::ranges::find(visible, oldest, &TimeSearch::segment);
  if (search == visible.end()) return false;
  const auto max_timestamp = max_timestamp_of(*search);
  // Records without timestamps do not age.
  if (!max_timestamp || *max_timestamp < 0) return false;
  return unix_milliseconds(request.now) - *max_timestamp > retention_ms;
}

void PartitionLog::Core::apply_retention(const CleanupRequest& request) {
  std::vector<std::shared_ptr<Segment>> taken;
  while (true) {
    std::shared_ptr<Segment> oldest;
    std::int64_t retention_ms = kUnlimited;
    bool is_active = false;
    bool is_oversize = false;
    {
      const std::lock_guard lock(mutex_);
      if (request.clock_is_trusted) producers_.expire(unix_milliseconds(request.now - request.producer_expiry));
      if (is_shut_ || is_read_only_ || !config_.cleanup.remove) break;
      oldest = segments_.front();
      is_active = segments_.size() == 1;
      retention_ms = config_.retention_ms;
      std::uint64_t bytes = 0;
      for (const auto& segment : segments_) bytes += segment->bytes.load();
      is_oversize = config_.retention_bytes >= 0 && !is_active &&
                    bytes - oldest->bytes.load() >= static_cast<std::uint64_t>(config_.retention_bytes);
    }
    if (!is_oversize && !is_expired(oldest, request, retention_ms)) break;
    if (is_active) {
      if (auto rolled = roll(); !rolled) break;
    }
    const std::lock_guard lock(mutex_);
    if (is_shut_ || !take_oldest_locked(oldest, taken)) break;
  }
  if (!taken.empty()) {
    Aftermath aftermath;
    {
      const std::lock_guard lock(mutex_);
      wake_watchers_locked(aftermath);
    }
    settle(std::move(aftermath));
    log::info("segments deleted by retention", {{"partition", label()}, {"segments", taken.size()}});
  }
  remove_segments(std::move(taken));
}

}  // namespace myelin::storage
