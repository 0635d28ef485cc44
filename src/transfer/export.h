#pragma once
// Makes of a data directory that no server has a directory that Apache Kafka 4 starts on as a single KRaft node: topics
// with ids and settings, records, transactional ids, group offsets, and the numbers of producer ids given out. The data
// directory stays as it is.
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/executor.h"
#include "storage/file_system.h"

namespace myelin::transfer {

struct ExportOptions {
  std::string data_directory;
  std::string to;  // new, or empty
};

struct ExportReport {
  std::string cluster;
  std::size_t topics = 0;
  std::size_t partitions = 0;
  std::uint64_t bytes = 0;  // of records
  std::size_t commits = 0;  // of groups
  std::vector<std::string> notes;
};

struct ExportTools {
  storage::FileSystem& files;
  const Clock& clock;
  storage::Executor& executor;
};

inline constexpr std::int32_t kExportedNode = 1;

[[nodiscard]] Result<ExportReport> export_kafka_directory(const ExportOptions& options, const ExportTools& tools);

}  // namespace myelin::transfer
