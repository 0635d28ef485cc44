// Latest record per key: the closed segments are read once for the newest offset of every key, then rewritten without
// what is older, or was aborted, and without the markers of which nothing is left. What is not decided stays. A
// rewritten segment takes its name in two renames (.cleaned, .swap, .log), so that a stop at any point leaves either
// the old segments or the new one (list_partition finishes the second rename).
#include <algorithm>
#include <array>

#include "base/log.h"
#include "storage/compaction.h"
#include "storage/marker_sieve.h"
#include "storage/partition_core.h"

namespace myelin::storage {
namespace {

// Keys of one pass; more of them wait for the next one.
constexpr std::size_t kKeyBytesMax = 64U << 20;
constexpr std::size_t kKeyOverhead = 64;
constexpr std::size_t kWriteBytes = 256U << 10;

Result<void> for_each_batch(const File& file, std::uint64_t bytes, const std::function<Result<void>(ByteSpan)>& visit) {
  HeaderWalk walk(file, 0, bytes);
  ByteBuffer batch;
  while (true) {
    auto located = walk.next();
    if (!located) return pass(located);
    if (!*located) return {};
    batch.resize(static_cast<std::size_t>((*located)->header.size()));
    auto got = file.read_at((*located)->position, batch);
    if (!got) return pass(got);
    if (!has_valid_crc(batch)) return fail(Code::Corrupt, "batch at {} fails its check", (*located)->position);
    if (auto visited = visit(batch); !visited) return visited;
  }
}

}  // namespace

struct PartitionLog::Core::CompactionPlan {
  std::vector<std::shared_ptr<Segment>> segments;  // closed, visible, undamaged; in order
  std::int64_t end_offset = 0;                     // of the last one
  std::unordered_map<std::int64_t, std::int64_t> last_offset_of_producer;
  AbortedBatches aborted{{}};
  std::int64_t segment_bytes = 0;
  std::int32_t index_interval_bytes = 0;
  std::int64_t tombstones_before_ms = INT64_MIN;  // older tombstones have been seen by everybody
  std::int64_t markers_before_ms = INT64_MIN;     // the same for markers
  MarkerSieve markers;
  std::unordered_map<std::string, std::int64_t> newest;  // offset per key
  std::size_t key_bytes = 0;
  bool has_unreadable = false;

  [[nodiscard]] bool keeps(const RecordView& record) const {
    if (!record.key) return true;
    const auto found = newest.find(std::string(as_text(*record.key)));
    if (found == newest.end() || found->second != record.offset) return found == newest.end();
    // A tombstone may only go when nothing it hides can come back.
    return !record.is_tombstone() || has_unreadable || record.timestamp >= tombstones_before_ms;
  }
};

// A segment being written in place of a group of old ones.
struct PartitionLog::Core::CleanedSegment {
  std::vector<std::shared_ptr<Segment>> sources;
  std::shared_ptr<Segment> segment;
  std::shared_ptr<File> file;
  IndexBuilder builder{0};
  AbortedIndex aborted;  // of the markers that stay
  std::int64_t open_from = AbortedSummary::kNoneOpen;
  ByteBuffer buffer;
  std::uint64_t bytes = 0;

  [[nodiscard]] std::string path(std::string_view ending) const {
    return segment->path(kLogSuffix) + std::string(ending);
  }
  [[nodiscard]] Result<void> flush() {
    const std::array parts{ByteSpan(buffer)};
    auto written = file->write_at(bytes - buffer.size(), parts);
    buffer.clear();
    return written;
  }
  [[nodiscard]] Result<void> add(ByteSpan batch, std::int32_t interval) {
    builder.add(*parse_batch_header(batch), static_cast<std::uint32_t>(bytes), interval);
    buffer.insert(buffer.end(), batch.begin(), batch.end());
    bytes += batch.size();
    return buffer.size() >= kWriteBytes ? flush() : Result<void>{};
  }
  void add(const AbortedInSegment& source, const MarkerSieve& markers) {
    std::ranges::copy_if(source.index->entries, std::back_inserter(aborted.entries),
                         [&](const AbortedEntry& entry) { return !markers.has_dropped(entry.last_offset); });
    open_from = source.open_from;
  }
  [[nodiscard]] std::uint64_t source_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& source : sources) sum += source->bytes.load();
    return sum;
  }
};

void PartitionLog::Core::compact(WallTime now, bool clock_is_trusted) {
  {
    const std::lock_guard lock(mutex_);
    const auto count = compactable_locked();
    const bool has_new = count > 0 && segments_[count - 1]->base_offset >= compacted_to_;
    if (!config_.cleanup.compact || is_shut_ || is_read_only_ || is_compacting_ || !has_new) return;
    is_compacting_ = true;
  }
  context_.run([self = shared_from_this(), now, clock_is_trusted] {
    auto compacted = self->compact_now(now, clock_is_trusted);
    if (!compacted) {
      log::warn("compaction stopped", {{"partition", self->label()}, {"reason", compacted.error().message}});
    }
    const std::lock_guard lock(self->mutex_);
    self->is_compacting_ = false;
  });
}

// How many segments, from the first, are closed and decided.
std::size_t PartitionLog::Core::compactable_locked() const {
  const auto end = last_stable_locked();
  std::size_t count = 0;
  while (count + 1 < segments_.size() && segments_[count + 1]->base_offset <= end) ++count;
  return count;
}

PartitionLog::Core::CompactionPlan PartitionLog::Core::plan_compaction(WallTime now, bool clock_is_trusted) {
  const std::lock_guard lock(mutex_);
  CompactionPlan plan;
  plan.segment_bytes = config_.segment_bytes;
  plan.index_interval_bytes = config_.index_interval_bytes;
  if (clock_is_trusted) plan.tombstones_before_ms = unix_milliseconds(now) - config_.tombstone_retention_ms;
  const auto count = compactable_locked();
  // Behind damage it is not known what is left of a transaction.
  if (damage_.empty()) plan.markers_before_ms = plan.tombstones_before_ms;
  for (std::size_t i = 0; i < count; ++i) {
    const auto base = segments_[i]->base_offset;
    const bool is_damaged =
        std::ranges::any_of(damage_, [&](const auto& damage) { return damage.segment_base == base; });
    // Neither before nor behind damage is anything moved: keys in it are unknown.
    if (is_damaged) plan.segments.clear();
    if (!is_damaged) plan.segments.push_back(segments_[i]);
  }
  plan.end_offset = segments_[count]->base_offset;
  for (const auto& [producer_id, entry] : producers_.entries()) {
    if (entry.count == 0) continue;
    plan.last_offset_of_producer[producer_id] = entry.last().last_offset;
  }
  return plan;
}

// What was aborted, and the newest record of each key besides.
Result<void> PartitionLog::Core::survey_keys(CompactionPlan& plan) {
  const auto& front = plan.segments.front();
  auto aborted = aborted_between({front, front->base_offset, plan.end_offset});
  if (!aborted) return pass(aborted);
  plan.aborted = AbortedBatches(*aborted);
  std::size_t surveyed = 0;
  for (; surveyed < plan.segments.size() && plan.key_bytes < kKeyBytesMax; ++surveyed) {
    const auto& segment = *plan.segments[surveyed];
    auto file = file_of(segment);
    if (!file) return pass(file);
    auto read = for_each_batch(**file, segment.bytes.load(), [&](ByteSpan batch) -> Result<void> {
      const auto header = parse_batch_header(batch);
      if (header->is_control()) plan.markers.survey(*header);
      if (header->is_control() || plan.aborted.contains(*header)) return {};
      const bool was_readable = for_each_record(batch, [&](const RecordView& record) {
        if (!record.key) return;
        const auto [at, is_new] = plan.newest.try_emplace(std::string(as_text(*record.key)), record.offset);
        at->second = record.offset;
        if (is_new) plan.key_bytes += record.key->size() + kKeyOverhead;
      });
      plan.has_unreadable = plan.has_unreadable || !was_readable;
      return {};
    });
    if (!read) return read;
  }
  plan.segments.resize(surveyed);
  return {};
}

Result<void> PartitionLog::Core::compact_now(WallTime now, bool clock_is_trusted) {
  auto plan = plan_compaction(now, clock_is_trusted);
  if (plan.segments.empty()) return {};
  if (auto surveyed = survey_keys(plan); !surveyed) return surveyed;
  std::optional<CleanedSegment> cleaned;
  for (const auto& source : plan.segments) {
    const bool fits = cleaned &&
                      static_cast<std::int64_t>(cleaned->bytes + source->bytes.load()) <= plan.segment_bytes &&
                      source->base_offset - cleaned->segment->base_offset < INT32_MAX / 2;
    if (cleaned && !fits) {
      if (auto swapped = swap_in(*cleaned); !swapped) return swapped;
      cleaned.reset();
    }
    if (!cleaned) {
      auto begun = begin_cleaned(source);
      if (!begun) return pass(begun);
      cleaned = std::move(*begun);
    }
    cleaned->sources.push_back(source);
    auto aborted = aborted_in(source, DiskWait::Allowed);
    if (!aborted) return pass(aborted);
    if (auto rewritten = rewrite(*source, plan, *cleaned); !rewritten) return rewritten;
    cleaned->add(*aborted, plan.markers);
  }
  if (cleaned) {
    if (auto swapped = swap_in(*cleaned); !swapped) return swapped;
  }
  const std::lock_guard lock(mutex_);
  compacted_to_ = plan.segments.back()->base_offset + 1;
  return {};
}

Result<PartitionLog::Core::CleanedSegment> PartitionLog::Core::begin_cleaned(const std::shared_ptr<Segment>& first) {
  CleanedSegment cleaned;
  cleaned.segment = std::make_shared<Segment>();
  cleaned.segment->directory = directory_;
  cleaned.segment->base_offset = first->base_offset;
  cleaned.segment->file_id = context_.open_files.next_id();
  cleaned.builder = IndexBuilder(first->base_offset);
  auto file = context_.files.open(cleaned.path(".cleaned"), OpenMode::Create);
  if (!file) return pass(file);
  if (auto cut = (*file)->truncate(0); !cut) return pass(cut);
  cleaned.file = std::move(*file);
  return cleaned;
}

Result<void> PartitionLog::Core::rewrite(const Segment& source, CompactionPlan& plan, CleanedSegment& into) {
  auto file = file_of(source);
  if (!file) return pass(file);
  const auto keeps = [&](const RecordView& record) { return plan.keeps(record); };
  return for_each_batch(**file, source.bytes.load(), [&](ByteSpan batch) -> Result<void> {
    const auto header = parse_batch_header(batch);
    if (header->is_control()) {
      const bool stays = plan.markers.keeps(*header, plan.markers_before_ms);
      return stays ? into.add(batch, plan.index_interval_bytes) : Result<void>{};
    }
    // The header of a producer's newest batch carries its sequence on, even without records.
    const auto producer = plan.last_offset_of_producer.find(header->producer_id);
    const bool is_newest = producer != plan.last_offset_of_producer.end() && producer->second == header->last_offset();
    const auto when_empty = is_newest ? EmptyBatch::KeepHeader : EmptyBatch::Drop;
    const auto filtered =
        plan.aborted.contains(*header) ? emptied(batch, when_empty) : filter_batch(batch, keeps, when_empty);
    const ByteSpan rest = filtered ? ByteSpan(*filtered) : batch;
    if (rest.empty()) return {};
    plan.markers.keep(*header);
    return into.add(rest, plan.index_interval_bytes);
  });
}

Result<void> PartitionLog::Core::swap_in(CleanedSegment& cleaned) {
  auto& files = context_.files;
  if (cleaned.bytes == cleaned.source_bytes() && cleaned.sources.size() == 1) {
    return files.remove_file(cleaned.path(".cleaned"));
  }
  if (auto flushed = cleaned.flush(); !flushed) return flushed;
  if (auto synced = cleaned.file->sync_data(); !synced) return synced;
  if (auto renamed = files.rename(cleaned.path(".cleaned"), cleaned.path(".swap")); !renamed) return renamed;
  if (auto synced = files.sync_directory(*directory_); !synced) return synced;
  cleaned.builder.add_final_time();
  cleaned.segment->max_timestamp = cleaned.builder.max_timestamp();
  cleaned.segment->bytes = cleaned.bytes;

  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::find(segments_, cleaned.sources.front());
  const bool is_gone = is_shut_ || first == segments_.end();
  if (is_gone) return files.remove_file(cleaned.path(".swap"));
  // Whoever opens a replaced segment from here on is sent back to look again.
  for (const auto& source : cleaned.sources) source->is_replaced = true;
  for (const auto& source : cleaned.sources) {
    if (source->base_offset == cleaned.segment->base_offset) continue;
    for (const auto suffix : kSegmentSuffixes) {
      auto removed = files.remove_file(source->path(suffix));
      if (!removed && removed.error().code != Code::NotFound) {
        log::warn("file of a compacted segment stays", {{"path", source->path(suffix)}});
      }
    }
  }
  if (auto renamed = files.rename(cleaned.path(".swap"), cleaned.segment->path(kLogSuffix)); !renamed) {
    stop_writing_locked(renamed.error());
    return renamed;
  }
  if (auto stored = store_index(files, *cleaned.segment, cleaned.builder.take()); !stored) {
    log::warn("index not written", {{"partition", label()}, {"reason", stored.error().message}});
  }
  for (const auto& source : cleaned.sources) context_.forget(source->file_id);
  *first = cleaned.segment;
  segments_.erase(first + 1, first + static_cast<std::ptrdiff_t>(cleaned.sources.size()));
  hints_ = {};
  keep_aborted_locked(cleaned.segment, {std::move(cleaned.aborted), cleaned.open_from});
  return {};
}

}  // namespace myelin::storage
