// Damage on disk: found by a check of every byte, remembered in the journal, kept away from readers.
#include <algorithm>

#include "base/log.h"
#include "storage/partition_core.h"

namespace myelin::storage {

std::vector<Quarantine> PartitionLog::Core::quarantined() const {
  const std::lock_guard lock(mutex_);
  std::vector<Quarantine> ranges;
  for (const auto& damage : damage_) {
    ranges.push_back({damage.range.first_offset, damage.range.next_offset, damage.skipped, damage.segment_base,
                      damage.range.position, damage.range.end_position});
  }
  return ranges;
}

std::vector<provenance::QuarantineFrame> PartitionLog::Core::quarantine_frames() const {
  const std::lock_guard lock(mutex_);
  std::vector<provenance::QuarantineFrame> frames;
  for (const auto& damage : damage_) frames.push_back(frame_of(damage));
  return frames;
}

provenance::QuarantineFrame PartitionLog::Core::frame_of(const DamageAt& damage) const {
  return {identity_.topic_id,  identity_.name.partition, damage.range.first_offset, damage.range.next_offset,
          damage.segment_base, damage.range.position,    damage.range.end_position, damage.skipped};
}

Result<void> PartitionLog::Core::skip_quarantine(std::int64_t first_offset) {
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find(damage_, first_offset, [](const auto& damage) { return damage.range.first_offset; });
    if (found == damage_.end() || is_shut_) {
      return fail(Code::NotFound, "{}: no quarantined range begins at offset {}", label(), first_offset);
    }
    auto skipped = *found;
    skipped.skipped = true;
    if (auto written = context_.journal->write_quarantine(*slot_, frame_of(skipped)); !written) return written;
    *found = skipped;
  }
  return context_.journal->sync_all();
}

// Ranges are kept by offset; one that is known already stays as it is.
void PartitionLog::Core::add_damage_locked(const DamagedRange& range, std::int64_t segment_base, bool skipped) {
  const auto same = [&](const DamageAt& known) { return known.range.first_offset == range.first_offset; };
  if (std::ranges::any_of(damage_, same)) return;
  log::error("damaged records are quarantined",
             {{"partition", label()}, {"first_offset", range.first_offset}, {"next_offset", range.next_offset}});
  const DamageAt damage{range, segment_base, skipped};
  damage_.insert(std::ranges::upper_bound(damage_, range.first_offset, {},
                                          [](const auto& known) { return known.range.first_offset; }),
                 damage);
  if (slot_ == nullptr || is_shut_) return;
  if (auto written = context_.journal->write_quarantine(*slot_, frame_of(damage)); !written) {
    log::warn("quarantine not journalled", {{"partition", label()}, {"reason", written.error().message}});
  }
}

Result<void> PartitionLog::Core::walk(const Segment& segment, const File& file, std::span<const DamageAt> damage,
                                      const BatchVisit& visit) {
  const auto bytes = segment.bytes.load();
  std::uint64_t from = 0;
  for (std::size_t i = 0; i <= damage.size(); ++i) {
    const bool is_rest = i == damage.size();
    if (!is_rest && damage[i].segment_base != segment.base_offset) continue;
    HeaderWalk walk(file, from, is_rest ? bytes : damage[i].range.position);
    while (true) {
      auto batch = walk.next();
      if (!batch) return pass(batch);
      if (!*batch) break;
      visit(**batch);
    }
    if (!is_rest) from = damage[i].range.end_position;
  }
  return {};
}

Result<void> PartitionLog::Core::walk_locked(const Segment& segment, const File& file, const BatchVisit& visit) const {
  return walk(segment, file, damage_, visit);
}

// Checks the bytes that are visible now.
Result<void> PartitionLog::Core::verify_segment(const std::shared_ptr<Segment>& segment, const File& file) {
  ScanRequest request{.first_offset = segment->base_offset, .expected = {}, .on_batch = [](const LocatedBatch&) {}};
  std::int64_t end_offset = 0;
  {
    const std::lock_guard lock(mutex_);
    const bool is_active = segment == segments_.back();
    const auto next = std::ranges::upper_bound(segments_, segment->base_offset, {}, &Segment::base_offset);
    end_offset = is_active ? log_end_ : next == segments_.end() ? log_end_ : (*next)->base_offset;
    request.limit = segment->bytes.load();
    request.epoch_max = leader_epoch_;
    request.gaps_allowed = config_.cleanup.compact;
    request.expected = [epochs = epochs_](std::int64_t offset) {
      return ScanRequest::Expected{epochs.epoch_at(offset), 0};
    };
  }
  auto scanned = scan_segment(file, request);
  if (!scanned) return pass(scanned);
  // Appends were acknowledged: whatever is missing at the end is damage as well.
  const bool ends_early = scanned->tail_bytes > 0 || (scanned->end_offset < end_offset && !request.gaps_allowed);
  if (ends_early) {
    scanned->damaged.push_back({scanned->end_offset, end_offset, scanned->end_position, request.limit});
  }
  const std::lock_guard lock(mutex_);
  // Retention or compaction took the file meanwhile: its damage went with it.
  if (std::ranges::find(segments_, segment) == segments_.end()) return {};
  for (const auto& range : scanned->damaged) add_damage_locked(range, segment->base_offset);
  return {};
}

Result<std::vector<Quarantine>> PartitionLog::Core::verify(const ReadStep& step) {
  std::vector<std::shared_ptr<Segment>> segments;
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_) return fail(Code::Unavailable, "{}: the partition is closed", label());
    segments = segments_;
  }
  for (const auto& segment : segments) {
    auto file = file_of(*segment);
    // Deleted by retention since.
    if (!file && file.error().code == Code::NotFound) continue;
    if (!file) return pass(file);
    const PooledFile pooled(*file, context_.executor, step);
    if (auto verified = verify_segment(segment, pooled); !verified) return pass(verified);
  }
  // What was found keeps readers away from now on, also after a restart.
  if (auto synced = context_.journal->sync_all(); !synced) return pass(synced);
  return quarantined();
}

}  // namespace myelin::storage
