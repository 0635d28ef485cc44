#include "model/team.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"
#include "model/timestamp.h"
#include "model/who.h"

namespace myelin::model {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kOrg = R"(apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: retail}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: stores, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: billing, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
)";
const std::string kProfile = R"(apiVersion: myelin.dev/v1alpha1
kind: TeamProfile
metadata: {name: stores-team}
spec:
  squad: stores
  type: stream-aligned
  headcount: 7
  on_call: "#stores-on-call"
  interactions:
    - {with: billing, mode: collaboration, purpose: One price., until: 2026-12-31}
    - {with: billing, mode: x-as-a-service, purpose: Sales.}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Loaded loaded(const std::string& profiles) { return load({{"org/o.yaml", kOrg}, {"myelin/teams.yaml", profiles}}); }
std::string problems_of(const std::string& profiles) { return document::listed(loaded(profiles).problems); }

TEST(TeamProfile, SaysWhatASquadIsAndWithWhomItWorks) {
  const auto read = loaded(kProfile);
  ASSERT_THAT(document::listed(read.problems), IsEmpty());
  const auto& profile = read.model.team_profiles.at(SquadName("stores"));
  EXPECT_EQ(profile.name, "stores-team");
  EXPECT_EQ(profile.type, SquadType::StreamAligned);
  EXPECT_EQ(profile.headcount, 7);
  EXPECT_EQ(profile.on_call, "#stores-on-call");
  ASSERT_EQ(profile.interactions.size(), 2U);
  const auto& first = profile.interactions[0];
  EXPECT_EQ(first.with, SquadName("billing"));
  EXPECT_EQ(first.mode, InteractionMode::Collaboration);
  EXPECT_EQ(first.purpose, "One price.");
  EXPECT_EQ(first.place.text(), "myelin/teams.yaml:10:7");
  EXPECT_FALSE(profile.interactions[1].until.has_value());
}

TEST(TeamProfile, ADateMeansUntilItsEndAsInAGrant) {
  const auto read = loaded(kProfile);
  const auto& until = read.model.team_profiles.at(SquadName("stores")).interactions.at(0);
  const auto at = [](std::string_view text) { return *parse_timestamp(text, DateMeans::StartOfDay); };
  EXPECT_FALSE(until.has_ended(at("2026-12-31T23:59:59Z")));
  EXPECT_TRUE(until.has_ended(at("2027-01-01T00:00:00Z")));
}

TEST(TeamProfile, IsShownByWho) {
  const auto read = loaded(kProfile);
  const auto text = rendered(*who(read.model, "stores", {}));
  EXPECT_THAT(text, HasSubstr("stream-aligned"));
  EXPECT_THAT(text, HasSubstr("#stores-on-call"));
}

TEST(TeamProfile, HasNoFieldThatNobodyReads) {
  EXPECT_EQ(problems_of(replaced(kProfile, "headcount: 7", "head_count: 7")),
            "myelin/teams.yaml:7:3: spec.head_count is not a field here; did you mean \"headcount\"?; use squad, type, "
            "headcount, on_call or interactions\n");
}

TEST(TeamProfile, NamesWhatIsWrongAndWhatIsNearest) {
  EXPECT_EQ(problems_of(replaced(kProfile, "squad: stores", "squad: storse")),
            "myelin/teams.yaml:5:10: Group \"storse\" is not declared; did you mean \"stores\"?\n");
  EXPECT_EQ(problems_of(replaced(kProfile, "type: stream-aligned", "type: stream-alined")),
            "myelin/teams.yaml:6:9: spec.type \"stream-alined\" is unknown; use stream-aligned, platform, enabling or "
            "complicated-subsystem; did you mean \"stream-aligned\"?\n");
  EXPECT_EQ(problems_of(replaced(kProfile, "with: billing", "with: biling")),
            "myelin/teams.yaml:10:14: Group \"biling\" is not declared; did you mean \"billing\"?\n");
  EXPECT_EQ(problems_of(replaced(kProfile, "headcount: 7", "headcount: 0")),
            "myelin/teams.yaml:7:14: spec.headcount is 0, expected a whole number from 1 to 1000\n");
  EXPECT_EQ(problems_of(replaced(kProfile, "headcount: 7", "headcount: 1001")),
            "myelin/teams.yaml:7:14: spec.headcount is 1001, expected a whole number from 1 to 1000\n");
  EXPECT_EQ(problems_of(replaced(kProfile, "until: 2026-12-31", "until: soon")),
            "myelin/teams.yaml:10:72: spec.interactions[0].until \"soon\" is not a time; expected a form like "
            "2026-07-01T00:00:00Z or 2026-07-01\n");
}

TEST(TeamProfile, WhatIsForAWhileHasAnEnd) {
  EXPECT_EQ(problems_of(replaced(kProfile, ", until: 2026-12-31", "")),
            "myelin/teams.yaml:10:7: spec.interactions[0].until is missing; collaboration has an end: expected a form "
            "like 2026-07-01T00:00:00Z or 2026-07-01\n");
  EXPECT_THAT(problems_of(replaced(kProfile, "mode: x-as-a-service", "mode: facilitating")),
              HasSubstr("11:7: spec.interactions[1].until is missing; facilitating has an end"));
}

TEST(TeamProfile, IsOneForASquad) {
  const std::string second = R"(---
apiVersion: myelin.dev/v1alpha1
kind: TeamProfile
metadata: {name: again}
spec: {squad: stores, type: enabling}
)";
  EXPECT_EQ(problems_of(kProfile + second),
            "myelin/teams.yaml:16:15: Group \"stores\" has a second TeamProfile; the first, \"stores-team\", stands at "
            "myelin/teams.yaml:3:18\n");
  EXPECT_EQ(
      problems_of(kProfile + replaced(replaced(second, "again", "stores-team"), "squad: stores", "squad: billing")),
      "myelin/teams.yaml:15:18: TeamProfile \"stores-team\" is declared twice; the first stands at "
      "myelin/teams.yaml:3:18\n");
}

TEST(TeamProfile, NobodyInteractsWithItself) {
  EXPECT_EQ(problems_of(replaced(kProfile, "with: billing", "with: stores")),
            "myelin/teams.yaml:10:14: Group \"stores\" would interact with itself; expected another squad\n");
}

TEST(TeamProfile, AnInteractionIsDeclaredOnce) {
  const auto twice = kProfile + "    - {with: billing, mode: x-as-a-service, purpose: Once more.}\n";
  EXPECT_EQ(
      problems_of(twice),
      "myelin/teams.yaml:12:7: x-as-a-service of \"stores\" with \"billing\" is declared twice; the first stands at "
      "myelin/teams.yaml:11:7\n");
}

// What two do together is one thing; what one does for the other may go both ways.
TEST(TeamProfile, OnlyACollaborationIsTheSameFromTheOtherSide) {
  const auto other = [](const std::string& mode) {
    return kProfile + R"(---
apiVersion: myelin.dev/v1alpha1
kind: TeamProfile
metadata: {name: billing}
spec:
  squad: billing
  type: stream-aligned
  interactions:
    - {with: stores, mode: )" +
           mode + ", purpose: Back., until: 2026-12-31}\n";
  };
  EXPECT_EQ(
      problems_of(other("collaboration")),
      "myelin/teams.yaml:20:7: collaboration of \"billing\" with \"stores\" is declared twice; the first stands at "
      "myelin/teams.yaml:10:7\n");
  EXPECT_THAT(problems_of(other("x-as-a-service")), IsEmpty());
}

}  // namespace
}  // namespace myelin::model
