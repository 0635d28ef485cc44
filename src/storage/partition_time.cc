// Finding batches by timestamp, through the time index where it agrees with the log.
#include <algorithm>

#include "storage/partition_core.h"

namespace myelin::storage {
namespace {

Result<std::optional<SharedBytes>> bytes_of(const File& file, const LocatedBatch& batch) {
  ByteBuffer bytes(static_cast<std::size_t>(batch.header.size()));
  auto got = file.read_at(batch.position, bytes);
  if (!got) return pass(got);
  if (*got != bytes.size()) return fail(Code::Corrupt, "a segment ends inside the batch at {}", batch.position);
  return SharedBytes(std::move(bytes));
}

}  // namespace

// The last entry of the time index with a smaller timestamp and an offset below `offset_end`, checked against the log.
Result<PartitionLog::Core::TimePoint> PartitionLog::Core::point_before_time(const Segment& segment, const File& file,
                                                                            std::int64_t timestamp,
                                                                            std::int64_t offset_end) {
  const auto look_up = [&](const std::vector<TimeEntry>& times) -> std::optional<TimeEntry> {
    const auto* entry = entry_before_time(times, timestamp);
    while (entry != nullptr && segment.base_offset + entry->relative_offset >= offset_end) {
      entry = entry == times.data() ? nullptr : entry - 1;
    }
    return entry == nullptr ? std::nullopt : std::optional(*entry);
  };
  const auto find_entry = [&]() -> std::optional<TimeEntry> {
    bool has_stored = true;
    {
      const std::lock_guard lock(mutex_);
      if (segments_.back()->base_offset == segment.base_offset) {
        if (auto entry = look_up(builder_.entries().times)) return entry;
        has_stored = spilled_times_ > 0 || !is_tail_loaded_;
      }
    }
    if (!has_stored) return std::nullopt;
    const auto stored = stored_index(segment);
    return stored ? look_up(stored->times) : std::nullopt;
  };
  for (int attempt = 1; attempt <= 2; ++attempt) {
    const auto entry = find_entry();
    if (!entry) return TimePoint{};
    auto batch = find_batch({segment, file}, segment.base_offset + entry->relative_offset, segment.bytes.load());
    if (!batch) return pass(batch);
    const bool agrees = *batch && (*batch)->header.max_timestamp == entry->timestamp &&
                        (*batch)->header.last_offset() == segment.base_offset + entry->relative_offset;
    if (agrees) return TimePoint{(*batch)->end(), entry->timestamp};
    if (!rebuild_index(segment)) break;
  }
  return TimePoint{};
}

// Walks from the nearest index entry to the first batch as young as `timestamp`.
Result<std::optional<SharedBytes>> PartitionLog::Core::first_batch_from(const TimeSearch& search,
                                                                        std::int64_t timestamp) {
  auto file = file_of(*search.segment);
  if (!file) return pass(file);
  auto point = point_before_time(*search.segment, **file, timestamp, search.limit_offset);
  if (!point) return pass(point);
  HeaderWalk walk(**file, point->position, search.limit);
  while (true) {
    auto batch = walk.next();
    if (!batch) return pass(batch);
    if (!*batch) return std::nullopt;
    const auto& header = (*batch)->header;
    if (header.max_timestamp >= timestamp && header.last_offset() >= search.log_start) return bytes_of(**file, **batch);
  }
}

// The youngest timestamp in the visible part of a segment.
Result<std::int64_t> PartitionLog::Core::max_timestamp_of(const TimeSearch& search) {
  const bool is_whole = search.limit == search.segment->bytes.load();
  const auto known = search.segment->max_timestamp.load();
  if (is_whole && known != Segment::kUnknownTimestamp) return known;
  auto file = file_of(*search.segment);
  if (!file) return pass(file);
  auto point = point_before_time(*search.segment, **file, INT64_MAX, search.limit_offset);
  if (!point) return pass(point);
  auto max_timestamp = point->timestamp;
  HeaderWalk walk(**file, point->position, search.limit);
  while (true) {
    auto batch = walk.next();
    if (!batch) return pass(batch);
    if (!*batch) break;
    max_timestamp = std::max(max_timestamp, (*batch)->header.max_timestamp);
  }
  if (is_whole && search.is_closed) search.segment->max_timestamp = max_timestamp;
  return max_timestamp;
}

std::vector<PartitionLog::Core::TimeSearch> PartitionLog::Core::visible_segments() const {
  const std::lock_guard lock(mutex_);
  std::vector<TimeSearch> visible;
  if (is_shut_) return visible;
  for (const auto& segment : segments_) {
    if (segment->base_offset > high_watermark_.segment_base) break;
    TimeSearch search{.segment = segment,
                      .limit = segment->bytes.load(),
                      .limit_offset = high_watermark_.offset,
                      .log_start = log_start_,
                      .is_closed = segment != segments_.back()};
    if (segment->base_offset == high_watermark_.segment_base) search.limit = high_watermark_.position;
    visible.push_back(std::move(search));
  }
  return visible;
}

Result<std::optional<SharedBytes>> PartitionLog::Core::batch_for_timestamp(std::int64_t timestamp) {
  for (const auto& search : visible_segments()) {
    auto max_timestamp = max_timestamp_of(search);
    if (!max_timestamp) return pass(max_timestamp);
    if (*max_timestamp < timestamp) continue;
    auto batch = first_batch_from(search, timestamp);
    if (!batch || *batch) return batch;
  }
  return std::nullopt;
}

Result<std::optional<SharedBytes>> PartitionLog::Core::batch_with_max_timestamp() {
  std::int64_t youngest = kNoTimestamp;
  std::optional<TimeSearch> where;
  for (const auto& search : visible_segments()) {
    auto max_timestamp = max_timestamp_of(search);
    if (!max_timestamp) return pass(max_timestamp);
    if (*max_timestamp <= youngest) continue;
    youngest = *max_timestamp;
    where = search;
  }
  if (!where) return std::nullopt;
  return first_batch_from(*where, youngest);
}

}  // namespace myelin::storage
