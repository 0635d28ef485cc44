#pragma once
// One segment of a partition's log: its files' names, its size, and its stored indexes.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "storage/file_system.h"
#include "storage/sparse_index.h"

namespace myelin::storage {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kOffsetIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kSnapshotSuffix = ".snapshot";
inline constexpr std::array kIndexSuffixes{kOffsetIndexSuffix, kTimeIndexSuffix};
inline constexpr std::array kSegmentSuffixes{kLogSuffix, kOffsetIndexSuffix, kTimeIndexSuffix};

// "00000000000000000042.log" for 42 and ".log".
[[nodiscard]] std::string offset_file_name(std::int64_t offset, std::string_view suffix);
// The offset in such a name; nullopt when it does not have this form and suffix.
[[nodiscard]] std::optional<std::int64_t> parse_offset_file_name(std::string_view name, std::string_view suffix);

// The size grows while the segment is active, guarded by its partition; everything else stays as it is.
struct Segment {
  std::shared_ptr<const std::string> directory;
  std::int64_t base_offset = 0;
  std::uint64_t file_id = 0;  // in OpenFiles and IndexCache
  std::atomic<std::uint64_t> bytes = 0;
  std::uint64_t reserved = 0;  // where room set aside in this run ends; guarded like the growth
  // Time of the youngest record, kUnknownTimestamp until somebody looked it up.
  std::atomic<std::int64_t> max_timestamp = kUnknownTimestamp;

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

}  // namespace myelin::storage
