#pragma once
// The two sparse indexes of a segment, in Kafka's format: `.index` (8 bytes an entry: offset relative to the segment,
// position) and `.timeindex` (12 bytes: timestamp, relative offset). Big-endian. An index is a cache: whoever uses an
// entry checks it against the batch it points to, and rebuilds both from the log when they disagree.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "storage/batch_header.h"

namespace myelin::storage {

struct OffsetEntry {
  std::uint32_t relative_offset = 0;  // of the last record in the batch
  std::uint32_t position = 0;         // where the batch begins
  bool operator==(const OffsetEntry&) const = default;
};
// Up to and including the offset no record is younger than the timestamp, and the batch that ends there has it.
struct TimeEntry {
  std::int64_t timestamp = 0;
  std::uint32_t relative_offset = 0;
  bool operator==(const TimeEntry&) const = default;
};

inline constexpr std::size_t kOffsetEntrySize = 8;
inline constexpr std::size_t kTimeEntrySize = 12;
inline constexpr std::int64_t kNoTimestamp = -1;

struct SparseIndex {
  std::vector<OffsetEntry> offsets;
  std::vector<TimeEntry> times;
  [[nodiscard]] std::size_t memory_bytes() const {
    return offsets.size() * sizeof(OffsetEntry) + times.size() * sizeof(TimeEntry) + sizeof(SparseIndex);
  }
};

[[nodiscard]] ByteBuffer encode(const std::vector<OffsetEntry>& entries);
[[nodiscard]] ByteBuffer encode(const std::vector<TimeEntry>& entries);
// nullopt unless the bytes are whole entries, strictly rising in both columns (Kafka's padding of zeros is cut).
[[nodiscard]] std::optional<std::vector<OffsetEntry>> decode_offset_index(ByteSpan bytes);
[[nodiscard]] std::optional<std::vector<TimeEntry>> decode_time_index(ByteSpan bytes);

// The last entry whose offset is at or below `relative_offset`; null when there is none.
[[nodiscard]] const OffsetEntry* entry_for_offset(const std::vector<OffsetEntry>& entries,
                                                  std::int64_t relative_offset);
// The last entry whose position is at or below `position`.
[[nodiscard]] const OffsetEntry* entry_for_position(const std::vector<OffsetEntry>& entries, std::uint64_t position);
// The last entry with a smaller timestamp.
[[nodiscard]] const TimeEntry* entry_before_time(const std::vector<TimeEntry>& entries, std::int64_t timestamp);

// Builds both while batches are added in order. Keeps the newest entries only: the owner takes the older ones away to
// the index files from time to time.
class IndexBuilder {
 public:
  explicit IndexBuilder(std::int64_t segment_base) : segment_base_(segment_base) {}
  // Goes on behind entries that are in the files already: `newest` is the last one of the time index.
  IndexBuilder(std::int64_t segment_base, const std::optional<TimeEntry>& newest);

  // `header` is the batch as written, at `position`.
  void add(const BatchHeader& header, std::uint32_t position, std::int32_t interval_bytes);
  // A batch that the stored entries know of already: only its size and time count.
  void pass_over(const BatchHeader& header);
  // The entry that a closed segment's time index ends with, when it is not there yet.
  void add_final_time();

  [[nodiscard]] const SparseIndex& entries() const { return entries_; }
  // The entries so far; from now on only newer ones are kept.
  [[nodiscard]] SparseIndex take();
  [[nodiscard]] std::int64_t max_timestamp() const { return max_timestamp_; }
  [[nodiscard]] std::int64_t offset_of_max_timestamp() const { return offset_of_max_timestamp_; }

 private:
  void add_time();
  void note_time(const BatchHeader& header);

  std::int64_t segment_base_;
  std::int64_t max_timestamp_ = kNoTimestamp;
  std::int64_t offset_of_max_timestamp_ = -1;
  std::int64_t last_indexed_timestamp_ = kNoTimestamp;
  std::int64_t bytes_since_entry_ = 0;
  SparseIndex entries_;
};

}  // namespace myelin::storage
