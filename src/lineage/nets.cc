#include "lineage/nets.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>

namespace myelin::lineage {
namespace {

constexpr int kTypicalGap = 60;

class Planner {
 public:
  Planner(const Map& map, const Placement& placement) : map_(map), placement_(placement) {
    plan_.net_of_edge.resize(map.edges.size());
    plan_.pass_lanes.resize(map.domains.size(), 0);
    for (const auto& column : placement.columns) plan_.gap_lanes.emplace_back(column.size() + 1, 0);
    estimate_heights();
  }

  NetPlan run() && {
    collect();
    for (std::size_t net = 0; net < plan_.nets.size(); ++net) cross(net);
    order_gap_lanes();
    for (std::size_t net = 0; net < plan_.nets.size(); ++net) pass(net);
    return std::move(plan_);
  }

 private:
  [[nodiscard]] std::size_t domain_of(std::size_t node) const { return placement_.domain_of[node]; }
  [[nodiscard]] std::size_t column_of(std::size_t node) const { return placement_.column_of[domain_of(node)]; }

  // Good enough to choose gaps by: the lanes that widen gaps are not known yet.
  void estimate_heights() {
    node_y_.resize(map_.nodes.size(), 0);
    std::vector<int> heights;
    for (const auto& column : placement_.columns) {
      int height = kTypicalGap;
      for (const std::size_t domain : column) height += box_height(placement_, domain) + kTypicalGap;
      heights.push_back(height);
    }
    const int tallest = heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
    for (std::size_t column = 0; column < heights.size(); ++column) {
      int y = (tallest - heights[column]) / 2;
      gap_y_.emplace_back();
      for (const std::size_t domain : placement_.columns[column]) {
        gap_y_.back().push_back(y + kTypicalGap / 2);
        y += kTypicalGap;
        for (const auto* side : {&placement_.applications[domain], &placement_.topics[domain]}) {
          int node_y = y + kBoxHeader + kNodePitch / 2;
          for (const std::size_t node : *side) {
            node_y_[node] = node_y;
            node_y += kNodePitch;
          }
        }
        y += box_height(placement_, domain);
      }
      gap_y_.back().push_back(y + kTypicalGap / 2);
    }
  }

  void collect() {
    std::map<std::tuple<std::size_t, NetSide, Mark>, std::size_t> known;
    for (std::size_t edge = 0; edge < map_.edges.size(); ++edge) {
      const auto [from, to] = placement_.links[edge];
      const bool inner = domain_of(from) == domain_of(to);
      const NetSide side = map_.edges[edge].direction == Direction::Write ? NetSide::ApplicationRight
                           : inner                                        ? NetSide::TopicLeft
                                                                          : NetSide::TopicRight;
      const auto [found, added] = known.try_emplace({from, side, map_.edges[edge].mark}, plan_.nets.size());
      if (added) plan_.nets.push_back({from, side, {}, {}});
      Net& net = plan_.nets[found->second];
      (inner ? net.inner : net.outer).push_back(edge);
      plan_.net_of_edge[edge] = found->second;
    }
  }

  // One gap per net and column, chosen on the way out from the source, nearest to where the net comes from and goes to.
  void cross(std::size_t net_index) {
    const Net& net = plan_.nets[net_index];
    const std::size_t home = column_of(net.source);
    for (const bool forward : {true, false}) {
      std::vector<std::size_t> targets;
      std::size_t furthest = home;
      for (const std::size_t edge : net.outer) {
        const std::size_t target = placement_.links[edge].to;
        if ((column_of(target) > home) != forward) continue;
        targets.push_back(target);
        furthest = forward ? std::max(furthest, column_of(target)) : std::min(furthest, column_of(target));
      }
      if (targets.empty()) continue;
      int y = node_y_[net.source];
      for (const std::size_t column : crossed_columns(home, furthest)) {
        int sum = 0;
        int count = 0;
        for (const std::size_t target : targets) {
          const bool beyond = forward ? column_of(target) > column : column_of(target) <= column;
          if (!beyond) continue;
          sum += node_y_[target];
          ++count;
        }
        y = choose_gap(net_index, column, y, sum / std::max(count, 1));
      }
    }
  }

  int choose_gap(std::size_t net, std::size_t column, int from_y, int to_y) {
    const auto& gaps = gap_y_[column];
    std::size_t best = 0;
    int best_cost = 1 << 30;
    for (std::size_t gap = 0; gap < gaps.size(); ++gap) {
      const int crowding = 10 * static_cast<int>(plan_.gap_lanes[column][gap]);
      const int cost = std::abs(gaps[gap] - from_y) + std::abs(gaps[gap] - to_y) + crowding;
      if (cost >= best_cost) continue;
      best_cost = cost;
      best = gap;
    }
    plan_.crossings[{net, column}] = {best, 0};
    ++plan_.gap_lanes[column][best];
    wish_[{net, column}] = from_y + to_y;
    return gaps[best];
  }

  // What comes from and goes to above lies above.
  void order_gap_lanes() {
    for (std::size_t column = 0; column < plan_.gap_lanes.size(); ++column) {
      for (std::size_t gap = 0; gap < plan_.gap_lanes[column].size(); ++gap) {
        std::vector<std::pair<int, std::size_t>> order;
        for (const auto& [key, lane] : plan_.crossings) {
          if (key.second == column && lane.gap == gap) order.emplace_back(wish_.at(key), key.first);
        }
        std::sort(order.begin(), order.end());
        for (std::size_t index = 0; index < order.size(); ++index)
          plan_.crossings[{order[index].second, column}].index = index;
      }
    }
  }

  void pass(std::size_t net_index) {
    const Net& net = plan_.nets[net_index];
    if (net.side != NetSide::ApplicationRight || net.outer.empty()) return;
    std::set<std::size_t> domains{domain_of(net.source)};
    for (const std::size_t edge : net.outer) domains.insert(domain_of(placement_.links[edge].to));
    for (const std::size_t domain : domains) plan_.passes[{net_index, domain}] = plan_.pass_lanes[domain]++;
  }

  const Map& map_;
  const Placement& placement_;
  NetPlan plan_;
  std::vector<int> node_y_;
  std::vector<std::vector<int>> gap_y_;  // by column and gap
  std::map<NetAndColumn, int> wish_;
};

}  // namespace

std::vector<std::size_t> crossed_columns(std::size_t from, std::size_t to) {
  std::vector<std::size_t> columns;
  if (to > from) {
    for (std::size_t column = from + 1; column < to; ++column) columns.push_back(column);
  } else {
    for (std::size_t column = from + 1; column-- > to;) columns.push_back(column);
  }
  return columns;
}

NetPlan plan_nets(const Map& map, const Placement& placement) { return Planner(map, placement).run(); }

}  // namespace myelin::lineage
