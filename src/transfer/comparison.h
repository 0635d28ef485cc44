#pragma once
// Whether a partition log and the partition that it was copied from hold the same records: both are read from begin to
// end, the source once more.
#include <cstdint>
#include <string>

#include "transfer/partition_copy.h"

namespace myelin::transfer {

struct ComparedPartition {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t records = 0;     // that are the same on both sides
  std::uint64_t digest = 0;     // of these
  std::int64_t gone_since = 0;  // here only, in a compacted topic: the source has compacted them meanwhile
  std::string difference;       // empty: equal
};

[[nodiscard]] Result<ComparedPartition> compare(SourceCluster& source, const CopyJob& job);

}  // namespace myelin::transfer
