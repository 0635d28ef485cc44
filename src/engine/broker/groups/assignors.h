#pragma once
// How the partitions of topics are shared out among the members of a consumer group, on the server (KIP-848). Pure: the
// same members in the same order get the same partitions.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"

namespace myelin::engine::groups {

using Assignment = std::map<TopicId, std::set<std::int32_t>>;  // no topic without a partition
using PartitionCounts = std::map<TopicId, std::int32_t>;

struct Candidate {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::set<TopicId> topics;  // of which it may get partitions; all of them are counted
  Assignment current;        // what it was to have until now
};
using Assignments = std::map<std::string, Assignment>;  // by member id; every candidate has one

// Evenly over members, topic boundaries aside. Moves no more than that needs.
[[nodiscard]] Assignments assign_uniform(std::span<const Candidate> candidates, const PartitionCounts& counts);
// Each topic in contiguous ranges, so that equal partitions of equal topics meet in one member. Static members come
// first, so that they keep theirs.
[[nodiscard]] Assignments assign_range(std::span<const Candidate> candidates, const PartitionCounts& counts);

inline constexpr std::string_view kUniformAssignor = "uniform";  // also where no member wishes for one
inline constexpr std::string_view kRangeAssignor = "range";

}  // namespace myelin::engine::groups
