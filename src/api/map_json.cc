#include "api/map_json.h"

#include <string_view>

#include "api/json_object.h"

namespace myelin::api {
namespace {

using document::Node;

Node box_json(const lineage::Box& box) {
  return JsonObject()
      .number("x", box.x)
      .number("y", box.y)
      .number("width", box.width)
      .number("height", box.height)
      .node();
}

std::string_view to_text(lineage::Mark mark) {
  switch (mark) {
    case lineage::Mark::Observed:
      return "observed";
    case lineage::Mark::Undeclared:
      return "undeclared";
    case lineage::Mark::Unused:
      return "unused";
  }
  return "observed";
}

std::string_view to_text(lineage::NodeKind kind) {
  switch (kind) {
    case lineage::NodeKind::Application:
      return "application";
    case lineage::NodeKind::UnknownPrincipal:
      return "unknown_principal";
    case lineage::NodeKind::Topic:
      return "topic";
  }
  return "topic";
}

Node domain_json(const lineage::MapDomain& domain) {
  return JsonObject()
      .text("id", domain.id)
      .text("title", domain.title)
      .boolean("owned", domain.owned)
      .number("applications", static_cast<std::int64_t>(domain.applications))
      .number("topics", static_cast<std::int64_t>(domain.topics))
      .number("bytes", domain.bytes)
      .add("box", box_json(domain.box))
      .node();
}

Node node_json(const lineage::MapNode& node) {
  return JsonObject()
      .text("id", node.id)
      .text("kind", to_text(node.kind))
      .text("name", node.name)
      .text("domain", node.domain)
      .text("squad", node.squad.text())
      .text("product", node.product.text())
      .add("principals", json_texts(node.principals))
      .text("mark", to_text(node.mark))
      .text("why", node.why)
      .text("declared_at", node.source)
      .number("bytes_in", node.bytes_in)
      .number("bytes_out", node.bytes_out)
      .time("first_seen", node.first_seen)
      .time("last_seen", node.last_seen)
      .add("box", box_json(node.box))
      .node();
}

Node edge_json(const lineage::MapEdge& edge, AttachMode mode) {
  const bool writes = edge.direction == lineage::Direction::Write;
  return JsonObject()
      .text("id", edge.id)
      .text("direction", writes ? "write" : "read")
      .text("from", edge.from)
      .text("to", edge.to)
      .text("mark", to_text(edge.mark))
      .text("why", edge.why)
      .text("declared_at", edge.source)
      .text("class", writes ? class_of_writes(mode) : "journalled")
      .number("count", edge.count)
      .number("bytes", edge.bytes)
      .rate("bytes_per_second", edge.bytes_per_second)
      .time("first_seen", edge.first_seen)
      .time("last_seen", edge.last_seen)
      .add("libraries", json_texts(edge.libraries))
      .add("groups", json_texts(edge.groups))
      .add("principals", json_texts(edge.principals))
      .add("route", json_list(edge.route,
                              [](const lineage::Point& point) {
                                return JsonObject().number("x", point.x).number("y", point.y).node();
                              }))
      .node();
}

class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char byte : text) mix(static_cast<unsigned char>(byte));
    mix(0xff);
  }
  void add(const lineage::Box& box) {
    for (const int side : {box.x, box.y, box.width, box.height}) {
      for (int shift = 0; shift < 32; shift += 8) mix(static_cast<unsigned char>(side >> shift));
    }
  }
  [[nodiscard]] std::int64_t value() const { return static_cast<std::int64_t>(hash_ & ((std::uint64_t{1} << 53) - 1)); }

 private:
  // FNV-1a.
  void mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::int64_t version_of(const lineage::Map& map) {
  Fingerprint fingerprint;
  for (const auto& domain : map.domains) {
    fingerprint.add(domain.title);
    fingerprint.add(domain.box);
  }
  for (const auto& node : map.nodes) {
    fingerprint.add(node.id);
    fingerprint.add(to_text(node.mark));
    fingerprint.add(node.squad.text());
    fingerprint.add(node.box);
  }
  for (const auto& edge : map.edges) {
    fingerprint.add(edge.id);
    fingerprint.add(to_text(edge.mark));
    fingerprint.add(edge.why);
  }
  return fingerprint.value();
}

document::Node map_json(const lineage::Map& map, AttachMode mode, WallTime now) {
  auto filtered = JsonObject()
                      .number("nodes_shown", static_cast<std::int64_t>(map.nodes.size()))
                      .number("nodes_total", static_cast<std::int64_t>(map.nodes_total))
                      .number("edges_shown", static_cast<std::int64_t>(map.edges.size()))
                      .number("edges_total", static_cast<std::int64_t>(map.edges_total))
                      .node();
  return JsonObject()
      .number("version", version_of(map))
      .time("at", now)
      .text("attach_mode", to_text(mode))
      .number("width", map.width)
      .number("height", map.height)
      .add("domains", json_list(map.domains, domain_json))
      .add("nodes", json_list(map.nodes, node_json))
      .add("edges", json_list(map.edges, [mode](const lineage::MapEdge& edge) { return edge_json(edge, mode); }))
      .add("filtered", std::move(filtered))
      .node();
}

document::Node rates_json(const lineage::Map& map, const EdgeRates& rates, WallTime now) {
  std::vector<Node> edges;
  for (const auto& edge : map.edges) {
    const auto rate = rates.find(edge.id);
    if (rate == rates.end()) continue;
    edges.push_back(JsonObject()
                        .text("id", edge.id)
                        .rate("bytes_per_second", rate->second)
                        .number("count", edge.count)
                        .number("bytes", edge.bytes)
                        .time("last_seen", edge.last_seen)
                        .node());
  }
  return JsonObject()
      .number("version", version_of(map))
      .time("at", now)
      .add("edges", Node::list(std::move(edges)))
      .node();
}

}  // namespace myelin::api
