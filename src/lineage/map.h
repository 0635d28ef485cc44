#pragma once
// The Map: which application writes to and reads from which topic, grouped into domain boxes, what was declared beside
// what was observed. build_map() joins the two; lay_out() in map_layout.h gives it coordinates. Pure and deterministic:
// equal input gives an equal map.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "lineage/edges.h"

namespace myelin::lineage {

// Where in the operating model something is said, for "why do you say so?": "grants/pricing.yaml:12".
using Source = std::string;

struct DeclaredTopic {
  TopicName name;
  DomainName domain;
  SquadName squad;  // the owner
  ProductName product;
  Source source;
};

// A person who signs in is an application of one principal, named like the person.
struct DeclaredApplication {
  ApplicationName name;
  SquadName squad;
  DomainName domain;
  std::vector<PrincipalName> principals;
  Source source;
};

enum class Direction { Write, Read };

// A live grant, or the ownership that lets an owner write: what may flow.
struct DeclaredAccess {
  ApplicationName application;
  TopicName topic;
  Direction direction = Direction::Read;
  std::string through;  // "ownership", "grant fraud-reads-sales"
  Source source;
  bool expected = true;  // false: not worth an edge while unused (an owner may write and read all its topics)
};

struct DeclaredDomain {
  DomainName name;
  std::string title;  // empty: the name is shown
};

struct Declared {
  std::vector<DeclaredDomain> domains;
  std::vector<DeclaredTopic> topics;
  std::vector<DeclaredApplication> applications;
  std::vector<DeclaredAccess> accesses;
};

struct Observed {
  std::vector<WriteEdge> writes;
  std::vector<ReadEdge> reads;
};

enum class Mark {
  Observed,    // declared and seen
  Undeclared,  // seen, but no grant or ownership covers it
  Unused,      // declared or granted, but no record has moved
};

// A point in the plane; y grows downwards. Units are CSS pixels at zoom 1.
struct Point {
  int x = 0;
  int y = 0;
  bool operator==(const Point&) const = default;
};

struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

struct MapDomain {
  std::string id;  // "domain:pricing"; the box of things without an owner is "domain:"
  std::string title;
  bool owned = true;
  std::size_t applications = 0;
  std::size_t topics = 0;
  std::int64_t bytes = 0;  // written by and read by its applications
  Box box;
};

enum class NodeKind { Application, UnknownPrincipal, Topic };

struct MapNode {
  std::string id;  // "application:till", "principal:ghost", "topic:shop.orders"
  NodeKind kind = NodeKind::Topic;
  std::string name;
  std::string domain;  // id of its domain
  SquadName squad;
  ProductName product;
  std::vector<PrincipalName> principals;  // of an application, those declared or seen
  Mark mark = Mark::Observed;
  Source source;
  std::string why;
  std::int64_t bytes_in = 0;   // into the topic; read by the application
  std::int64_t bytes_out = 0;  // out of the topic; written by the application
  std::optional<WallTime> first_seen;
  std::optional<WallTime> last_seen;
  Box box;
};

struct MapEdge {
  std::string id;  // "write:till>shop.orders", "read:shop.orders>fraud"
  Direction direction = Direction::Write;
  std::string from;  // ids of nodes, in the direction in which records flow
  std::string to;
  Mark mark = Mark::Observed;
  Source source;  // of the declaration; empty when there is none
  std::string why;
  std::int64_t count = 0;  // records written, or offsets served
  std::int64_t bytes = 0;
  double bytes_per_second = 0;  // lately
  std::optional<WallTime> first_seen;
  std::optional<WallTime> last_seen;
  std::vector<std::string> libraries;     // "librdkafka 2.0.2", distinct, in order
  std::vector<GroupName> groups;          // of a read
  std::vector<PrincipalName> principals;  // that were seen on this edge
  std::vector<Point> route;               // polyline from `from` to `to`, horizontal and vertical stretches only
};

struct Map {
  std::vector<MapDomain> domains;
  std::vector<MapNode> nodes;
  std::vector<MapEdge> edges;
  std::size_t nodes_total = 0;  // before the cap; more than nodes.size() means the map is filtered and must say so
  std::size_t edges_total = 0;
  int width = 0;
  int height = 0;
};

// A person can read this many at most; unknown principals and undeclared edges are kept first, then the busiest.
inline constexpr std::size_t kMapNodes = 150;

[[nodiscard]] Map build_map(const Declared& declared, const Observed& observed, std::size_t nodes_limit = kMapNodes);

}  // namespace myelin::lineage
