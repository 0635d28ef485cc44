#pragma once
// The directory of one partition as it lies on disk, before anything is believed.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "storage/file_system.h"
#include "storage/partition_log.h"

namespace myelin::storage {

struct PartitionFiles {
  std::map<std::int64_t, std::uint64_t> segments;  // base offset to bytes of the .log
  std::vector<std::int64_t> snapshots;             // offsets, ascending
};

// "orders-3" for partition 3 of topic orders, and back. nullopt when the name has no such form.
[[nodiscard]] std::string partition_directory_name(const TopicPartition& name);
[[nodiscard]] std::optional<TopicPartition> parse_partition_directory_name(std::string_view name);

// `partition.metadata`: "version: 0\ntopic_id: <22 characters>".
[[nodiscard]] std::string metadata_text(TopicId topic_id);
[[nodiscard]] Result<TopicId> read_metadata(FileSystem& files, const std::string& directory);

// Lists the files, after finishing or undoing what an interrupted compaction left (`.swap` and `.cleaned`).
[[nodiscard]] Result<PartitionFiles> list_partition(FileSystem& files, const std::string& directory);

}  // namespace myelin::storage
