#include "storage/partition_files.h"

#include <algorithm>
#include <charconv>

#include "storage/partition_core.h"
#include "storage/segment.h"
#include "storage/segment_scan.h"

namespace myelin::storage {
namespace {

constexpr std::string_view kVersionLine = "version: 0\n";
constexpr std::string_view kTopicIdField = "topic_id: ";
constexpr std::uint64_t kMetadataBytesMax = 1024;
constexpr std::string_view kSwapSuffix = ".log.swap";

// Where the log of a swapped-in segment ends.
Result<std::int64_t> end_offset_of(FileSystem& files, const std::string& path, std::int64_t base) {
  auto file = files.open(path, OpenMode::Read);
  if (!file) return pass(file);
  auto bytes = (*file)->size();
  if (!bytes) return pass(bytes);
  HeaderWalk walk(**file, 0, *bytes);
  std::int64_t end = base + 1;
  while (true) {
    auto batch = walk.next();
    if (!batch) return pass(batch);
    if (!*batch) return end;
    end = std::max(end, (*batch)->header.next_offset());
  }
}

Result<void> remove_indexes(FileSystem& files, const std::string& directory, std::int64_t base) {
  for (const auto suffix : kIndexSuffixes) {
    auto removed = files.remove_file(join_path(directory, offset_file_name(base, suffix)));
    if (!removed && removed.error().code != Code::NotFound) return removed;
  }
  return {};
}

// The compacted segment is whole and synced: the ones it replaces go, then it takes its name.
Result<void> finish_swap(FileSystem& files, const std::string& directory, std::int64_t base, PartitionFiles& found) {
  const auto swap = join_path(directory, offset_file_name(base, kSwapSuffix));
  auto end = end_offset_of(files, swap, base);
  if (!end) return pass(end);
  for (auto at = found.segments.upper_bound(base); at != found.segments.end() && at->first < *end;) {
    if (auto removed = files.remove_file(join_path(directory, offset_file_name(at->first, kLogSuffix))); !removed) {
      return removed;
    }
    if (auto removed = remove_indexes(files, directory, at->first); !removed) return removed;
    at = found.segments.erase(at);
  }
  const auto path = join_path(directory, offset_file_name(base, kLogSuffix));
  if (auto renamed = files.rename(swap, path); !renamed) return renamed;
  auto bytes = files.file_size(path);
  if (!bytes) return pass(bytes);
  found.segments[base] = *bytes;
  return remove_indexes(files, directory, base);
}

}  // namespace

std::string partition_directory_name(const TopicPartition& name) {
  return fmt::format("{}-{}", name.topic.text(), name.partition);
}

std::optional<TopicPartition> parse_partition_directory_name(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == name.size()) return std::nullopt;
  std::int32_t partition = 0;
  const auto digits = name.substr(dash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  if (error != std::errc{} || end != digits.data() + digits.size() || partition < 0) return std::nullopt;
  return TopicPartition{TopicName(name.substr(0, dash)), partition};
}

std::string metadata_text(TopicId topic_id) {
  return fmt::format("{}{}{}", kVersionLine, kTopicIdField, topic_id.text());
}

Result<TopicId> read_metadata(FileSystem& files, const std::string& directory) {
  const auto path = join_path(directory, kMetadataFile);
  auto content = read_file(files, path, kMetadataBytesMax);
  if (!content) return pass(content);
  std::string_view text = as_text(*content);
  if (!text.starts_with(kVersionLine)) return fail(Code::Corrupt, "{}: expected version: 0", path);
  text.remove_prefix(kVersionLine.size());
  if (!text.starts_with(kTopicIdField)) return fail(Code::Corrupt, "{}: expected topic_id", path);
  text.remove_prefix(kTopicIdField.size());
  while (text.ends_with('\n')) text.remove_suffix(1);
  auto topic_id = Uuid::parse(text);
  if (!topic_id) return fail(Code::Corrupt, "{}: {}", path, topic_id.error().message);
  return topic_id;
}

Result<PartitionFiles> list_partition(FileSystem& files, const std::string& directory) {
  auto entries = files.list(directory);
  if (!entries) return pass(entries);
  PartitionFiles found;
  std::vector<std::int64_t> swaps;
  for (const auto& entry : *entries) {
    const auto path = join_path(directory, entry.name);
    if (entry.name.ends_with(".cleaned") || entry.name.ends_with(".tmp") || entry.name.ends_with(".deleted")) {
      if (auto removed = files.remove_file(path); !removed) return pass(removed);
    } else if (const auto swap = parse_offset_file_name(entry.name, kSwapSuffix)) {
      swaps.push_back(*swap);
    } else if (const auto base = parse_offset_file_name(entry.name, kLogSuffix)) {
      auto bytes = files.file_size(path);
      if (!bytes) return pass(bytes);
      found.segments[*base] = *bytes;
    } else if (const auto snapshot = parse_offset_file_name(entry.name, kSnapshotSuffix)) {
      found.snapshots.push_back(*snapshot);
    }
  }
  for (const auto base : swaps) {
    if (auto finished = finish_swap(files, directory, base, found); !finished) return pass(finished);
  }
  std::ranges::sort(found.snapshots);
  return found;
}

}  // namespace myelin::storage
