#include "lineage/channel.h"

#include <algorithm>
#include <numeric>

namespace myelin::lineage {
namespace {

// Verticals in one lane keep this distance, in pixels.
constexpr int kApart = 14;

struct Span {
  int top;
  int bottom;
};

Span span_of(const ChannelNet& net) {
  Span span{1 << 30, -(1 << 30)};
  for (const auto* side : {&net.left, &net.right}) {
    for (const int y : *side) span = {std::min(span.top, y), std::max(span.bottom, y)};
  }
  return span;
}

int inside(const std::vector<int>& heights, Span span) {
  return static_cast<int>(
      std::count_if(heights.begin(), heights.end(), [&](int y) { return span.top < y && y < span.bottom; }));
}

// Crossings of two nets when `west` has the lane left of `east`.
int crossings(const ChannelNet& west, const ChannelNet& east) {
  return inside(west.right, span_of(east)) + inside(east.left, span_of(west));
}

}  // namespace

ChannelLanes assign_lanes(const std::vector<ChannelNet>& nets) {
  std::vector<std::size_t> order(nets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Insertion into the best place, repeated: enough for the few dozen nets of a channel.
  for (int round = 0; round < 8; ++round) {
    bool changed = false;
    for (std::size_t at = 1; at < order.size(); ++at) {
      int gain = 0;
      int best = 0;
      std::size_t place = at;
      for (std::size_t back = at; back-- > 0;) {
        gain += crossings(nets[order[back]], nets[order[at]]) - crossings(nets[order[at]], nets[order[back]]);
        if (gain > best) {
          best = gain;
          place = back;
        }
      }
      if (place == at) continue;
      const auto begin = order.begin();
      std::rotate(begin + static_cast<std::ptrdiff_t>(place), begin + static_cast<std::ptrdiff_t>(at),
                  begin + static_cast<std::ptrdiff_t>(at) + 1);
      changed = true;
    }
    if (!changed) break;
  }

  ChannelLanes lanes{std::vector<std::size_t>(nets.size(), 0), 0};
  std::vector<Span> in_lane;
  for (const std::size_t index : order) {
    const Span span = span_of(nets[index]);
    const bool fits = lanes.count > 0 && std::all_of(in_lane.begin(), in_lane.end(), [&](Span other) {
                        return span.bottom + kApart < other.top || other.bottom + kApart < span.top;
                      });
    if (!fits) {
      ++lanes.count;
      in_lane.clear();
    }
    in_lane.push_back(span);
    lanes.lane[index] = lanes.count - 1;
  }
  return lanes;
}

}  // namespace myelin::lineage
