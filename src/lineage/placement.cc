#include "lineage/placement.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace myelin::lineage {
namespace {

constexpr std::size_t kColumnsMax = 6;
constexpr int kColumnWidth = 560;  // typical, to choose the number of columns by the shape of a screen
constexpr int kBoxGap = 48;
constexpr int kSweeps = 36;

Placement group(const Map& map) {
  Placement placement;
  placement.applications.resize(map.domains.size());
  placement.topics.resize(map.domains.size());
  placement.column_of.assign(map.domains.size(), 0);
  std::map<std::string, std::size_t> domains;
  std::map<std::string, std::size_t> nodes;
  for (std::size_t index = 0; index < map.domains.size(); ++index) domains[map.domains[index].id] = index;
  for (std::size_t index = 0; index < map.nodes.size(); ++index) {
    const MapNode& node = map.nodes[index];
    const std::size_t domain = domains.at(node.domain);
    nodes[node.id] = index;
    placement.domain_of.push_back(domain);
    (node.kind == NodeKind::Topic ? placement.topics : placement.applications)[domain].push_back(index);
  }
  for (const MapEdge& edge : map.edges) placement.links.push_back({nodes.at(edge.from), nodes.at(edge.to)});
  return placement;
}

using Columns = std::vector<std::size_t>;  // by domain

class ColumnChooser {
 public:
  explicit ColumnChooser(const Placement& placement)
      : count_(placement.applications.size()), flow_(count_ * count_, 0) {
    for (std::size_t domain = 0; domain < count_; ++domain) heights_.push_back(box_height(placement, domain) + kBoxGap);
    for (const NodeLink& link : placement.links) {
      const std::size_t from = placement.domain_of[link.from];
      const std::size_t to = placement.domain_of[link.to];
      if (from != to) ++flow_[from * count_ + to];
    }
  }

  [[nodiscard]] Columns choose() const {
    Columns best(count_, 0);
    std::int64_t best_shape = INT64_MAX;
    for (std::size_t columns = 1; columns <= std::min(kColumnsMax, count_); ++columns) {
      Columns found = improve(start(columns), columns);
      const std::int64_t shape = shape_error(found, columns);
      if (shape >= best_shape) continue;
      best_shape = shape;
      best = std::move(found);
    }
    return best;
  }

 private:
  // Domains that mostly send stand left, those that mostly receive right, columns filled to equal height.
  [[nodiscard]] Columns start(std::size_t columns) const {
    std::vector<std::pair<int, std::size_t>> order;
    for (std::size_t domain = 0; domain < count_; ++domain) {
      int balance = 0;
      for (std::size_t other = 0; other < count_; ++other)
        balance += flow_[other * count_ + domain] - flow_[domain * count_ + other];
      order.emplace_back(balance, domain);
    }
    std::sort(order.begin(), order.end());
    const int total = std::accumulate(heights_.begin(), heights_.end(), 0);
    Columns result(count_, 0);
    int filled = 0;
    for (const auto& [balance, domain] : order) {
      const int middle = filled + heights_[domain] / 2;
      result[domain] = std::min(
          columns - 1, static_cast<std::size_t>(middle) * columns / static_cast<std::size_t>(std::max(total, 1)));
      filled += heights_[domain];
    }
    return result;
  }

  [[nodiscard]] static int step_cost(std::size_t from, std::size_t to) {
    const int step = static_cast<int>(to) - static_cast<int>(from);
    if (step == 1) return 0;
    if (step == 0) return 40;
    return step > 1 ? 25 * (step - 1) : 60 - 20 * (step + 1);
  }

  [[nodiscard]] std::int64_t cost(const Columns& columns_of, std::size_t columns) const {
    std::int64_t cost = 0;
    std::vector<int> filled(columns, 0);
    for (std::size_t from = 0; from < count_; ++from) {
      filled[columns_of[from]] += heights_[from];
      for (std::size_t to = 0; to < count_; ++to) {
        const int flow = flow_[from * count_ + to];
        if (flow != 0) cost += std::int64_t{flow} * step_cost(columns_of[from], columns_of[to]);
      }
    }
    const int fair = std::accumulate(heights_.begin(), heights_.end(), 0) / static_cast<int>(columns);
    for (const int height : filled) cost += std::int64_t{std::abs(height - fair)} * std::abs(height - fair) / 400;
    return cost;
  }

  [[nodiscard]] Columns improve(Columns columns_of, std::size_t columns) const {
    std::int64_t best = cost(columns_of, columns);
    const auto keep_if_better = [&](const Columns& candidate) {
      const std::int64_t now = cost(candidate, columns);
      if (now >= best) return false;
      best = now;
      columns_of = candidate;
      return true;
    };
    for (int round = 0; round < 40; ++round) {
      bool changed = false;
      for (std::size_t domain = 0; domain < count_; ++domain) {
        for (std::size_t column = 0; column < columns; ++column) {
          Columns moved = columns_of;
          moved[domain] = column;
          changed |= keep_if_better(moved);
        }
        for (std::size_t other = 0; other < domain; ++other) {
          Columns swapped = columns_of;
          std::swap(swapped[domain], swapped[other]);
          changed |= keep_if_better(swapped);
        }
      }
      if (!changed) break;
    }
    return columns_of;
  }

  // How far the drawing is from the shape of a screen, 16 to 9.
  [[nodiscard]] std::int64_t shape_error(const Columns& columns_of, std::size_t columns) const {
    std::vector<int> filled(columns, 0);
    for (std::size_t domain = 0; domain < count_; ++domain) filled[columns_of[domain]] += heights_[domain];
    const std::int64_t height = *std::max_element(filled.begin(), filled.end());
    const std::int64_t width = static_cast<std::int64_t>(columns) * kColumnWidth;
    const std::int64_t used = std::count_if(filled.begin(), filled.end(), [](int column) { return column > 0; });
    return std::abs(width * 9 - height * 16) + (static_cast<std::int64_t>(columns) - used) * 100'000;
  }

  std::size_t count_;
  std::vector<int> flow_;     // edges from domain to domain
  std::vector<int> heights_;  // by domain
};

// Barycentre sweeps: everything moves to the mean height of what it is linked with.
class Ordering {
 public:
  explicit Ordering(Placement& placement)
      : placement_(placement), y_(placement.domain_of.size(), 0), pull_(y_.size(), 0) {}

  void run() {
    measure();
    Placement best = placement_;
    std::int64_t best_length = length();
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      // They take turns: moving both ends of a link at once swings to and fro.
      switch (sweep % 3) {
        case 0:
          sort_boxes();
          break;
        case 1:
          sort_nodes(placement_.applications);
          break;
        default:
          sort_nodes(placement_.topics);
          break;
      }
      measure();
      const std::int64_t now = length();
      if (now >= best_length) continue;
      best_length = now;
      best = placement_;
    }
    placement_ = std::move(best);
    swap_neighbours();
  }

 private:
  void measure() {
    std::vector<int> heights;
    for (const auto& column : placement_.columns) {
      int height = 0;
      for (const std::size_t domain : column) height += box_height(placement_, domain) + kBoxGap;
      heights.push_back(height);
    }
    const int tallest = heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
    for (std::size_t column = 0; column < heights.size(); ++column) {
      int top = (tallest - heights[column]) / 2;
      for (const std::size_t domain : placement_.columns[column]) {
        const int height = box_height(placement_, domain);
        for (const auto* side : {&placement_.applications[domain], &placement_.topics[domain]}) {
          const int inner = static_cast<int>(side->size()) * kNodePitch;
          int y = top + kBoxHeader + (height - kBoxHeader - inner) / 2;
          for (const std::size_t node : *side) {
            y_[node] = y + kNodePitch / 2;
            y += kNodePitch;
          }
        }
        top += height + kBoxGap;
      }
    }
    pull_nodes();
  }

  void pull_nodes() {
    std::vector<std::int64_t> sum(y_.size(), 0);
    std::vector<std::int64_t> count(y_.size(), 0);
    for (const NodeLink& link : placement_.links) {
      sum[link.from] += y_[link.to];
      sum[link.to] += y_[link.from];
      ++count[link.from];
      ++count[link.to];
    }
    for (std::size_t node = 0; node < y_.size(); ++node)
      pull_[node] = count[node] == 0 ? y_[node] : sum[node] / count[node];
  }

  // Links within a box are short and close to each other, so a detour among them looks worse.
  [[nodiscard]] std::int64_t length() const {
    std::int64_t length = 0;
    for (const NodeLink& link : placement_.links) {
      const bool inner = placement_.domain_of[link.from] == placement_.domain_of[link.to];
      length += std::int64_t{std::abs(y_[link.from] - y_[link.to])} * (inner ? 3 : 1);
    }
    return length;
  }

  // The sweeps stop near a good order; exchanging neighbours finds it.
  void swap_neighbours() {
    measure();
    std::int64_t best = length();
    for (bool changed = true; changed;) {
      changed = false;
      for (auto* sides : {&placement_.applications, &placement_.topics}) {
        for (auto& side : *sides) {
          for (std::size_t at = 1; at < side.size(); ++at) {
            std::swap(side[at - 1], side[at]);
            measure();
            const std::int64_t now = length();
            if (now < best) {
              best = now;
              changed = true;
            } else {
              std::swap(side[at - 1], side[at]);
            }
          }
        }
      }
    }
    measure();
  }

  void sort_nodes(std::vector<std::vector<std::size_t>>& sides) {
    for (auto& side : sides) {
      std::sort(side.begin(), side.end(), [&](std::size_t left, std::size_t right) {
        return std::pair(pull_[left], left) < std::pair(pull_[right], right);
      });
    }
  }

  void sort_boxes() {
    std::vector<std::int64_t> pull(placement_.applications.size(), 0);
    for (std::size_t domain = 0; domain < pull.size(); ++domain) pull[domain] = pull_of_box(domain);
    for (auto& column : placement_.columns) {
      std::sort(column.begin(), column.end(), [&](std::size_t left, std::size_t right) {
        return std::pair(pull[left], left) < std::pair(pull[right], right);
      });
    }
  }

  // Links inside the box don't pull it anywhere.
  [[nodiscard]] std::int64_t pull_of_box(std::size_t domain) const {
    std::int64_t sum = 0;
    std::int64_t count = 0;
    for (const NodeLink& link : placement_.links) {
      const bool out = placement_.domain_of[link.from] == domain;
      const bool in = placement_.domain_of[link.to] == domain;
      if (out == in) continue;
      sum += y_[out ? link.to : link.from];
      ++count;
    }
    if (count > 0) return sum / count;
    const auto& side =
        placement_.applications[domain].empty() ? placement_.topics[domain] : placement_.applications[domain];
    return side.empty() ? 0 : y_[side.front()];
  }

  Placement& placement_;
  std::vector<int> y_;              // of each node's middle
  std::vector<std::int64_t> pull_;  // where each node would like to be
};

}  // namespace

int box_height(const Placement& placement, std::size_t domain) {
  const std::size_t rows = std::max(placement.applications[domain].size(), placement.topics[domain].size());
  return std::max(kBoxHeightMin, kBoxHeader + static_cast<int>(rows) * kNodePitch + kBoxPadding / 2);
}

Placement place(const Map& map) {
  Placement placement = group(map);
  if (map.domains.empty()) return placement;
  const Columns chosen = ColumnChooser(placement).choose();
  // Empty columns close up.
  std::map<std::size_t, std::size_t> used;
  for (const std::size_t column : chosen) used.try_emplace(column, 0);
  for (auto& [column, number] : used) {
    number = placement.columns.size();
    placement.columns.emplace_back();
  }
  for (std::size_t domain = 0; domain < chosen.size(); ++domain) {
    placement.column_of[domain] = used.at(chosen[domain]);
    placement.columns[placement.column_of[domain]].push_back(domain);
  }
  Ordering(placement).run();
  return placement;
}

}  // namespace myelin::lineage
