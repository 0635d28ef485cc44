#include "lineage/map_layout.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "lineage/channel.h"
#include "lineage/nets.h"
#include "lineage/placement.h"

namespace myelin::lineage {
namespace {

// Pixels.
constexpr int kMargin = 24;
constexpr int kLanePitch = 10;
constexpr int kGapHeight = 36;     // between boxes, without lanes
constexpr int kGutterMargin = 22;  // between a box and the first lane beside it
constexpr int kInnerMargin = 20;
constexpr int kInnerWidthMin = 56;
constexpr int kNodeWidthMin = 148;
constexpr int kNodeWidthMax = 240;
constexpr int kNodeTextMargin = 46;  // glyph and padding
constexpr int kTextWidth = 7;        // of a typical character
constexpr int kPortPitch = 7;
constexpr int kPortRoom = kNodeHeight - 12;

enum class Side { Left, Right };

// Coordinates from a plan, one stage after the other: heights, ports, lanes, widths, routes.
class Drawing {
 public:
  explicit Drawing(Map map) : map_(std::move(map)), placement_(place(map_)), plan_(plan_nets(map_, placement_)) {}

  Map run() && {
    set_heights();
    set_ports();
    set_lanes();
    set_widths();
    for (std::size_t edge = 0; edge < map_.edges.size(); ++edge) map_.edges[edge].route = route(edge);
    return std::move(map_);
  }

 private:
  using Port = std::pair<std::size_t, Side>;  // node and side
  struct Channel {
    std::vector<ChannelNet> nets;
    ChannelLanes lanes;
    int x = 0;  // of the first lane

    ChannelNet& net(std::size_t number) {
      const auto found =
          std::find_if(nets.begin(), nets.end(), [&](const ChannelNet& net) { return net.net == number; });
      if (found != nets.end()) return *found;
      return nets.emplace_back(ChannelNet{number, {}, {}});
    }
    void assign() { lanes = assign_lanes(nets); }
    [[nodiscard]] int width() const { return lanes.count == 0 ? 0 : (static_cast<int>(lanes.count) - 1) * kLanePitch; }
    [[nodiscard]] int lane_x(std::size_t number) const {
      const auto found =
          std::find_if(nets.begin(), nets.end(), [&](const ChannelNet& net) { return net.net == number; });
      return x + static_cast<int>(lanes.lane[static_cast<std::size_t>(found - nets.begin())]) * kLanePitch;
    }
  };

  [[nodiscard]] std::size_t domain_of(std::size_t node) const { return placement_.domain_of[node]; }
  [[nodiscard]] std::size_t column_of(std::size_t node) const { return placement_.column_of[domain_of(node)]; }
  [[nodiscard]] int middle(std::size_t node) const { return map_.nodes[node].box.y + kNodeHeight / 2; }
  [[nodiscard]] const std::vector<std::size_t>& nodes(std::size_t domain, Side side) const {
    return (side == Side::Left ? placement_.applications : placement_.topics)[domain];
  }

  [[nodiscard]] int gap_height(std::size_t column, std::size_t gap) const {
    const int lanes = static_cast<int>(plan_.gap_lanes[column][gap]) * kLanePitch;
    const bool outermost = gap == 0 || gap == placement_.columns[column].size();
    return outermost && lanes == 0 ? 0 : kGapHeight / (outermost ? 2 : 1) + lanes;
  }
  [[nodiscard]] int full_box_height(std::size_t domain) const {
    return box_height(placement_, domain) + static_cast<int>(plan_.pass_lanes[domain]) * kLanePitch;
  }

  void set_heights() {
    std::vector<int> heights;
    for (std::size_t column = 0; column < placement_.columns.size(); ++column) {
      int height = 0;
      for (std::size_t gap = 0; gap < plan_.gap_lanes[column].size(); ++gap) height += gap_height(column, gap);
      for (const std::size_t domain : placement_.columns[column]) height += full_box_height(domain);
      heights.push_back(height);
    }
    const int tallest = heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
    map_.height = tallest + 2 * kMargin;
    for (std::size_t column = 0; column < heights.size(); ++column) {
      int y = kMargin + (tallest - heights[column]) / 2;
      gap_y_.emplace_back();
      for (const std::size_t domain : placement_.columns[column]) {
        gap_y_[column].push_back(y);
        y += gap_height(column, gap_y_[column].size() - 1);
        map_.domains[domain].box.y = y;
        map_.domains[domain].box.height = full_box_height(domain);
        set_node_heights(domain, y);
        y += full_box_height(domain);
      }
      gap_y_[column].push_back(y);
    }
  }

  void set_node_heights(std::size_t domain, int top) {
    const int room = box_height(placement_, domain) - kBoxHeader - kBoxPadding / 2;
    for (const Side side : {Side::Left, Side::Right}) {
      int y = top + kBoxHeader + (room - static_cast<int>(nodes(domain, side).size()) * kNodePitch) / 2;
      for (const std::size_t node : nodes(domain, side)) {
        map_.nodes[node].box.y = y + (kNodePitch - kNodeHeight) / 2;
        map_.nodes[node].box.height = kNodeHeight;
        y += kNodePitch;
      }
    }
  }

  [[nodiscard]] int crossing_y(std::size_t net, std::size_t column) const {
    const Lane lane = plan_.crossings.at({net, column});
    const bool first = lane.gap == 0;
    return gap_y_[column][lane.gap] + (first ? kLanePitch / 2 : kGapHeight / 2) +
           static_cast<int>(lane.index) * kLanePitch;
  }
  [[nodiscard]] int pass_y(std::size_t net, std::size_t domain) const {
    const Box& box = map_.domains[domain].box;
    return box.y + box_height(placement_, domain) + static_cast<int>(plan_.passes.at({net, domain})) * kLanePitch;
  }

  // Where a net touches a node. Nets that meet at one side stand apart, in the order of the heights they come from.
  void set_ports() {
    std::map<Port, std::vector<std::pair<int, std::size_t>>> wishes;
    for (std::size_t net = 0; net < plan_.nets.size(); ++net) {
      const Net& it = plan_.nets[net];
      const Side out = it.side == NetSide::TopicLeft ? Side::Left : Side::Right;
      std::int64_t sum = 0;
      for (const auto* edges : {&it.inner, &it.outer}) {
        for (const std::size_t edge : *edges) {
          const std::size_t to = placement_.links[edge].to;
          sum += middle(to);
          const bool into_application = it.side != NetSide::ApplicationRight;
          const bool inner = edges == &it.inner;
          const Side in = into_application && inner ? Side::Right : Side::Left;
          wishes[{to, in}].emplace_back(inner ? middle(it.source) : approach_y(net, to), net);
        }
      }
      const auto count = static_cast<std::int64_t>(it.inner.size() + it.outer.size());
      wishes[{it.source, out}].emplace_back(static_cast<int>(sum / count), net);
    }
    for (auto& [port, wanted] : wishes) {
      std::sort(wanted.begin(), wanted.end());
      const int count = static_cast<int>(wanted.size());
      const int pitch = count < 2 ? 0 : std::min(kPortPitch, kPortRoom / (count - 1));
      int y = middle(port.first) - pitch * (count - 1) / 2;
      for (const auto& [wish, net] : wanted) {
        ports_[{port, net}] = y;
        y += pitch;
      }
    }
    for (std::size_t net = 0; net < plan_.nets.size(); ++net) straighten(net);
  }

  // A step of a few pixels looks like a mistake: where one end stands alone on its side, it moves to the other's
  // height.
  void straighten(std::size_t net) {
    const Net& it = plan_.nets[net];
    if (it.inner.size() != 1 || !it.outer.empty()) return;
    const bool write = it.side == NetSide::ApplicationRight;
    const Port from{it.source, write ? Side::Right : Side::Left};
    const Port to{placement_.links[it.inner.front()].to, write ? Side::Left : Side::Right};
    int& from_y = ports_.at({from, net});
    int& to_y = ports_.at({to, net});
    const auto alone = [&](const Port& port) {
      return std::count_if(ports_.begin(), ports_.end(),
                           [&](const auto& entry) { return entry.first.first == port; }) == 1;
    };
    const auto can_move = [&](const Port& port, int y) {
      return alone(port) && std::abs(y - middle(port.first)) <= kPortRoom / 2;
    };
    if (can_move(from, to_y)) {
      from_y = to_y;
    } else if (can_move(to, from_y)) {
      to_y = from_y;
    }
  }

  // The height at which an outer net arrives in the gutter before `target`.
  [[nodiscard]] int approach_y(std::size_t net, std::size_t target) const {
    const auto columns = crossed_columns(column_of(plan_.nets[net].source), column_of(target));
    return columns.empty() ? middle(plan_.nets[net].source) : crossing_y(net, columns.back());
  }

  [[nodiscard]] int port(std::size_t node, Side side, std::size_t net) const {
    return ports_.at({Port{node, side}, net});
  }
  [[nodiscard]] int exit_y(std::size_t net) const {
    const Net& it = plan_.nets[net];
    return it.side == NetSide::TopicRight ? port(it.source, Side::Right, net) : pass_y(net, domain_of(it.source));
  }
  [[nodiscard]] int entry_y(std::size_t net, std::size_t target) const {
    return plan_.nets[net].side == NetSide::TopicRight ? port(target, Side::Left, net) : pass_y(net, domain_of(target));
  }

  void set_lanes() {
    gutters_.resize(placement_.columns.size() + 1);
    inner_.resize(map_.domains.size());
    for (std::size_t net = 0; net < plan_.nets.size(); ++net) {
      enter_inner_channels(net);
      if (!plan_.nets[net].outer.empty()) enter_gutters(net);
    }
    for (auto& channel : gutters_) channel.assign();
    for (auto& channel : inner_) channel.assign();
  }

  void enter_inner_channels(std::size_t net) {
    const Net& it = plan_.nets[net];
    if (it.side == NetSide::TopicRight) return;
    const std::size_t home = domain_of(it.source);
    ChannelNet& channel = inner_[home].net(net);
    if (it.side == NetSide::ApplicationRight) {
      channel.left.push_back(port(it.source, Side::Right, net));
      for (const std::size_t edge : it.inner) channel.right.push_back(port(placement_.links[edge].to, Side::Left, net));
      if (!it.outer.empty()) channel.right.push_back(pass_y(net, home));
      for (const std::size_t edge : it.outer) {
        const std::size_t to = placement_.links[edge].to;
        ChannelNet& there = inner_[domain_of(to)].net(net);
        there.left.push_back(pass_y(net, domain_of(to)));
        there.right.push_back(port(to, Side::Left, net));
      }
    } else {
      channel.right.push_back(port(it.source, Side::Left, net));
      for (const std::size_t edge : it.inner) channel.left.push_back(port(placement_.links[edge].to, Side::Right, net));
    }
  }

  void enter_gutters(std::size_t net) {
    const Net& it = plan_.nets[net];
    gutters_[column_of(it.source) + 1].net(net).left.push_back(exit_y(net));
    for (const std::size_t edge : it.outer) {
      const std::size_t to = placement_.links[edge].to;
      gutters_[column_of(to)].net(net).right.push_back(entry_y(net, to));
    }
    for (std::size_t column = 0; column < placement_.columns.size(); ++column) {
      if (!plan_.crossings.contains({net, column})) continue;
      const int y = crossing_y(net, column);
      gutters_[column].net(net).right.push_back(y);
      gutters_[column + 1].net(net).left.push_back(y);
    }
  }

  [[nodiscard]] int node_width(std::size_t column, Side side) const {
    int width = 0;
    for (const std::size_t domain : placement_.columns[column]) {
      for (const std::size_t node : nodes(domain, side)) {
        const int text = static_cast<int>(map_.nodes[node].name.size()) * kTextWidth + kNodeTextMargin;
        width = std::max(width, std::clamp(text, kNodeWidthMin, kNodeWidthMax));
      }
    }
    return width;
  }

  void set_widths() {
    int x = kMargin;
    for (std::size_t column = 0; column < placement_.columns.size(); ++column) {
      x = pass_gutter(column, x);
      int inner_width = kInnerWidthMin;
      for (const std::size_t domain : placement_.columns[column]) {
        inner_width = std::max(inner_width, inner_[domain].width() + 2 * kInnerMargin);
      }
      const int left = node_width(column, Side::Left);
      const int right = node_width(column, Side::Right);
      for (const std::size_t domain : placement_.columns[column]) {
        Box& box = map_.domains[domain].box;
        box.x = x;
        box.width = left + inner_width + right + 2 * kBoxPadding;
        for (const Side side : {Side::Left, Side::Right}) {
          for (const std::size_t node : nodes(domain, side)) {
            map_.nodes[node].box.x = side == Side::Left ? x + kBoxPadding : x + kBoxPadding + left + inner_width;
            map_.nodes[node].box.width = side == Side::Left ? left : right;
          }
        }
        inner_[domain].x = x + kBoxPadding + left + (inner_width - inner_[domain].width()) / 2;
      }
      x += left + inner_width + right + 2 * kBoxPadding;
    }
    map_.width = pass_gutter(placement_.columns.size(), x) + kMargin;
  }

  int pass_gutter(std::size_t gutter, int x) {
    Channel& channel = gutters_[gutter];
    const bool outermost = gutter == 0 || gutter == placement_.columns.size();
    if (outermost && channel.lanes.count == 0) return x;
    channel.x = x + (gutter == 0 ? 0 : kGutterMargin);
    return channel.x + channel.width() + (gutter == placement_.columns.size() ? 0 : kGutterMargin);
  }

  [[nodiscard]] std::vector<Point> route(std::size_t edge) const {
    const auto [from, to] = placement_.links[edge];
    const std::size_t net = plan_.net_of_edge[edge];
    const NetSide side = plan_.nets[net].side;
    const bool inner = domain_of(from) == domain_of(to);
    const Side out = side == NetSide::TopicLeft ? Side::Left : Side::Right;
    const Side in = side == NetSide::TopicLeft ? Side::Right : Side::Left;
    std::vector<Point> points{{edge_x(from, out), port(from, out, net)}};
    const auto bend = [&](int x, int y) {
      points.push_back({x, points.back().y});
      points.push_back({x, y});
    };
    if (inner) {
      bend(inner_[domain_of(from)].lane_x(net), port(to, in, net));
    } else {
      if (side == NetSide::ApplicationRight) bend(inner_[domain_of(from)].lane_x(net), exit_y(net));
      std::size_t gutter = column_of(from) + 1;
      for (const std::size_t column : crossed_columns(column_of(from), column_of(to))) {
        bend(gutters_[gutter].lane_x(net), crossing_y(net, column));
        gutter = gutter > column ? column : column + 1;
      }
      bend(gutters_[gutter].lane_x(net), entry_y(net, to));
      if (side == NetSide::ApplicationRight) bend(inner_[domain_of(to)].lane_x(net), port(to, in, net));
    }
    points.push_back({edge_x(to, in), points.back().y});
    return straightened(points);
  }

  [[nodiscard]] int edge_x(std::size_t node, Side side) const {
    const Box& box = map_.nodes[node].box;
    return side == Side::Left ? box.x : box.x + box.width;
  }

  // Without points that lie on the way between their neighbours.
  [[nodiscard]] static std::vector<Point> straightened(const std::vector<Point>& points) {
    std::vector<Point> kept;
    for (const Point& point : points) {
      if (!kept.empty() && kept.back() == point) continue;
      if (kept.size() >= 2) {
        const Point& before = kept[kept.size() - 2];
        const Point& last = kept.back();
        if ((before.x == last.x && last.x == point.x) || (before.y == last.y && last.y == point.y)) kept.pop_back();
      }
      kept.push_back(point);
    }
    return kept;
  }

  Map map_;
  Placement placement_;
  NetPlan plan_;
  std::vector<std::vector<int>> gap_y_;  // upper edge, by column and gap
  std::map<std::pair<Port, std::size_t>, int> ports_;
  std::vector<Channel> gutters_;
  std::vector<Channel> inner_;  // by domain
};

}  // namespace

Map lay_out(Map map) { return Drawing(std::move(map)).run(); }

}  // namespace myelin::lineage
