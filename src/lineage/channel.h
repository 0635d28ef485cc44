#pragma once
// A vertical channel between two columns: every net that bends in it gets a lane, so that verticals never lie on each
// other and crossings are few.
#include <cstddef>
#include <vector>

namespace myelin::lineage {

// One net in a channel: the heights at which it touches the left and the right side.
struct ChannelNet {
  std::size_t net = 0;
  std::vector<int> left;
  std::vector<int> right;
};

struct ChannelLanes {
  std::vector<std::size_t> lane;  // of each net given, counted from the left
  std::size_t count = 0;
};

[[nodiscard]] ChannelLanes assign_lanes(const std::vector<ChannelNet>& nets);

}  // namespace myelin::lineage
