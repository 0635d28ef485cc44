#pragma once
// Finds the record of a log that a timestamp asks for, inside compressed batches too. Reads from the disk.
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

struct FoundRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::int32_t leader_epoch = 0;
};

// The first record at or after `timestamp` (milliseconds).
[[nodiscard]] Result<std::optional<FoundRecord>> find_by_timestamp(const storage::PartitionLog& log,
                                                                   std::int64_t timestamp);
// The earliest record with the largest timestamp.
[[nodiscard]] Result<std::optional<FoundRecord>> find_largest_timestamp(const storage::PartitionLog& log);

}  // namespace myelin::engine::broker
