#include "storage/partition_opening.h"

#include <algorithm>
#include <ranges>

#include "base/log.h"
#include "storage/offset_cover.h"
#include "storage/producer_replay.h"

namespace myelin::storage {
namespace {

constexpr std::uint64_t kSmallFileBytesMax = 64U << 20;

// The last entry for an offset wins. Ascending.
std::vector<provenance::AppendFrame> entries_that_count(const std::vector<provenance::AppendFrame>& appends) {
  std::vector<provenance::AppendFrame> counting;
  OffsetCover cover;
  for (const auto& append : std::views::reverse(appends)) {
    if (cover.add(append.base_offset, append.next_offset())) counting.push_back(append);
  }
  std::ranges::sort(counting, {}, &provenance::AppendFrame::base_offset);
  return counting;
}

}  // namespace

PartitionOpening::PartitionOpening(PartitionLog::Core& core, Core::OpenRequest request)
    : core_(core), request_(std::move(request)), entries_(entries_that_count(request_.journaled.appends)) {}

Result<PartitionRecovery> PartitionOpening::run() {
  auto files = list_partition(core_.context_.files, *core_.directory_);
  if (!files) return pass(files);
  files_ = std::move(*files);
  const std::lock_guard lock(core_.mutex_);
  open_segments();
  if (core_.segments_.empty()) {
    // Nothing is left of the log; it goes on behind what was promised.
    auto segment = core_.make_segment(std::max(state().log_start_offset, state().segment_base));
    if (!segment) return pass(segment);
    core_.segments_.push_back(std::move(*segment));
  }
  core_.log_start_ = std::max(state().log_start_offset, core_.segments_.front()->base_offset);
  for (const auto& frame : request_.journaled.quarantines) {
    core_.damage_.push_back({{frame.first_offset, frame.next_offset, frame.position, frame.end_position},
                             frame.segment_base,
                             frame.skipped});
  }
  std::ranges::sort(core_.damage_, {}, [](const auto& damage) { return damage.range.first_offset; });
  if (auto opened = open_epochs(); !opened) return pass(opened);
  const bool is_trusted = is_vouched_for();
  if (auto opened = is_trusted ? trust() : scan(); !opened) return pass(opened);
  if (auto found = find_uncovered(); !found) return pass(found);
  if (auto settled = settle_epoch(); !settled) return pass(settled);
  core_.high_watermark_ = core_.log_end_place_locked();
  core_.covered_end_ = core_.log_end_;
  remove_stale_snapshots();
  report_damage();
  return std::move(report_);
}

void PartitionOpening::open_segments() {
  for (const auto& [base, bytes] : files_.segments) {
    auto segment = std::make_shared<Segment>();
    segment->directory = core_.directory_;
    segment->base_offset = base;
    segment->file_id = core_.context_.open_files.next_id();
    segment->bytes = bytes;
    core_.segments_.push_back(std::move(segment));
  }
}

// The checkpoint file has no checksum of its own; the journal knows its last line.
Result<void> PartitionOpening::open_epochs() {
  epoch_max_ = state().leader_epoch;
  for (const auto& entry : entries_) epoch_max_ = std::max(epoch_max_, entry.leader_epoch);
  auto content = read_file(core_.context_.files, join_path(*core_.directory_, kEpochsFile), kSmallFileBytesMax);
  if (!content && content.error().code != Code::NotFound) return pass(content);
  auto epochs = content ? LeaderEpochs::parse(as_text(*content)) : std::nullopt;
  epochs_are_known_ = epochs && !epochs->entries().empty();
  if (epochs_are_known_ && request_.journaled.has_state) {
    const auto& last = epochs->entries().back();
    epochs_are_known_ = last.epoch == state().leader_epoch &&
                        (last.start_offset == state().leader_epoch_start || last.start_offset == core_.log_start_);
  }
  if (epochs_are_known_) {
    core_.epochs_ = std::move(*epochs);
    epoch_max_ = std::max(epoch_max_, core_.epochs_.latest());
  }
  if (!request_.journaled.has_state && !epochs_are_known_) epoch_max_ = INT32_MAX;
  return {};
}

// Whether the journal knows that the log ends, on stable storage, exactly where the files end.
bool PartitionOpening::is_vouched_for() const {
  const auto& last = *core_.segments_.back();
  return request_.journaled.has_state && !request_.verify_everything && epochs_are_known_ && entries_.empty() &&
         state().covered_end == state().synced_offset && last.base_offset == state().segment_base &&
         last.bytes.load() == state().segment_bytes;
}

Result<void> PartitionOpening::trust() {
  core_.log_end_ = state().synced_offset;
  core_.synced_ = core_.log_end_place_locked();
  if (core_.active_locked().bytes.load() > 0) {
    core_.is_tail_loaded_ = false;
  } else {
    core_.builder_ = IndexBuilder(core_.active_locked().base_offset);
    core_.active_locked().aborted.count = 0;
  }
  if (auto restored = restore_producers(core_.log_end_); !restored) return restored;
  return replay_producers(core_.log_end_);
}

ScanRequest::Expected PartitionOpening::expected_at(std::int64_t offset) const {
  const auto entry = std::ranges::lower_bound(entries_, offset, {}, &provenance::AppendFrame::base_offset);
  if (entry != entries_.end() && entry->base_offset == offset) return {entry->leader_epoch, entry->log_bytes};
  if (!epochs_are_known_) return {};
  return {core_.epochs_.epoch_at(offset), 0};
}

Result<PartitionOpening::Scanned> PartitionOpening::scan_one(std::size_t index) {
  auto& segments = core_.segments_;
  const bool is_last = index + 1 == segments.size();
  Scanned scanned{
      .segment = segments[index], .result = {}, .builder = IndexBuilder(segments[index]->base_offset), .aborted = {}};
  const auto now_ms = unix_milliseconds(core_.context_.clock.wall());
  auto file = core_.file_of(*scanned.segment);
  if (!file) return pass(file);
  ProducerReplay replay(core_.producers_, **file, scanned.segment->base_offset, now_ms);
  ScanRequest request{.first_offset = scanned.segment->base_offset,
                      .limit = scanned.segment->bytes.load(),
                      .gaps_allowed = core_.config_.cleanup.compact && !is_last,
                      .epoch_max = epoch_max_,
                      .expected = [this](std::int64_t offset) { return expected_at(offset); },
                      .on_batch = {}};
  request.on_batch = [&](const LocatedBatch& batch) {
    const auto& header = batch.header;
    if (batch.position == 0) scanned.first_timestamp = header.max_timestamp;
    scanned.builder.add(header, static_cast<std::uint32_t>(batch.position), core_.config_.index_interval_bytes);
    if (header.base_offset >= producers_from_) replay.add(batch);
    if (!epochs_are_known_) core_.epochs_.begin(header.leader_epoch, header.base_offset);
  };
  auto result = scan_segment(**file, request);
  if (!result) return pass(result);
  scanned.result = std::move(*result);
  auto aborted = replay.finish();
  if (!aborted) return pass(aborted);
  scanned.aborted = std::move(*aborted);
  scanned.open_from = core_.producers_.open_from().value_or(AbortedSummary::kNoneOpen);
  const bool meets_next =
      is_last || request.gaps_allowed || scanned.result.end_offset == segments[index + 1]->base_offset;
  scanned.is_good_to_the_end = scanned.result.tail_bytes == 0 && meets_next;
  return scanned;
}

Result<void> PartitionOpening::scan() {
  report_.was_scanned = true;
  auto& segments = core_.segments_;
  std::size_t first = 0;
  if (request_.journaled.has_state && !request_.verify_everything && epochs_are_known_) {
    while (first + 1 < segments.size() && segments[first + 1]->base_offset <= state().synced_offset) ++first;
  }
  const auto first_base = segments[first]->base_offset;
  if (auto restored = restore_producers(first_base); !restored) return restored;
  if (auto replayed = replay_producers(first_base); !replayed) return replayed;
  // What was damaged before is found again, unless its segment is not read this time.
  const auto skipped = [&](std::int64_t offset) {
    return std::ranges::any_of(request_.journaled.quarantines,
                               [&](const auto& frame) { return frame.skipped && frame.first_offset == offset; });
  };
  std::erase_if(core_.damage_, [&](const auto& damage) { return damage.segment_base >= first_base; });

  std::vector<Scanned> scanned;
  for (auto i = first; i < segments.size(); ++i) {
    auto one = scan_one(i);
    if (!one) return pass(one);
    scanned.push_back(std::move(*one));
    keep_producers(scanned.back(), i + 1);
  }
  if (auto settled = settle_tail(scanned); !settled) return settled;
  for (const auto& one : scanned) {
    for (const auto& range : one.result.damaged) {
      core_.add_damage_locked(range, one.segment->base_offset, skipped(range.first_offset));
    }
  }
  if (auto kept = keep_indexes(scanned); !kept) return kept;
  return sync_recovered(scanned);
}

// Decides what the bytes are that no good batch could be read from, segment by segment: damage when a good batch
// follows somewhere or the watermark lies beyond, a torn tail otherwise.
Result<void> PartitionOpening::settle_tail(std::vector<Scanned>& scanned) {
  const auto synced = state().synced_offset;
  for (std::size_t i = 0; i < scanned.size(); ++i) {
    auto& one = scanned[i];
    const bool is_last = i + 1 == scanned.size();
    const bool is_short = is_last && one.result.end_offset < synced;
    if (one.is_good_to_the_end && !is_short) continue;
    const auto later = std::span(scanned).subspan(i + 1);
    if (std::ranges::any_of(later, &Scanned::has_batches)) {
      const auto next = later.front().segment->base_offset;
      one.result.damaged.push_back({one.result.end_offset, next, one.result.end_position, one.segment->bytes.load()});
      continue;
    }
    const auto later_count = later.size();
    scanned.erase(scanned.begin() + static_cast<std::ptrdiff_t>(i) + 1, scanned.end());
    core_.log_end_ = one.result.end_offset;
    if (synced > one.result.end_offset) return quarantine_tail(scanned.back(), later_count);
    return cut_tail(scanned.back(), later_count);
  }
  core_.log_end_ = scanned.back().result.end_offset;
  return {};
}

Result<void> PartitionOpening::remove_last_segments(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto segment = core_.segments_.back();
    core_.segments_.pop_back();
    for (const auto suffix : kSegmentSuffixes) {
      auto removed = core_.context_.files.remove_file(segment->path(suffix));
      if (!removed && removed.error().code != Code::NotFound) return removed;
    }
  }
  return {};
}

Result<void> PartitionOpening::cut_tail(Scanned& last, std::size_t later) {
  if (auto removed = remove_last_segments(later); !removed) return removed;
  auto file = core_.file_of(*last.segment);
  if (!file) return pass(file);
  report_.torn_bytes += static_cast<std::int64_t>(last.result.tail_bytes);
  if (auto cut = (*file)->truncate(last.result.end_position); !cut) return cut;
  last.segment->bytes = last.result.end_position;
  log::warn("torn tail cut",
            {{"partition", core_.label()}, {"log_end", core_.log_end_}, {"bytes", last.result.tail_bytes}});
  return {};
}

// What the watermark promised is not there: its offsets stay taken, and the log goes on behind them in a new segment.
Result<void> PartitionOpening::quarantine_tail(Scanned& last, std::size_t later) {
  if (auto removed = remove_last_segments(later); !removed) return removed;
  const auto synced = state().synced_offset;
  last.result.damaged.push_back({last.result.end_offset, synced, last.result.end_position, last.segment->bytes.load()});
  core_.log_end_ = synced;
  auto segment = core_.make_segment(synced);
  if (!segment) return pass(segment);
  core_.segments_.push_back(std::move(*segment));
  core_.directory_is_unsynced_ = true;
  return {};
}

Result<void> PartitionOpening::keep_indexes(std::vector<Scanned>& scanned) {
  for (auto& one : scanned) {
    const bool is_active = one.segment == core_.segments_.back();
    core_.keep_aborted_locked(one.segment, {std::move(one.aborted), one.open_from});
    if (is_active) {
      core_.builder_ = std::move(one.builder);
      core_.first_timestamp_ = one.first_timestamp;
      core_.spilled_offsets_ = core_.spilled_times_ = 0;
      core_.spill_index_locked();
      continue;
    }
    one.builder.add_final_time();
    one.segment->max_timestamp = one.builder.max_timestamp();
    if (auto stored = store_index(core_.context_.files, *one.segment, one.builder.take()); !stored) return stored;
  }
  if (core_.active_locked().bytes.load() == 0) core_.builder_ = IndexBuilder(core_.active_locked().base_offset);
  return {};
}

// From here on everything that recovery kept is promised, except at a level that promises nothing.
Result<void> PartitionOpening::sync_recovered(const std::vector<Scanned>& scanned) {
  const bool promises = core_.config_.effective_durability() != Durability::Os;
  if (!promises && !core_.directory_is_unsynced_) {
    const auto& first = *scanned.front().segment;
    core_.synced_ = {first.base_offset, first.base_offset, 0};
    if (state().synced_offset > first.base_offset && state().segment_base == first.base_offset) {
      core_.synced_ = {state().synced_offset, state().segment_base, state().segment_bytes};
    }
    return {};
  }
  for (const auto& one : scanned) {
    auto file = core_.file_of(*one.segment);
    if (!file) return pass(file);
    if (auto synced = (*file)->sync_data(); !synced) {
      core_.stop_writing_locked(synced.error());
      break;
    }
  }
  if (auto synced = core_.context_.files.sync_directory(*core_.directory_); !synced) return synced;
  core_.directory_is_unsynced_ = false;
  core_.synced_ = core_.log_end_place_locked();
  return {};
}

// Entries are there for what is synced. Those above it were written before the log, but may have been lost with the end
// of a journal file.
Result<void> PartitionOpening::find_uncovered() {
  auto covered = core_.log_start_;
  if (request_.journaled.has_state) {
    const auto safe = std::min(state().covered_end, state().synced_offset);
    covered = std::max({covered, safe, request_.journaled.covered_before});
  }
  if (!entries_.empty()) covered = std::min(covered, std::max(entries_.front().base_offset, core_.log_start_));
  for (const auto& entry : entries_) {
    if (entry.base_offset > covered) {
      if (auto added = add_uncovered(covered, std::min(entry.base_offset, core_.log_end_)); !added) return added;
    }
    covered = std::max(covered, entry.next_offset());
  }
  return add_uncovered(covered, core_.log_end_);
}

Result<void> PartitionOpening::add_uncovered(std::int64_t first_offset, std::int64_t next_offset) {
  const auto& writer = core_.config_.sole_writer;
  for (std::size_t i = 0; i < core_.segments_.size() && first_offset < next_offset; ++i) {
    const auto& segment = *core_.segments_[i];
    const auto end = i + 1 < core_.segments_.size() ? core_.segments_[i + 1]->base_offset : core_.log_end_;
    if (end <= first_offset || segment.base_offset >= next_offset) continue;
    auto file = core_.file_of(segment);
    if (!file) return pass(file);
    PartitionRecovery::Uncovered uncovered{.base_offset = std::max(first_offset, segment.base_offset),
                                           .writer = writer ? *writer : lost_in_power_cut()};
    const auto last = std::min(end, next_offset);
    uncovered.count = last - uncovered.base_offset;
    uncovered.leader_epoch = std::max(0, core_.epochs_.epoch_at(uncovered.base_offset));
    auto walked = core_.walk_locked(segment, **file, [&](const LocatedBatch& batch) {
      const auto& header = batch.header;
      if (header.base_offset >= uncovered.base_offset && header.base_offset < last)
        uncovered.log_bytes += header.size();
    });
    if (!walked) return walked;
    if (!writer) report_.lost_provenance += uncovered.count;
    report_.uncovered.push_back(uncovered);
  }
  return {};
}

// A reader may have seen records that are no more, except where nothing unsynced is ever shown.
Result<void> PartitionOpening::settle_epoch() {
  auto& epochs = core_.epochs_;
  const bool announced_more = !entries_.empty() && entries_.back().next_offset() > core_.log_end_;
  const bool may_have_lost = report_.torn_bytes > 0 || announced_more || request_.page_cache_was_lost;
  const bool shows_unsynced = core_.config_.effective_durability() != Durability::Synced;
  const auto latest = std::max(epochs.latest(), request_.journaled.has_state ? state().leader_epoch : 0);
  const auto before = epochs.entries();
  if (epochs.entries().empty()) epochs.begin(latest, core_.log_start_);
  core_.leader_epoch_ = latest;
  if (may_have_lost && shows_unsynced) {
    epochs.cut_from(core_.log_end_);
    epochs.begin(++core_.leader_epoch_, core_.log_end_);
    // An epoch is never used twice, whatever happens next.
    return replace_file(core_.context_.files, join_path(*core_.directory_, kEpochsFile), as_bytes(epochs.text()));
  }
  if (epochs.latest() < latest) {
    epochs.begin(latest, core_.log_end_);
  }
  if (epochs_are_known_ && before == epochs.entries()) return {};
  return core_.write_epochs();
}

void PartitionOpening::report_damage() {
  for (const auto& damage : core_.damage_) {
    report_.damaged.push_back(
        fmt::format("{}: offsets [{}, {})", core_.label(), damage.range.first_offset, damage.range.next_offset));
  }
}

}  // namespace myelin::storage
