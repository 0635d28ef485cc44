#include "lineage/map_layout.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

namespace myelin::lineage {
namespace {

WallTime second(int value) { return WallTime(std::chrono::seconds(value)); }

struct Company {
  Declared declared;
  Observed observed;

  void domain(const char* name) { declared.domains.push_back({DomainName(name), name}); }
  void topic(const std::string& name, const std::string& domain) {
    declared.topics.push_back({TopicName(name), DomainName(domain), SquadName("s"), ProductName(), "contracts:1"});
  }
  void application(const std::string& name, const std::string& domain) {
    declared.applications.push_back(
        {ApplicationName(name), SquadName("s"), DomainName(domain), {PrincipalName(name)}, "org:1"});
  }
  void writes(const std::string& application, const std::string& topic) {
    declared.accesses.push_back(
        {ApplicationName(application), TopicName(topic), Direction::Write, "ownership", "org:1", false});
    observed.writes.push_back({PrincipalName(application), TopicName(topic), 1, 100, second(1), second(1), "", ""});
  }
  void reads(const std::string& application, const std::string& topic) {
    declared.accesses.push_back(
        {ApplicationName(application), TopicName(topic), Direction::Read, "grant", "grants:1", true});
    observed.reads.push_back(
        {TopicName(topic), PrincipalName(application), "", 1, 100, second(1), second(1), "", "", {}});
  }
  [[nodiscard]] Map map() const { return lay_out(build_map(declared, observed)); }
};

Company retailer() {
  Company company;
  for (const char* name : {"stores", "pricing", "inventory", "fraud"}) company.domain(name);
  for (const char* name : {"stores.sales", "pricing.prices", "inventory.levels", "fraud.scores"}) {
    company.topic(name, std::string(name).substr(0, std::string(name).find('.')));
  }
  company.application("till", "stores");
  company.application("price-engine", "pricing");
  company.application("ledger", "inventory");
  company.application("alerts", "inventory");
  company.application("scoring", "fraud");
  company.writes("till", "stores.sales");
  company.writes("price-engine", "pricing.prices");
  company.writes("ledger", "inventory.levels");
  company.writes("scoring", "fraud.scores");
  company.reads("till", "pricing.prices");
  company.reads("ledger", "stores.sales");
  company.reads("scoring", "stores.sales");
  company.reads("price-engine", "inventory.levels");
  company.reads("alerts", "inventory.levels");
  company.writes("alerts", "fraud.scores");
  company.observed.writes.push_back(
      {PrincipalName("ghost"), TopicName("tmp.dump"), 1, 9, second(1), second(1), "", ""});
  return company;
}

// Any company: every application may use any topic, so there are all kinds of routes.
Company random_company(unsigned seed, int domains, int applications, int topics, int edges) {
  std::mt19937 random(seed);
  const auto pick = [&](int count) { return static_cast<int>(random() % static_cast<unsigned>(count)); };
  Company company;
  for (int index = 0; index < domains; ++index) company.domain(fmt::format("d{}", index).c_str());
  for (int index = 0; index < applications; ++index)
    company.application(fmt::format("a{}", index), fmt::format("d{}", pick(domains)));
  for (int index = 0; index < topics; ++index)
    company.topic(fmt::format("t{}", index), fmt::format("d{}", pick(domains)));
  for (int index = 0; index < edges; ++index) {
    const std::string application = fmt::format("a{}", pick(applications));
    const std::string topic = fmt::format("t{}", pick(topics));
    pick(3) == 0 ? company.writes(application, topic) : company.reads(application, topic);
  }
  return company;
}

bool overlap(const Box& left, const Box& right) {
  return left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height &&
         right.y < left.y + left.height;
}
bool inside(const Box& inner, const Box& outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width &&
         inner.y + inner.height <= outer.y + outer.height;
}
// The stretch between two points runs through the box, not merely along its border.
bool cuts(const Point& from, const Point& to, const Box& box) {
  return std::min(from.x, to.x) < box.x + box.width && std::max(from.x, to.x) > box.x &&
         std::min(from.y, to.y) < box.y + box.height && std::max(from.y, to.y) > box.y;
}

void expect_drawable(const Map& map) {
  const Box sheet{0, 0, map.width, map.height};
  std::map<std::string, Box> nodes;
  std::map<std::string, std::string> domain_of;
  std::map<std::string, Box> domains;
  for (std::size_t index = 0; index < map.domains.size(); ++index) {
    domains[map.domains[index].id] = map.domains[index].box;
    EXPECT_TRUE(inside(map.domains[index].box, sheet)) << map.domains[index].id;
    for (std::size_t other = 0; other < index; ++other) {
      EXPECT_FALSE(overlap(map.domains[index].box, map.domains[other].box))
          << map.domains[index].id << " " << map.domains[other].id;
    }
  }
  for (std::size_t index = 0; index < map.nodes.size(); ++index) {
    const MapNode& node = map.nodes[index];
    nodes[node.id] = node.box;
    domain_of[node.id] = node.domain;
    EXPECT_TRUE(inside(node.box, domains[node.domain])) << node.id;
    for (std::size_t other = 0; other < index; ++other)
      EXPECT_FALSE(overlap(node.box, map.nodes[other].box)) << node.id;
  }
  for (const MapEdge& edge : map.edges) {
    ASSERT_GE(edge.route.size(), 2U) << edge.id;
    const auto touches = [](const Point& point, const Box& box) {
      return (point.x == box.x || point.x == box.x + box.width) && point.y > box.y && point.y < box.y + box.height;
    };
    EXPECT_TRUE(touches(edge.route.front(), nodes[edge.from])) << edge.id;
    EXPECT_TRUE(touches(edge.route.back(), nodes[edge.to])) << edge.id;
    for (std::size_t at = 1; at < edge.route.size(); ++at) {
      const Point& from = edge.route[at - 1];
      const Point& to = edge.route[at];
      EXPECT_TRUE((from.x == to.x) != (from.y == to.y)) << edge.id;
      for (const auto& [id, box] : nodes) EXPECT_FALSE(cuts(from, to, box)) << edge.id << " runs through " << id;
      for (const auto& [id, box] : domains) {
        if (id != domain_of[edge.from] && id != domain_of[edge.to])
          EXPECT_FALSE(cuts(from, to, box)) << edge.id << " runs through " << id;
      }
    }
  }
}

std::string text(const Map& map) {
  std::string text = fmt::format("map {} x {}\n", map.width, map.height);
  const auto place = [](const Box& box) {
    return fmt::format("at {},{} size {}x{}", box.x, box.y, box.width, box.height);
  };
  for (const auto& domain : map.domains) text += fmt::format("domain {} {}\n", domain.title, place(domain.box));
  for (const auto& node : map.nodes) text += fmt::format("node {} {}\n", node.id, place(node.box));
  for (const auto& edge : map.edges) {
    text += fmt::format("edge {}", edge.id);
    for (const Point& point : edge.route) text += fmt::format(" {},{}", point.x, point.y);
    text += "\n";
  }
  return text;
}

TEST(LayOut, DrawsTheRetailerAsInTheGoldenFile) {
  const Map map = retailer().map();
  expect_drawable(map);
  std::ifstream file(MYELIN_SOURCE_DIR "/src/lineage/golden/retailer.txt");
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text(map), golden.str());
}

TEST(LayOut, DoesNotDependOnTheOrderOfItsInput) {
  Company company = retailer();
  const std::string before = text(company.map());
  std::reverse(company.declared.applications.begin(), company.declared.applications.end());
  std::reverse(company.declared.topics.begin(), company.declared.topics.end());
  std::reverse(company.observed.reads.begin(), company.observed.reads.end());
  EXPECT_EQ(text(company.map()), before);
}

TEST(LayOut, NeverRunsAnEdgeThroughANodeOrAForeignDomain) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    expect_drawable(random_company(seed, 2 + static_cast<int>(seed) % 9, 25, 20, 45).map());
  }
}

TEST(LayOut, DrawsAsManyNodesAsAMapMayHave) {
  const Map map = random_company(7, 12, 90, 60, 240).map();
  EXPECT_EQ(map.nodes.size(), kMapNodes);
  expect_drawable(map);
}

TEST(LayOut, AnEmptyMapHasNoBoxes) {
  const Map map = lay_out(build_map({}, {}));
  EXPECT_TRUE(map.domains.empty());
  EXPECT_GT(map.width, 0);
}

TEST(LayOut, ADomainWithoutStreamsIsStillABox) {
  Company company;
  company.domain("customer");
  const Map map = company.map();
  ASSERT_EQ(map.domains.size(), 1U);
  EXPECT_GT(map.domains[0].box.width, 0);
  EXPECT_GT(map.domains[0].box.height, 0);
}

}  // namespace
}  // namespace myelin::lineage
