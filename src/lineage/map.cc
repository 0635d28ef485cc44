#include "lineage/map.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace myelin::lineage {
namespace {

constexpr std::string_view kUnownedDomain = "domain:";

template <typename Value>
void insert_sorted(std::vector<Value>& values, const Value& value) {
  const auto at = std::lower_bound(values.begin(), values.end(), value);
  if (at == values.end() || *at != value) values.insert(at, value);
}

template <typename Thing>
void widen(Thing& thing, WallTime first, WallTime last) {
  thing.first_seen = thing.first_seen ? std::min(*thing.first_seen, first) : first;
  thing.last_seen = thing.last_seen ? std::max(*thing.last_seen, last) : last;
}

std::string library_text(const std::string& library, const std::string& version) {
  return version.empty() ? library : fmt::format("{} {}", library, version);
}

// Collects nodes and edges by id while declared and observed things are read one after the other.
class MapBuilder {
 public:
  explicit MapBuilder(const Declared& declared);
  void observe(const WriteEdge& edge);
  void observe(const ReadEdge& edge);
  [[nodiscard]] Map finish(std::size_t nodes_limit) &&;

 private:
  using AccessKey = std::tuple<std::string, std::string, Direction>;  // node id, topic, direction

  MapNode& topic_node(const TopicName& name);
  MapNode& client_node(const PrincipalName& principal);
  MapEdge& edge_between(const MapNode& client, const MapNode& topic, Direction direction);
  void declare(const DeclaredAccess& access);
  void explain_nodes();
  void explain_edges();
  void keep_most_telling(Map& map, std::size_t nodes_limit) const;
  void summarise_domains(Map& map) const;

  std::map<std::string, MapDomain> domains_;
  std::map<std::string, MapNode> nodes_;
  std::map<std::string, MapEdge> edges_;
  std::map<PrincipalName, std::string> client_ids_;  // principal to the id of its application's node
  std::map<AccessKey, const DeclaredAccess*> accesses_;
};

std::string domain_id(const DomainName& name) { return "domain:" + name.text(); }
std::string topic_id(const TopicName& name) { return "topic:" + name.text(); }
std::string application_id(const ApplicationName& name) { return "application:" + name.text(); }

MapBuilder::MapBuilder(const Declared& declared) {
  for (const auto& domain : declared.domains) {
    const std::string& title = domain.title.empty() ? domain.name.text() : domain.title;
    domains_.try_emplace(domain_id(domain.name), MapDomain{.id = domain_id(domain.name), .title = title, .box = {}});
  }
  for (const auto& topic : declared.topics) {
    MapNode& node = topic_node(topic.name);
    node.domain = domain_id(topic.domain);
    node.squad = topic.squad;
    node.product = topic.product;
    node.source = topic.source;
    node.mark = Mark::Unused;
  }
  for (const auto& application : declared.applications) {
    const std::string id = application_id(application.name);
    nodes_[id] = {.id = id,
                  .kind = NodeKind::Application,
                  .name = application.name.text(),
                  .domain = domain_id(application.domain),
                  .squad = application.squad,
                  .product = {},
                  .principals = application.principals,
                  .mark = Mark::Unused,
                  .source = application.source,
                  .why = {},
                  .first_seen = {},
                  .last_seen = {},
                  .box = {}};
    for (const auto& principal : application.principals) client_ids_[principal] = id;
  }
  for (const auto& access : declared.accesses) declare(access);
}

void MapBuilder::declare(const DeclaredAccess& access) {
  const std::string client = application_id(access.application);
  const auto node = nodes_.find(client);
  if (node == nodes_.end()) return;  // an application without principals can't use anything
  accesses_.try_emplace({client, access.topic.text(), access.direction}, &access);
  if (!access.expected) return;
  MapEdge& edge = edge_between(node->second, topic_node(access.topic), access.direction);
  edge.mark = Mark::Unused;
}

MapNode& MapBuilder::topic_node(const TopicName& name) {
  const auto [found, added] = nodes_.try_emplace(topic_id(name));
  if (added) {
    found->second.id = found->first;
    found->second.kind = NodeKind::Topic;
    found->second.name = name.text();
    found->second.domain = kUnownedDomain;
    found->second.mark = Mark::Undeclared;
  }
  return found->second;
}

MapNode& MapBuilder::client_node(const PrincipalName& principal) {
  const auto known = client_ids_.find(principal);
  if (known != client_ids_.end()) return nodes_.at(known->second);
  const auto [found, added] = nodes_.try_emplace("principal:" + principal.text());
  if (added) {
    found->second.id = found->first;
    found->second.kind = NodeKind::UnknownPrincipal;
    found->second.name = principal.text();
    found->second.domain = kUnownedDomain;
    found->second.principals = {principal};
    found->second.mark = Mark::Undeclared;
  }
  return found->second;
}

MapEdge& MapBuilder::edge_between(const MapNode& client, const MapNode& topic, Direction direction) {
  const bool writes = direction == Direction::Write;
  const std::string client_name = client.id.substr(client.id.find(':') + 1);
  std::string id =
      writes ? fmt::format("write:{}>{}", client_name, topic.name) : fmt::format("read:{}>{}", topic.name, client_name);
  // An unknown principal may be called like an application.
  if (client.kind == NodeKind::UnknownPrincipal) id += "?";
  const auto [found, added] = edges_.try_emplace(id);
  if (added) {
    found->second.id = id;
    found->second.direction = direction;
    found->second.from = writes ? client.id : topic.id;
    found->second.to = writes ? topic.id : client.id;
  }
  return found->second;
}

template <typename Seen>
void count(MapNode& client, MapNode& topic, MapEdge& edge, const Seen& seen) {
  edge.bytes += seen.bytes;
  edge.bytes_per_second += seen.bytes_per_second;
  if (!seen.library.empty()) insert_sorted(edge.libraries, library_text(seen.library, seen.library_version));
  insert_sorted(edge.principals, seen.principal);
  widen(edge, seen.first_seen, seen.last_seen);
  widen(client, seen.first_seen, seen.last_seen);
  widen(topic, seen.first_seen, seen.last_seen);
  if (client.mark == Mark::Unused) client.mark = Mark::Observed;
  if (topic.mark == Mark::Unused) topic.mark = Mark::Observed;
}

void MapBuilder::observe(const WriteEdge& seen) {
  MapNode& client = client_node(seen.principal);
  MapNode& topic = topic_node(seen.topic);
  MapEdge& edge = edge_between(client, topic, Direction::Write);
  edge.count += seen.records;
  client.bytes_out += seen.bytes;
  topic.bytes_in += seen.bytes;
  count(client, topic, edge, seen);
}

void MapBuilder::observe(const ReadEdge& seen) {
  MapNode& client = client_node(seen.principal);
  MapNode& topic = topic_node(seen.topic);
  MapEdge& edge = edge_between(client, topic, Direction::Read);
  edge.count += seen.offsets;
  client.bytes_in += seen.bytes;
  topic.bytes_out += seen.bytes;
  for (const auto& group : seen.groups) insert_sorted(edge.groups, group);
  count(client, topic, edge, seen);
}

void MapBuilder::explain_nodes() {
  for (auto& [id, node] : nodes_) {
    switch (node.mark) {
      case Mark::Observed:
        node.why = fmt::format("Declared at {}, and seen on the wire.", node.source);
        break;
      case Mark::Unused:
        node.why = fmt::format("Declared at {}; no record has moved yet.", node.source);
        break;
      case Mark::Undeclared:
        node.why = node.kind == NodeKind::Topic
                       ? "Seen on the wire; no contract, product or prefix declares this topic."
                       : "Signed in and seen on the wire; no application in the model names this principal.";
        break;
    }
    if (!domains_.contains(node.domain)) {
      const bool owned = node.domain != kUnownedDomain;
      domains_[node.domain] = {.id = node.domain,
                               .title = owned ? node.domain.substr(kUnownedDomain.size()) : "Nobody's",
                               .owned = owned,
                               .box = {}};
    }
  }
}

void MapBuilder::explain_edges() {
  for (auto& [id, edge] : edges_) {
    const bool writes = edge.direction == Direction::Write;
    const MapNode& client = nodes_.at(writes ? edge.from : edge.to);
    const MapNode& topic = nodes_.at(writes ? edge.to : edge.from);
    const auto access = accesses_.find({client.id, topic.name, edge.direction});
    const bool seen = edge.first_seen.has_value();
    if (access != accesses_.end()) {
      edge.source = access->second->source;
      edge.mark = seen ? Mark::Observed : Mark::Unused;
      edge.why = fmt::format("{} {}.", seen ? "Seen on the wire; covered by" : "Never used; allowed by",
                             access->second->through);
    } else {
      edge.mark = Mark::Undeclared;
      edge.why = client.kind == NodeKind::UnknownPrincipal
                     ? fmt::format("Seen on the wire; nobody in the model owns the principal {}.", client.name)
                     : fmt::format("Seen on the wire; no ownership or grant lets {} {} {}.", client.name,
                                   writes ? "write" : "read", topic.name);
    }
  }
}

void MapBuilder::keep_most_telling(Map& map, std::size_t nodes_limit) const {
  std::set<std::string> telling;
  for (const auto& [id, edge] : edges_) {
    if (edge.mark == Mark::Observed) continue;
    telling.insert(edge.from);
    telling.insert(edge.to);
  }
  std::vector<const MapNode*> ranked;
  for (const auto& [id, node] : nodes_) ranked.push_back(&node);
  const auto rank = [&](const MapNode* node) {
    const int kind = node->mark == Mark::Undeclared ? 0 : telling.contains(node->id) ? 1 : 2;
    return std::tuple(kind, -(node->bytes_in + node->bytes_out), node->id);
  };
  std::sort(ranked.begin(), ranked.end(),
            [&](const MapNode* left, const MapNode* right) { return rank(left) < rank(right); });
  ranked.resize(std::min(ranked.size(), nodes_limit));
  std::set<std::string> kept;
  for (const MapNode* node : ranked) kept.insert(node->id);
  for (const auto& id : kept) map.nodes.push_back(nodes_.at(id));
  for (const auto& [id, edge] : edges_) {
    if (kept.contains(edge.from) && kept.contains(edge.to)) map.edges.push_back(edge);
  }
}

void MapBuilder::summarise_domains(Map& map) const {
  for (const auto& [id, domain] : domains_) {
    MapDomain summary = domain;
    for (const auto& node : map.nodes) {
      if (node.domain != id) continue;
      const bool topic = node.kind == NodeKind::Topic;
      ++(topic ? summary.topics : summary.applications);
      if (!topic) summary.bytes += node.bytes_in + node.bytes_out;
    }
    map.domains.push_back(std::move(summary));
  }
}

Map MapBuilder::finish(std::size_t nodes_limit) && {
  explain_nodes();
  explain_edges();
  Map map;
  map.nodes_total = nodes_.size();
  map.edges_total = edges_.size();
  keep_most_telling(map, nodes_limit);
  summarise_domains(map);
  return map;
}

}  // namespace

Map build_map(const Declared& declared, const Observed& observed, std::size_t nodes_limit) {
  MapBuilder builder(declared);
  for (const auto& edge : observed.writes) builder.observe(edge);
  for (const auto& edge : observed.reads) builder.observe(edge);
  return std::move(builder).finish(nodes_limit);
}

}  // namespace myelin::lineage
