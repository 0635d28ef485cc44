// Finding batches: a hint from the last read, else the sparse index, then a short walk over batch headers. An index
// entry is believed only after the batch it points to agreed.
#include <algorithm>

#include "base/log.h"
#include "storage/partition_core.h"

namespace myelin::storage {

struct PartitionLog::Core::ReadPlan {
  std::int64_t offset = 0;  // where to read, which is behind skipped damage
  std::shared_ptr<Segment> segment;
  std::optional<std::uint64_t> start;  // where the batch begins, when known
  std::optional<std::uint64_t> limit;  // nothing from here on; when not known, from limit_offset on
  std::int64_t limit_offset = 0;       // the offset at `limit`
  std::int64_t high_watermark = 0;
  std::int64_t last_stable = 0;
  std::int64_t log_start = 0;
  bool is_empty = false;
  bool may_have_aborted = false;
};

std::shared_ptr<Segment> PartitionLog::Core::segment_for_locked(std::int64_t offset) const {
  const auto above = std::ranges::upper_bound(segments_, offset, {}, &Segment::base_offset);
  return above == segments_.begin() ? *above : *std::prev(above);
}

std::optional<std::uint64_t> PartitionLog::Core::hint_locked(std::int64_t offset, std::int64_t segment_base) const {
  for (const auto& hint : hints_) {
    if (hint.offset == offset && hint.segment_base == segment_base) return hint.position;
  }
  return std::nullopt;
}

// A reader that goes on moves its hint along, so that a few readers at different places keep one each.
void PartitionLog::Core::remember_place(const Place& place, std::int64_t came_from) {
  const std::lock_guard lock(mutex_);
  const Hint hint{place.offset, place.segment_base, place.position};
  for (auto& known : hints_) {
    if (known.offset == place.offset && known.segment_base == place.segment_base) return;
  }
  for (auto& known : hints_) {
    if (known.offset != came_from) continue;
    known = hint;
    return;
  }
  hints_[next_hint_++ % hints_.size()] = hint;
}

Result<std::shared_ptr<File>> PartitionLog::Core::file_of(const Segment& segment) const {
  auto file = context_.open_files.get(segment.file_id, [&] { return segment.path(kLogSuffix); });
  if (file && segment.is_replaced) return fail(Code::NotFound, "{}: segment was compacted meanwhile", label());
  return file;
}

ReadError PartitionLog::Core::read_error_locked(ReadFailure failure, std::string message) const {
  return {failure, std::move(message), high_watermark_.offset, last_stable_locked(), log_start_, -1};
}

std::expected<PartitionLog::Core::ReadPlan, ReadError> PartitionLog::Core::plan_read(const ReadRequest& request) {
  const std::lock_guard lock(mutex_);
  if (is_shut_) {
    return std::unexpected(read_error_locked(ReadFailure::Gone, fmt::format("{}: the partition is closed", label())));
  }
  if (request.offset < log_start_ || request.offset > log_end_) {
    return std::unexpected(read_error_locked(
        ReadFailure::OffsetOutOfRange,
        fmt::format("{}: offset {} is not in [{}, {}]", label(), request.offset, log_start_, log_end_)));
  }
  ReadPlan plan{.offset = request.offset, .segment = nullptr, .start = std::nullopt, .limit = std::nullopt};
  plan.high_watermark = high_watermark_.offset;
  plan.last_stable = last_stable_locked();
  plan.log_start = log_start_;
  for (const auto& damage : damage_) {
    if (plan.offset < damage.range.first_offset || plan.offset >= damage.range.next_offset) continue;
    if (!damage.skipped) {
      auto error = read_error_locked(ReadFailure::Rot,
                                     fmt::format("{}: offsets [{}, {}) are damaged on disk and quarantined", label(),
                                                 damage.range.first_offset, damage.range.next_offset));
      error.resume_offset = damage.range.next_offset;
      return std::unexpected(std::move(error));
    }
    plan.offset = damage.range.next_offset;
  }
  const bool is_committed = request.isolation == Isolation::ReadCommitted;
  if (plan.offset >= (is_committed ? plan.last_stable : high_watermark_.offset)) {
    plan.is_empty = true;
    return plan;
  }
  plan.segment = segment_for_locked(plan.offset);
  const auto base = plan.segment->base_offset;
  if (base == high_watermark_.segment_base) {
    plan.limit = high_watermark_.position;
    plan.limit_offset = high_watermark_.offset;
  } else {
    const auto next = std::ranges::upper_bound(segments_, base, {}, &Segment::base_offset);
    plan.limit = plan.segment->bytes.load();
    plan.limit_offset = next == segments_.end() ? log_end_ : (*next)->base_offset;
  }
  if (is_committed) {
    if (plan.last_stable < plan.limit_offset) {
      const auto& place = producers_.undecided().front().place;
      plan.limit = place.is_known() ? std::optional(place.position) : std::nullopt;
      plan.limit_offset = plan.last_stable;
    }
    const auto& aborted = plan.segment->aborted;
    plan.may_have_aborted = aborted.count > 0 || aborted.open_from < plan.limit_offset;
  }
  for (const auto& damage : damage_) {
    if (damage.segment_base != base || damage.range.first_offset < plan.offset) continue;
    if (damage.range.first_offset >= plan.limit_offset) break;
    plan.limit = damage.range.position;
    plan.limit_offset = damage.range.first_offset;
    break;
  }
  plan.start = plan.offset == base ? std::optional<std::uint64_t>(0) : hint_locked(plan.offset, base);
  return plan;
}

ReadOutcome PartitionLog::Core::read(const ReadRequest& request) {
  constexpr int kAttempts = 2;
  for (int attempt = 1;; ++attempt) {
    auto plan = plan_read(request);
    if (!plan) return std::unexpected(std::move(plan).error());
    if (plan->is_empty) return result_of(*plan, SharedBytes(), plan->offset, plan->offset);
    auto outcome = read_planned(*plan, request);
    if (outcome) return outcome;
    const auto failure = outcome.error().failure;
    if (failure == ReadFailure::Rot && request.disk_wait == DiskWait::Refused) {
      // How far the damage reaches only a check of the whole segment can tell.
      outcome.error().failure = ReadFailure::WouldWait;
      return outcome;
    }
    if (attempt == kAttempts) {
      // The partition is there, only its file is not.
      if (failure == ReadFailure::Gone) outcome.error().failure = ReadFailure::Io;
      return outcome;
    }
    if (failure == ReadFailure::Gone) continue;  // the segment was deleted or compacted since the plan was made
    if (failure != ReadFailure::Rot) return outcome;
    // What is damaged gets quarantined, so that the second attempt serves what lies around it.
    auto file = file_of(*plan->segment);
    const auto verified = file ? verify_segment(plan->segment, **file) : Result<void>(pass(file));
    if (!verified) return std::unexpected(read_error(*plan, ReadFailure::Io, verified.error().message));
  }
}

ReadError PartitionLog::Core::read_error(const ReadPlan& plan, ReadFailure failure, std::string message) {
  return {failure, std::move(message), plan.high_watermark, plan.last_stable, plan.log_start, -1};
}

ReadResult PartitionLog::Core::result_of(const ReadPlan& plan, Payload records, std::int64_t first, std::int64_t next) {
  return {.records = std::move(records),
          .first_offset = first,
          .next_offset = next,
          .high_watermark = plan.high_watermark,
          .last_stable_offset = plan.last_stable,
          .log_start_offset = plan.log_start,
          .aborted = {}};
}

ReadOutcome PartitionLog::Core::read_planned(const ReadPlan& plan, const ReadRequest& request) {
  const auto failed = [&](const Error& error) {
    auto failure = ReadFailure::Io;
    if (error.code == Code::Unavailable) failure = ReadFailure::WouldWait;
    if (error.code == Code::NotFound) failure = ReadFailure::Gone;
    return std::unexpected(read_error(plan, failure, error.message));
  };
  const auto rotten = [&] {
    return std::unexpected(
        read_error(plan, ReadFailure::Rot, fmt::format("{}: no batch holds offset {}", label(), plan.offset)));
  };
  auto file = file_of(*plan.segment);
  if (!file) return failed(file.error());
  const Source source{*plan.segment, **file, request.disk_wait};
  const auto limit = limit_of(plan, source);
  if (!limit) return failed(limit.error());
  if (!*limit) return rotten();
  Place start{plan.offset, plan.segment->base_offset, plan.start.value_or(0)};
  if (!plan.start) {
    auto found = find_batch(source, plan.offset, **limit);
    if (!found) return failed(found.error());
    if (!*found) return rotten();
    start.position = (*found)->position;
    start.offset = (*found)->header.base_offset;
  }
  Place end{plan.limit_offset, plan.segment->base_offset, **limit};
  if (end.position - start.position > request.bytes_max) {
    auto aligned = batches_end(source, start, request, **limit);
    if (!aligned) return failed(aligned.error());
    if (aligned->position == start.position && request.at_least_one) return rotten();
    end = *aligned;
  }
  if (end.position == start.position) return result_of(plan, SharedBytes(), plan.offset, plan.offset);
  std::vector<AbortedTransaction> aborted;
  if (plan.may_have_aborted) {
    auto found = aborted_between({plan.segment, plan.offset, end.offset, request.disk_wait});
    if (!found) return failed(found.error());
    for (const auto& entry : *found) aborted.push_back({entry.producer_id, entry.first_offset});
  }
  remember_place(end, request.offset);
  auto records = payload_of(**file, start.position, static_cast<std::uint32_t>(end.position - start.position));
  if (!records) return failed(records.error());
  auto result = result_of(plan, std::move(*records), start.offset, end.offset);
  result.aborted = std::move(aborted);
  return result;
}

// After a start the first batch of an open transaction is found by the index, once.
Result<std::optional<std::uint64_t>> PartitionLog::Core::limit_of(const ReadPlan& plan, const Source& source) {
  if (plan.limit) return plan.limit;
  auto first = find_batch(source, plan.limit_offset, source.segment.bytes.load());
  if (!first) return pass(first);
  if (!*first || (*first)->header.base_offset != plan.limit_offset) return std::nullopt;
  const std::lock_guard lock(mutex_);
  producers_.set_place(plan.limit_offset, {source.segment.base_offset, (*first)->position});
  return (*first)->position;
}

// A range to send from, or the bytes themselves where no descriptor stands behind the file.
Result<Payload> PartitionLog::Core::payload_of(const File& file, std::uint64_t position, std::uint32_t length) const {
  FileRange range{file.handle(), position, length};
  if (range.file) return range;
  ByteBuffer bytes(length);
  auto got = file.read_at(position, bytes);
  if (!got) return pass(got);
  if (*got != length) return fail(Code::Corrupt, "{}: the segment is shorter than known", label());
  return SharedBytes(std::move(bytes));
}

// The last index entry at or before the wanted offset or position, from memory or the stored index.
Result<std::optional<OffsetEntry>> PartitionLog::Core::index_entry(const Source& source, By by, std::int64_t value) {
  const auto& segment = source.segment;
  const auto look_up = [&](const std::vector<OffsetEntry>& entries) -> std::optional<OffsetEntry> {
    const auto* entry = by == By::Offset ? entry_for_offset(entries, value - segment.base_offset)
                                         : entry_for_position(entries, static_cast<std::uint64_t>(value));
    return entry == nullptr ? std::nullopt : std::optional(*entry);
  };
  bool has_stored = true;
  {
    const std::lock_guard lock(mutex_);
    if (segments_.back()->base_offset == segment.base_offset) {
      if (auto entry = look_up(builder_.entries().offsets)) return entry;
      has_stored = spilled_offsets_ > 0 || !is_tail_loaded_;
    }
  }
  if (!has_stored) return std::nullopt;
  auto stored = cached_index(segment);
  if (!stored && source.wait == DiskWait::Refused) return fail(Code::Unavailable, "{}: index not in memory", label());
  if (!stored) stored = stored_index(segment);
  return stored ? look_up(stored->offsets) : std::nullopt;
}

std::size_t PartitionLog::Core::stored_offsets(const Segment& segment) const {
  const std::lock_guard lock(mutex_);
  return segments_.back()->base_offset == segment.base_offset ? spilled_offsets_ : 0;
}

std::shared_ptr<const SparseIndex> PartitionLog::Core::cached_index(const Segment& segment) const {
  auto cached = context_.indexes.find(segment.file_id);
  return cached && cached->offsets.size() >= stored_offsets(segment) ? cached : nullptr;
}

std::shared_ptr<const SparseIndex> PartitionLog::Core::stored_index(const Segment& segment) {
  if (auto cached = cached_index(segment)) return cached;
  auto loaded = load_index(context_.files, segment);
  if (!loaded || loaded->offsets.size() < stored_offsets(segment)) return rebuild_index(segment);
  auto index = std::make_shared<const SparseIndex>(std::move(*loaded));
  context_.indexes.put(segment.file_id, index);
  return index;
}

std::shared_ptr<const SparseIndex> PartitionLog::Core::rebuild_index(const Segment& segment) {
  auto file = file_of(segment);
  if (!file) return nullptr;
  log::warn("index rebuilt from the log", {{"partition", label()}, {"segment", segment.base_offset}});
  IndexBuilder builder(segment.base_offset);
  bool is_active = false;
  {
    const std::lock_guard lock(mutex_);
    is_active = segments_.back()->base_offset == segment.base_offset;
    auto walked = walk_locked(segment, **file, [&](const LocatedBatch& batch) {
      builder.add(batch.header, static_cast<std::uint32_t>(batch.position), config_.index_interval_bytes);
    });
    if (!walked) return nullptr;
  }
  if (!is_active) builder.add_final_time();
  auto index = std::make_shared<const SparseIndex>(builder.take());
  // The files of the active segment are written by its appends alone.
  if (!is_active) {
    if (auto stored = store_index(context_.files, segment, *index); !stored) {
      log::warn("index not written", {{"partition", label()}, {"reason", stored.error().message}});
    }
  }
  context_.indexes.put(segment.file_id, index);
  return index;
}

Result<std::uint64_t> PartitionLog::Core::indexed_position(const Source& source, By by, std::int64_t value) {
  const auto& segment = source.segment;
  for (int attempt = 1; attempt <= 2; ++attempt) {
    auto entry = index_entry(source, by, value);
    if (!entry) return pass(entry);
    if (!*entry) return 0;
    auto batch = HeaderWalk(source.file, (*entry)->position, segment.bytes.load(), source.wait).next();
    if (!batch) return pass(batch);
    if (*batch && (*batch)->header.last_offset() - segment.base_offset == (*entry)->relative_offset)
      return (*entry)->position;
    if (source.wait == DiskWait::Refused) return fail(Code::Unavailable, "{}: the index is wrong", label());
    if (!rebuild_index(segment)) return 0;
  }
  return 0;
}

// The batch that holds `offset`, or the first behind it where compaction left a gap. nullopt when the log is not what
// it should be on the way there.
Result<std::optional<LocatedBatch>> PartitionLog::Core::find_batch(const Source& source, std::int64_t offset,
                                                                   std::uint64_t limit) {
  const auto& segment = source.segment;
  auto from = indexed_position(source, By::Offset, offset);
  if (!from) return pass(from);
  constexpr std::int64_t kUnknown = -1;
  std::int64_t expected = *from == 0 ? segment.base_offset : kUnknown;
  bool gaps_allowed = false;
  {
    const std::lock_guard lock(mutex_);
    gaps_allowed = config_.cleanup.compact;
    for (const auto& damage : damage_) {
      const bool is_before = damage.segment_base == segment.base_offset && damage.range.next_offset <= offset;
      if (!is_before || damage.range.end_position <= *from) continue;
      from = damage.range.end_position;
      expected = damage.range.next_offset;
    }
  }
  HeaderWalk walk(source.file, *from, limit, source.wait);
  while (true) {
    auto batch = walk.next();
    if (!batch || !*batch) return batch;
    const auto& header = (*batch)->header;
    const bool is_in_order =
        expected == kUnknown || (gaps_allowed ? header.base_offset >= expected : header.base_offset == expected);
    if (!is_in_order) return std::nullopt;
    if (header.last_offset() >= offset) return batch;
    expected = header.next_offset();
  }
}

// The end of the last batch that fits into the bytes asked for behind `start`.
Result<PartitionLog::Core::Place> PartitionLog::Core::batches_end(const Source& source, const Place& start,
                                                                  const ReadRequest& request, std::uint64_t limit) {
  const auto target = start.position + request.bytes_max;
  auto from = indexed_position(source, By::Position, static_cast<std::int64_t>(target));
  if (!from) return pass(from);
  Place end{start.offset, source.segment.base_offset, std::max(*from, start.position)};
  // When the index helped, the batch there tells its base offset; it is needed if no batch after it fits.
  bool offset_is_known = end.position == start.position;
  HeaderWalk walk(source.file, end.position, limit, source.wait);
  while (true) {
    auto batch = walk.next();
    if (!batch) return pass(batch);
    if (!*batch) return end;
    if (!offset_is_known) end.offset = (*batch)->header.base_offset;
    offset_is_known = true;
    const bool is_first = end.position == start.position;
    if ((*batch)->end() > target && !(is_first && request.at_least_one)) return end;
    end.offset = (*batch)->header.next_offset();
    end.position = (*batch)->end();
  }
}

}  // namespace myelin::storage
