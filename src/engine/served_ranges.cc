#include "engine/served_ranges.h"

#include <algorithm>

#include "engine/broker/groups/coordinator.h"
#include "engine/broker/transactions/coordinator.h"

namespace myelin::engine {

std::vector<ApiRange> served_ranges() {
  using enum kafka::ApiKey;
  std::vector<ApiRange> ranges = {
      {Produce, 0, 13},
      {Fetch, 4, 16},
      {ListOffsets, 0, 8},
      {Metadata, 0, 13},
      {CreateTopics, 0, 7},
      {DeleteTopics, 0, 6},
      {InitProducerId, 0, 5},
      {OffsetForLeaderEpoch, 0, 4},
      {DescribeConfigs, 0, 4},
      {DescribeCluster, 0, 1},
      {DeleteRecords, 0, 2},
      {CreatePartitions, 0, 3},
      {AlterConfigs, 0, 2},
      {IncrementalAlterConfigs, 0, 1},
      {DescribeLogDirs, 0, 4},
      {ElectLeaders, 0, 2},
      {AlterPartitionReassignments, 0, 1},
      {ListPartitionReassignments, 0, 0},
      {DescribeProducers, 0, 0},
  };
  for (const auto& coordinated : {groups::GroupCoordinator::served(), transactions::TransactionCoordinator::served()}) {
    ranges.insert(ranges.end(), coordinated.begin(), coordinated.end());
  }
  std::ranges::sort(ranges, {}, &ApiRange::key);
  return ranges;
}

std::vector<Feature> known_features() { return {{"transaction.version", transactions::kEpochEach}}; }

}  // namespace myelin::engine
