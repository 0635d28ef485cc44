#include "lineage/map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace myelin::lineage {
namespace {

WallTime second(int value) { return WallTime(std::chrono::seconds(value)); }

Declared company() {
  Declared declared;
  declared.domains = {{DomainName("stores"), "Stores"}, {DomainName("fraud"), ""}};
  declared.topics = {{TopicName("stores.sales"), DomainName("stores"), SquadName("tills"), ProductName("sales"),
                      "contracts/sales.odcs.yaml:8"}};
  declared.applications = {{ApplicationName("till"),
                            SquadName("tills"),
                            DomainName("stores"),
                            {PrincipalName("till-1"), PrincipalName("till-2")},
                            "org/stores.yaml:30"},
                           {ApplicationName("scoring"),
                            SquadName("fraud"),
                            DomainName("fraud"),
                            {PrincipalName("scoring")},
                            "org/fraud.yaml:20"}};
  declared.accesses = {
      {ApplicationName("till"), TopicName("stores.sales"), Direction::Write, "ownership", "org/stores.yaml:30", false},
      {ApplicationName("scoring"), TopicName("stores.sales"), Direction::Read, "grant scoring-reads-sales",
       "grants/scoring.yaml:3", true}};
  return declared;
}

WriteEdge written(const char* principal, const char* topic, std::int64_t bytes = 500) {
  return {PrincipalName(principal), TopicName(topic), 5, bytes, second(1), second(2), "librdkafka", "2.0.2"};
}
ReadEdge read(const char* topic, const char* principal) {
  return {TopicName(topic), PrincipalName(principal), "c", 5, 500, second(3), second(4), "sarama",
          "1.27",           {GroupName("g")}};
}

const MapNode& node(const Map& map, const std::string& id) {
  const auto found =
      std::find_if(map.nodes.begin(), map.nodes.end(), [&](const MapNode& each) { return each.id == id; });
  if (found == map.nodes.end()) throw std::runtime_error("no node " + id);
  return *found;
}
const MapEdge& edge(const Map& map, const std::string& id) {
  const auto found =
      std::find_if(map.edges.begin(), map.edges.end(), [&](const MapEdge& each) { return each.id == id; });
  if (found == map.edges.end()) throw std::runtime_error("no edge " + id);
  return *found;
}

TEST(BuildMap, CountsThePrincipalsOfAnApplicationTogether) {
  const Map map = build_map(company(), {{written("till-1", "stores.sales"), written("till-2", "stores.sales")}, {}});
  const MapEdge& write = edge(map, "write:till>stores.sales");
  EXPECT_EQ(write.count, 10);
  EXPECT_EQ(write.bytes, 1000);
  EXPECT_THAT(write.principals, testing::ElementsAre(PrincipalName("till-1"), PrincipalName("till-2")));
  EXPECT_THAT(write.libraries, testing::ElementsAre("librdkafka 2.0.2"));
  EXPECT_EQ(node(map, "application:till").bytes_out, 1000);
  EXPECT_EQ(node(map, "topic:stores.sales").bytes_in, 1000);
}

TEST(BuildMap, MarksAGrantThatNobodyUses) {
  const Map map = build_map(company(), {});
  const MapEdge& unused = edge(map, "read:stores.sales>scoring");
  EXPECT_EQ(unused.mark, Mark::Unused);
  EXPECT_EQ(unused.why, "Never used; allowed by grant scoring-reads-sales.");
  EXPECT_EQ(unused.source, "grants/scoring.yaml:3");
  EXPECT_EQ(unused.first_seen, std::nullopt);
  EXPECT_EQ(map.edges.size(), 1U) << "ownership that nobody uses is no edge";
}

TEST(BuildMap, MarksAGrantThatIsUsedAsObserved) {
  const Map map = build_map(company(), {{}, {read("stores.sales", "scoring")}});
  const MapEdge& used = edge(map, "read:stores.sales>scoring");
  EXPECT_EQ(used.mark, Mark::Observed);
  EXPECT_EQ(used.last_seen, second(4));
  EXPECT_THAT(used.groups, testing::ElementsAre(GroupName("g")));
}

TEST(BuildMap, MarksWhatNoGrantCovers) {
  const Map map = build_map(company(), {{}, {read("stores.sales", "till-1")}});
  EXPECT_EQ(edge(map, "read:stores.sales>till").mark, Mark::Undeclared);
  EXPECT_EQ(edge(map, "read:stores.sales>till").why,
            "Seen on the wire; no ownership or grant lets till read stores.sales.");
}

TEST(BuildMap, PutsUnknownPrincipalsAndUndeclaredTopicsIntoNobodysBox) {
  const Map map = build_map(company(), {{written("ghost", "tmp.dump")}, {}});
  EXPECT_EQ(node(map, "principal:ghost").kind, NodeKind::UnknownPrincipal);
  EXPECT_EQ(node(map, "principal:ghost").mark, Mark::Undeclared);
  EXPECT_EQ(node(map, "principal:ghost").domain, "domain:");
  EXPECT_EQ(node(map, "topic:tmp.dump").mark, Mark::Undeclared);
  EXPECT_EQ(edge(map, "write:ghost>tmp.dump?").why, "Seen on the wire; nobody in the model owns the principal ghost.");
  const auto nobodys =
      std::find_if(map.domains.begin(), map.domains.end(), [](const MapDomain& domain) { return !domain.owned; });
  ASSERT_NE(nobodys, map.domains.end());
  EXPECT_EQ(nobodys->applications, 1U);
  EXPECT_EQ(nobodys->topics, 1U);
}

TEST(BuildMap, KeepsAnUnknownPrincipalApartFromAnApplicationOfThatName) {
  Declared declared = company();
  declared.applications[1].principals = {PrincipalName("scoring-service")};
  const Map map = build_map(declared, {{}, {read("stores.sales", "scoring"), read("stores.sales", "scoring-service")}});
  EXPECT_EQ(edge(map, "read:stores.sales>scoring").mark, Mark::Observed);
  EXPECT_EQ(edge(map, "read:stores.sales>scoring?").mark, Mark::Undeclared);
}

TEST(BuildMap, KeepsTheUnknownAndTheBusiestAtItsLimitAndCountsTheRest) {
  Observed observed{{written("ghost", "tmp.dump", 1)}, {}};
  Declared declared = company();
  declared.accesses.clear();
  for (int index = 0; index < 300; ++index) {
    const std::string name = "app" + std::to_string(1000 + index);
    declared.applications.push_back(
        {ApplicationName(name), SquadName("s"), DomainName("stores"), {PrincipalName(name)}, "org/a.yaml:1"});
    declared.accesses.push_back(
        {ApplicationName(name), TopicName("stores.sales"), Direction::Write, "ownership", "", false});
    observed.writes.push_back(written(name.c_str(), "stores.sales", 100 + index));
  }
  const Map map = build_map(declared, observed);
  EXPECT_EQ(map.nodes.size(), kMapNodes);
  EXPECT_EQ(map.nodes_total, 305U);
  EXPECT_EQ(map.edges_total, 301U);
  EXPECT_EQ(node(map, "principal:ghost").mark, Mark::Undeclared);
  EXPECT_EQ(node(map, "application:app1299").bytes_out, 399);
  EXPECT_THROW(node(map, "application:app1000"), std::runtime_error);
}

}  // namespace
}  // namespace myelin::lineage
