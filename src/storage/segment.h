#pragma once
// One segment of a partition's log: its files' names, its size, and its stored indexes.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "storage/aborted_index.h"
#include "storage/file_system.h"
#include "storage/sparse_index.h"

namespace myelin::storage {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kOffsetIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kAbortedIndexSuffix = ".txnindex";
inline constexpr std::string_view kSnapshotSuffix = ".snapshot";
inline constexpr std::array kIndexSuffixes{kOffsetIndexSuffix, kTimeIndexSuffix, kAbortedIndexSuffix};
inline constexpr std::array kSegmentSuffixes{kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix, kAbortedIndexSuffix};

// "00000000000000000042.log" for 42 and ".log".
[[nodiscard]] std::string offset_file_name(std::int64_t offset, std::string_view suffix);
// The offset in such a name; nullopt when it does not have this form and suffix.
[[nodiscard]] std::optional<std::int64_t> parse_offset_file_name(std::string_view name, std::string_view suffix);

// What is known of the transactions that were aborted in a segment, which its `.txnindex` lists.
struct AbortedSummary {
  static constexpr std::uint32_t kUnknown = UINT32_MAX;
  std::uint32_t count = kUnknown;  // of entries
  std::uint32_t crc = 0;           // CRC-32C of the entries as the file has them
  // Of a closed segment: where the oldest transaction began that is open at its end.
  std::int64_t open_from = kNoneOpen;

  static constexpr std::int64_t kNoneOpen = INT64_MAX;
  [[nodiscard]] bool is_known() const { return count != kUnknown; }
};

// The size grows while the segment is active, guarded by its partition; everything else stays as it is.
struct Segment {
  std::shared_ptr<const std::string> directory;
  std::int64_t base_offset = 0;
  std::uint64_t file_id = 0;  // in OpenFiles and IndexCache
  std::atomic<std::uint64_t> bytes = 0;
  std::uint64_t reserved = 0;  // where room set aside in this run ends; guarded like the growth
  // Time of the youngest record, kUnknownTimestamp until somebody looked it up.
  std::atomic<std::int64_t> max_timestamp = kUnknownTimestamp;

  AbortedSummary aborted;  // guarded like the growth

  // Set before compaction puts another file in this one's place.
  std::atomic<bool> is_replaced = false;

  static constexpr std::int64_t kUnknownTimestamp = -2;

  [[nodiscard]] std::string path(std::string_view suffix) const {
    return join_path(*directory, offset_file_name(base_offset, suffix));
  }
};

// Reads both index files; nullopt when one is missing, unreadable or no index.
[[nodiscard]] std::optional<SparseIndex> load_index(FileSystem& files, const Segment& segment);
// Writes both index files whole, unsynced.
[[nodiscard]] Result<void> store_index(FileSystem& files, const Segment& segment, const SparseIndex& index);
// Adds entries behind the first `offsets_before` and `times_before` entries of the files.
[[nodiscard]] Result<void> extend_index(FileSystem& files, const Segment& segment, const SparseIndex& more,
                                        std::size_t offsets_before, std::size_t times_before);

// The aborted index as its file has it; nullopt when there is no file, or it is none.
[[nodiscard]] std::optional<AbortedIndex> stored_aborted_index(FileSystem& files, const Segment& segment);
// The aborted index if its file begins with what the summary says; nullopt otherwise.
[[nodiscard]] std::optional<AbortedIndex> load_aborted_index(FileSystem& files, const Segment& segment,
                                                             const AbortedSummary& summary);
// Makes the file say `index`, unless it does already; no file for an empty one. Unsynced.
[[nodiscard]] Result<void> store_aborted_index(FileSystem& files, const Segment& segment, const AbortedIndex& index);
// Adds an entry behind those that the summary counts, and counts it there.
[[nodiscard]] Result<AbortedSummary> extend_aborted_index(FileSystem& files, const Segment& segment,
                                                          const AbortedSummary& summary, const AbortedEntry& entry);
[[nodiscard]] AbortedSummary summary_of(const AbortedIndex& index);

}  // namespace myelin::storage
