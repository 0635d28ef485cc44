#pragma once
// Brings a Kafka cluster's topics, records and group offsets into a data directory that no server has. What was brought
// is never brought again: an import that ended in any way is run again and goes on.
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/executor.h"
#include "storage/file_system.h"
#include "transfer/comparison.h"

namespace myelin::transfer {

struct ImportOptions {
  SourceOptions source;
  std::string data_directory;
  std::vector<std::string> topics;  // by name; none: all
};

struct ImportReport {
  std::string cluster;
  std::size_t topics = 0;
  std::size_t commits = 0;         // of groups
  std::vector<std::string> notes;  // what was not taken over, and why
  std::vector<ComparedPartition> partitions;
  // Transactions that nobody has ended: readers of committed records would wait for them for ever.
  std::vector<std::string> open_transactions;

  [[nodiscard]] bool is_complete() const;
};

struct ImportWatch {
  std::function<void(std::string_view step)> step;
  PartitionCopier::Watch copied;
  std::function<void(std::size_t partitions, std::size_t of)> compared;
};

struct ImportTools {
  storage::FileSystem& files;
  const Clock& clock;
  storage::Executor& executor;
};

// A report that is not complete leaves a directory that no server takes until the import was run again.
[[nodiscard]] Result<ImportReport> import_kafka(const ImportOptions& options, const ImportTools& tools,
                                                const ImportWatch& watch);

}  // namespace myelin::transfer
