#pragma once
// Which way edges take, before anything has a coordinate. A net is everything that leaves one side of one node: its
// edges share a trunk. A net that leaves its box crosses the columns between its source and its targets through gaps:
// above, between or below the boxes that stand there.
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "lineage/placement.h"

namespace myelin::lineage {

enum class NetSide {
  ApplicationRight,  // what an application writes, inside and outside its domain
  TopicLeft,         // what applications of the same domain read
  TopicRight,        // what other domains read
};

struct Net {
  std::size_t source = 0;  // node
  NetSide side = NetSide::ApplicationRight;
  std::vector<std::size_t> inner;  // edges within the domain
  std::vector<std::size_t> outer;  // edges to other domains
};

struct Lane {
  std::size_t gap = 0;    // of the column: 0 is above the first box
  std::size_t index = 0;  // within the gap, from above
};

using NetAndColumn = std::pair<std::size_t, std::size_t>;
using NetAndDomain = std::pair<std::size_t, std::size_t>;

struct NetPlan {
  std::vector<Net> nets;
  std::vector<std::size_t> net_of_edge;
  std::map<NetAndColumn, Lane> crossings;
  std::vector<std::vector<std::size_t>> gap_lanes;  // how many, by column and gap
  // Writes into or out of a box pass under its nodes: lanes counted from above, by net and domain.
  std::map<NetAndDomain, std::size_t> passes;
  std::vector<std::size_t> pass_lanes;  // how many, by domain
};

[[nodiscard]] NetPlan plan_nets(const Map& map, const Placement& placement);

// The columns that a path from a box in column `from` to a box in column `to` crosses, in order.
[[nodiscard]] std::vector<std::size_t> crossed_columns(std::size_t from, std::size_t to);

}  // namespace myelin::lineage
