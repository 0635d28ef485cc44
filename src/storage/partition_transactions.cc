// Markers, the last stable offset, and what was aborted. The `.txnindex` of a segment is written with each abort; after
// a start it is believed only once the segment's batches have been walked over and said the same.
#include <algorithm>

#include "base/log.h"
#include "base/sabotage.h"
#include "storage/partition_core.h"
#include "storage/producer_replay.h"

namespace myelin::storage {

void PartitionLog::Core::append_marker(MarkerRequest request, AppendDone done) {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    answer_locked(append_marker_locked(std::move(request)), std::move(done), aftermath);
  }
  settle(std::move(aftermath));
}

// On a disk that is nearly full, too: what was begun is to end.
PartitionLog::Core::Accepted PartitionLog::Core::append_marker_locked(MarkerRequest request) {
  if (auto refusal = closed_refusal_locked()) return std::unexpected(std::move(*refusal));
  const TransactionMarker marker{request.producer_id, request.producer_epoch, request.coordinator_epoch,
                                 request.commits};
  const AppendRequest append{.batch = SharedBytes(encode(marker, unix_milliseconds(request.timestamp))),
                             .attribution = std::move(request.attribution)};
  const auto header = *parse_batch_header(append.batch.view());
  if (auto refusal = producer_refusal(header, producers_.check(marker))) return std::unexpected(std::move(*refusal));
  const auto now = context_.clock.wall();
  if (auto room = make_room_locked(header, timestamp_in_log(header, now)); !room) {
    return std::unexpected(retry_later(room.error()));
  }
  return write_locked(append, header, now);
}

void PartitionLog::Core::note_marker_locked(const BatchHeader& header, const TransactionMarker& marker,
                                            std::int64_t now_ms) {
  const auto aborted = producers_.record(header, marker, now_ms);
  if (!aborted || sabotaged(Sabotage::DropAbortedTransaction)) return;
  auto& segment = active_locked();
  if (!segment.aborted.is_known()) {
    auto view = view_locked(segments_.back());
    if (auto surveyed = survey_aborted(view)) keep_aborted_locked(segments_.back(), std::move(*surveyed));
    return;
  }
  auto extended = extend_aborted_index(context_.files, segment, segment.aborted, *aborted);
  if (!extended) {
    log::warn("aborted index not written", {{"partition", label()}, {"reason", extended.error().message}});
    segment.aborted = {};
    return;
  }
  const auto cached = context_.aborted_indexes.find(segment.file_id);
  if (cached && cached->entries.size() == segment.aborted.count) {
    auto more = std::make_shared<AbortedIndex>(*cached);
    more->entries.push_back(*aborted);
    context_.aborted_indexes.put(segment.file_id, std::move(more));
  }
  segment.aborted = *extended;
}

std::int64_t PartitionLog::Core::last_stable_locked() const {
  const auto& undecided = producers_.undecided();
  if (undecided.empty()) return high_watermark_.offset;
  return std::min(std::max(undecided.front().first_offset, log_start_), high_watermark_.offset);
}

PartitionLog::Core::LogView PartitionLog::Core::view_locked(const std::shared_ptr<Segment>& last) const {
  LogView view;
  for (const auto& segment : segments_) {
    if (segment->base_offset < last->base_offset) view.segments.push_back(segment);
  }
  view.segments.push_back(last);
  view.damage = damage_;
  return view;
}

std::optional<ProducerState> PartitionLog::Core::stored_producers(std::int64_t offset) const {
  constexpr std::uint64_t kSnapshotBytesMax = 64U << 20;
  const auto path = join_path(*directory_, offset_file_name(offset, kSnapshotSuffix));
  const auto content = read_file(context_.files, path, kSnapshotBytesMax);
  if (!content) return std::nullopt;
  return ProducerState::restore(*content, unix_milliseconds(context_.clock.wall()));
}

// Takes the producers' transactions from the begin of a segment to its end.
Result<AbortedIndex> PartitionLog::Core::replay_segment(const Segment& segment, std::span<const DamageAt> damage,
                                                        ProducerState& producers) const {
  auto file = file_of(segment);
  if (!file) return pass(file);
  ProducerReplay replay(producers, **file, segment.base_offset, unix_milliseconds(context_.clock.wall()));
  std::uint64_t end = 0;
  auto walked = walk(segment, **file, damage, [&](const LocatedBatch& batch) {
    end = batch.end();
    if (batch.header.is_transactional()) replay.add(batch);
  });
  if (!walked) return pass(walked);
  for (const auto& known : damage) {
    if (known.segment_base == segment.base_offset) end = std::max(end, known.range.end_position);
  }
  if (end < segment.bytes.load() || replay.met_damage()) {
    return fail(Code::Corrupt, "{}: segment {} is damaged", label(), segment.base_offset);
  }
  return replay.finish();
}

// By the batches themselves, from the producer snapshot where the segment begins, or an older one. Of the view only the
// segments that are read stay.
Result<PartitionLog::Core::Aborted> PartitionLog::Core::survey_aborted(LogView& view) const {
  auto& segments = view.segments;
  auto from = segments.size() - 1;
  auto producers = stored_producers(segments[from]->base_offset);
  while (!producers && from > 0) producers = stored_producers(segments[--from]->base_offset);
  if (!producers) producers.emplace();
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(from));
  Aborted aborted;
  for (const auto& segment : segments) {
    auto replayed = replay_segment(*segment, view.damage, *producers);
    if (!replayed) return pass(replayed);
    aborted.index = std::move(*replayed);
  }
  aborted.open_from = producers->open_from().value_or(AbortedSummary::kNoneOpen);
  return aborted;
}

// What a marker said whose bytes are damaged the file may know yet.
void PartitionLog::Core::add_damaged_locked(const Segment& segment, AbortedIndex& index) const {
  const auto is_damaged = [&](const AbortedEntry& entry) {
    return std::ranges::any_of(damage_, [&](const DamageAt& damage) {
      return damage.segment_base == segment.base_offset && entry.last_offset >= damage.range.first_offset &&
             entry.last_offset < damage.range.next_offset;
    });
  };
  if (std::ranges::find(damage_, segment.base_offset, &DamageAt::segment_base) == damage_.end()) return;
  const auto stored = stored_aborted_index(context_.files, segment);
  if (!stored) return;
  std::ranges::copy_if(stored->entries, std::back_inserter(index.entries), is_damaged);
  std::ranges::sort(index.entries, {}, &AbortedEntry::last_offset);
}

std::shared_ptr<const AbortedIndex> PartitionLog::Core::keep_aborted_locked(const std::shared_ptr<Segment>& segment,
                                                                            Aborted aborted) {
  // The files of a segment that was compacted meanwhile are another one's.
  const bool is_here = std::ranges::find(segments_, segment) != segments_.end();
  if (is_here) add_damaged_locked(*segment, aborted.index);
  segment->aborted = summary_of(aborted.index);
  // In the active segment what is open may end yet.
  if (segment != segments_.back()) segment->aborted.open_from = aborted.open_from;
  if (is_here) {
    if (auto stored = store_aborted_index(context_.files, *segment, aborted.index); !stored) {
      log::warn("aborted index not written", {{"partition", label()}, {"reason", stored.error().message}});
    }
  }
  auto index = std::make_shared<const AbortedIndex>(std::move(aborted.index));
  if (segment->aborted.count > 0) context_.aborted_indexes.put(segment->file_id, index);
  return index;
}

Result<PartitionLog::Core::AbortedInSegment> PartitionLog::Core::rebuild_aborted(
    const std::shared_ptr<Segment>& segment) {
  constexpr int kAttempts = 2;
  for (int attempt = 1;; ++attempt) {
    std::unique_lock lock(mutex_);
    auto view = view_locked(segment);
    // Only the active segment changes while it is read.
    const bool is_active = segment == segments_.back();
    if (!is_active) lock.unlock();
    auto surveyed = survey_aborted(view);
    if (!is_active) lock.lock();
    if (surveyed) {
      auto index = keep_aborted_locked(segment, std::move(*surveyed));
      return AbortedInSegment{std::move(index), segment->aborted.open_from};
    }
    if (surveyed.error().code != Code::Corrupt || attempt == kAttempts) return pass(surveyed);
    lock.unlock();
    // Around damage that is known the walk finds its way.
    for (const auto& damaged : view.segments) {
      auto file = file_of(*damaged);
      auto verified = file ? verify_segment(damaged, **file) : Result<void>(pass(file));
      if (!verified) return pass(verified);
    }
  }
}

Result<PartitionLog::Core::AbortedInSegment> PartitionLog::Core::aborted_in(const std::shared_ptr<Segment>& segment,
                                                                            DiskWait wait) {
  AbortedSummary known;
  {
    const std::lock_guard lock(mutex_);
    known = segment->aborted;
  }
  if (known.count == 0) return AbortedInSegment{std::make_shared<const AbortedIndex>(), known.open_from};
  if (known.is_known()) {
    // It may have grown since, by transactions that nobody asks for who saw less.
    auto cached = context_.aborted_indexes.find(segment->file_id);
    if (cached && cached->entries.size() >= known.count) return AbortedInSegment{std::move(cached), known.open_from};
  }
  if (wait == DiskWait::Refused) return fail(Code::Unavailable, "{}: aborted index not in memory", label());
  if (known.is_known()) {
    if (auto loaded = load_aborted_index(context_.files, *segment, known)) {
      auto index = std::make_shared<const AbortedIndex>(std::move(*loaded));
      context_.aborted_indexes.put(segment->file_id, index);
      return AbortedInSegment{std::move(index), known.open_from};
    }
    log::warn("aborted index rebuilt from the log", {{"partition", label()}, {"segment", segment->base_offset}});
  }
  return rebuild_aborted(segment);
}

Result<std::vector<AbortedEntry>> PartitionLog::Core::aborted_between(const AbortedRequest& request) {
  std::vector<AbortedEntry> found;
  auto segment = request.segment;
  while (segment) {
    auto aborted = aborted_in(segment, request.wait);
    if (!aborted) return pass(aborted);
    std::ranges::copy_if(aborted->index->entries, std::back_inserter(found), [&](const AbortedEntry& entry) {
      return entry.last_offset >= request.first_offset && entry.first_offset < request.next_offset;
    });
    if (aborted->open_from >= request.next_offset) break;
    const std::lock_guard lock(mutex_);
    const auto next = std::ranges::upper_bound(segments_, segment->base_offset, {}, &Segment::base_offset);
    segment = next == segments_.end() ? nullptr : *next;
  }
  return found;
}

}  // namespace myelin::storage
