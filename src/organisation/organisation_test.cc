#include "organisation/organisation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::organisation {
namespace {

using lineage::Direction;
using testing::ElementsAre;
using testing::IsEmpty;

// Squads a, b and c with one application each, which signs in as app-a, app-b, app-c; a owns topic a.t.
std::string squad(const std::string& name) {
  return "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: " + name +
         ", annotations: {myelin.dev/domain: d}}\nspec: {type: team}\n---\napiVersion: backstage.io/v1alpha1\n"
         "kind: Component\nmetadata: {name: program-" +
         name + ", annotations: {myelin.dev/principals: app-" + name + ", myelin.dev/prefixes: " + name +
         "}}\nspec: {owner: " + name + "}\n";
}
const std::string kOrg =
    "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: d}\n" + squad("a") + squad("b") + squad("c");
const std::string kContract = R"(apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
team: {name: a}
schema:
  - {name: t, physicalType: topic, physicalName: a.t}
)";

std::string profile(const std::string& squad, const std::string& interaction) {
  return "apiVersion: myelin.dev/v1alpha1\nkind: TeamProfile\nmetadata: {name: " + squad +
         "}\nspec:\n  squad: " + squad + "\n  type: stream-aligned\n  headcount: 3\n  interactions: [{" + interaction +
         ", purpose: work}]\n";
}

model::Model model_of(const std::string& profiles = "") {
  std::vector<document::Source> sources{{"org/o.yaml", kOrg}, {"contracts/t.odcs.yaml", kContract}};
  if (!profiles.empty()) sources.push_back({"myelin/teams.yaml", profiles});
  auto loaded = model::load(std::move(sources));
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

constexpr auto kDay = std::chrono::hours(24);
WallTime day(int number) { return WallTime() + number * kDay; }

Flow wrote(const char* who, int at, const char* topic = "a.t") {
  return {PrincipalName(who), TopicName(topic), Direction::Write, Amount{10, 100}, day(at)};
}
Flow read(const char* who, int at, const char* topic = "a.t") {
  return {PrincipalName(who), TopicName(topic), Direction::Read, Amount{4, 40}, day(at)};
}

std::vector<std::string> paths_of(const Organisation& answer) {
  std::vector<std::string> paths;
  for (const auto& edge : answer.edges) {
    paths.push_back(edge.producer.text() + ">" + edge.topic.text() + ">" + edge.consumer.text());
  }
  return paths;
}

TEST(Organisation, AnEdgeHasBothHalvesAndTwoSquads) {
  const auto model = model_of();
  EXPECT_THAT(paths_of(organisation(model, {}, day(9))), IsEmpty());
  EXPECT_THAT(paths_of(organisation(model, std::vector{wrote("app-a", 1)}, day(9))), IsEmpty());
  EXPECT_THAT(paths_of(organisation(model, std::vector{read("app-b", 1)}, day(9))), IsEmpty());
  EXPECT_THAT(paths_of(organisation(model, std::vector{wrote("app-a", 1), read("app-a", 1)}, day(9))), IsEmpty());
  const std::vector flows{wrote("app-a", 1), wrote("app-b", 1), read("app-b", 1), read("app-c", 1)};
  EXPECT_THAT(paths_of(organisation(model, flows, day(9))), ElementsAre("a>a.t>b", "a>a.t>c", "b>a.t>c"));
}

TEST(Organisation, SumsWhatASquadMovedAndKeepsTheLatestRead) {
  auto unknown = read("app-c", 4);
  unknown.amount.reset();
  const std::vector flows{wrote("app-a", 1), wrote("app-a", 2), read("app-b", 3),
                          read("app-b", 5),  unknown,           read("app-c", 1)};
  const auto answer = organisation(model_of(), flows, day(9));
  ASSERT_EQ(answer.edges.size(), 2U);
  EXPECT_EQ(answer.edges[0].written, (Amount{20, 200}));
  EXPECT_EQ(answer.edges[0].served, (Amount{8, 80}));
  EXPECT_EQ(answer.edges[0].last_seen, day(5));
  EXPECT_EQ(answer.edges[1].served, std::nullopt) << "a part of it is not known, so the sum is not";
}

TEST(Organisation, AnInteractionDeclaresEdgesOfTheTwoUntilItEnds) {
  const std::vector flows{wrote("app-a", 1), read("app-b", 2), read("app-c", 2)};
  const auto model = model_of(profile("b", "with: a, mode: collaboration, until: 1970-01-04"));
  const auto before = organisation(model, flows, day(4) - std::chrono::seconds(1));
  EXPECT_EQ(before.declared_edges(), 1U);
  EXPECT_EQ(before.edges[0].declared->squad.text(), "b");
  EXPECT_THAT(before.overdue, IsEmpty());
  const auto after = organisation(model, flows, day(4));
  EXPECT_EQ(after.declared_edges(), 0U);
  ASSERT_EQ(after.overdue.size(), 1U);
  EXPECT_EQ(after.overdue[0].traffic, Traffic::Stopped);
}

TEST(Organisation, SaysOfWhatIsOverdueWhetherRecordsStillMove) {
  const auto model = model_of(profile("b", "with: a, mode: facilitating, until: 1970-01-04"));
  const auto traffic = [&](const std::vector<Flow>& flows) {
    return organisation(model, flows, day(9)).overdue.at(0).traffic;
  };
  EXPECT_EQ(traffic({wrote("app-a", 1), read("app-b", 4)}), Traffic::Moves);
  EXPECT_EQ(traffic({wrote("app-a", 1), read("app-b", 3)}), Traffic::Stopped);
  EXPECT_EQ(traffic({wrote("app-a", 1), read("app-c", 5)}), Traffic::Never);
}

TEST(Organisation, AServiceIsNeverOverdue) {
  const auto model = model_of(profile("a", "with: b, mode: x-as-a-service, until: 1970-01-04"));
  const auto unused = organisation(model, {}, day(9));
  EXPECT_THAT(unused.overdue, IsEmpty());
  ASSERT_EQ(unused.unused.size(), 1U);
  EXPECT_TRUE(unused.unused[0].has_ended);
  const auto used = organisation(model, std::vector{wrote("app-a", 1), read("app-b", 5)}, day(9));
  EXPECT_THAT(used.unused, IsEmpty());
  EXPECT_EQ(used.declared_edges(), 0U);
}

TEST(Organisation, CountsPrincipalsOfNoSquadOnce) {
  const std::vector flows{wrote("app-a", 1), read("ghost", 1), wrote("ghost", 2, "other"), read("spirit", 3)};
  const auto answer = organisation(model_of(), flows, day(9));
  EXPECT_EQ(answer.unattributed, 2U);
  EXPECT_THAT(answer.edges, IsEmpty());
}

TEST(Organisation, CongruenceIsACountBesideACount) {
  const auto model = model_of(profile("a", "with: b, mode: x-as-a-service"));
  EXPECT_EQ(congruence_text(organisation(model, {}, day(9))), "nothing to compare: no records move between squads");
  const std::vector flows{wrote("app-a", 1), read("app-b", 1), read("app-c", 1)};
  EXPECT_EQ(congruence_text(organisation(model, flows, day(9))), "1 of 2 edges between squads is declared");
}

TEST(Organisation, OfOneSquadIsWhatConcernsIt) {
  const auto model = model_of(profile("a", "with: b, mode: x-as-a-service"));
  const std::vector flows{wrote("app-a", 1), read("app-b", 1), read("app-c", 1)};
  const auto of_c = only_of(organisation(model, flows, day(9)), SquadName("c"));
  EXPECT_THAT(paths_of(of_c), ElementsAre("a>a.t>c"));
  ASSERT_EQ(of_c.loads.size(), 1U);
  EXPECT_EQ(of_c.loads[0].squad.text(), "c");
}

TEST(Organisation, WhatSomebodyWroteStaysWithinItsLine) {
  Organisation answer;
  answer.unused.push_back({SquadName("a"), {}, false});
  answer.unused[0].interaction.purpose = "prices\nload\n  a: products 9\x1b[2K";
  EXPECT_THAT(rendered(answer), testing::HasSubstr("prices load   a: products 9 [2K ("));
}

TEST(Load, CountsAnApplicationOnceHoweverOftenItReads) {
  const std::vector flows{read("app-b", 1), read("app-b", 2), read("app-b", 2, "a.undeclared"),
                          read("app-c", 1), read("app-a", 1), wrote("app-b", 1)};
  const auto loads = loads_of(model_of(), flows);
  EXPECT_EQ(loads.at(0).squad.text(), "a");
  EXPECT_EQ(loads[0].consumers, 2U);
  EXPECT_EQ(loads[0].topics, 1U)
      << "a topic that no contract declares is the prefix owner's to read, and no topic of it";
  EXPECT_EQ(loads[1].consumers, 0U);
}

TEST(Load, IsToldPerMemberInHundredthsRounded) {
  Load load;
  EXPECT_EQ(hundredths_per_member(load, 1), std::nullopt);
  load.headcount = 3;
  EXPECT_EQ(hundredths_per_member(load, 0), 0);
  EXPECT_EQ(hundredths_per_member(load, 1), 33);
  EXPECT_EQ(hundredths_per_member(load, 2), 67);
  load.headcount = 8;
  EXPECT_EQ(hundredths_per_member(load, 1), 13);  // 0.125
}

}  // namespace
}  // namespace myelin::organisation
