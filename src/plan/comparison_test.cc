#include "plan/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/parse.h"

namespace myelin::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

document::Node node(const std::string& yaml) {
  auto parsed = document::parse({"a.yaml", yaml});
  EXPECT_EQ(document::listed(parsed.problems), "");
  return *parsed.documents.at(0).root;
}

// "PATH: BEFORE > AFTER", with "(none)" for what is new or gone.
std::vector<std::string> changes(const std::string& before, const std::string& after) {
  std::vector<std::string> texts;
  for (const auto& change : differences(node(before), node(after))) {
    texts.push_back(change.path + ": " + change.before.value_or("(none)") + " > " + change.after.value_or("(none)"));
  }
  return texts;
}

TEST(Differences, FindsNoneBetweenTwoLayoutsOfOneDocument) {
  EXPECT_THAT(changes("{kind: Group, spec: {type: team}}", "# our squad\nspec:\n  type: 'team'\nkind: Group\n"),
              IsEmpty());
}

TEST(Differences, NamesAMemberByItsPath) {
  EXPECT_THAT(changes("spec: {owner: web-shop, type: service}", "spec: {owner: billing, type: service}"),
              ElementsAre("spec.owner: web-shop > billing"));
}

TEST(Differences, ListsWhatIsNewInTheOrderWrittenThenWhatIsGone) {
  EXPECT_THAT(changes("{a: 1, b: 2}", "{d: 4, b: 3, c: {x: y}}"),
              ElementsAre("d: (none) > 4", "b: 2 > 3", "c: (none) > {\"x\":\"y\"}", "a: 1 > (none)"));
}

TEST(Differences, TellsANumberFromAText) {
  EXPECT_THAT(changes("version: 1", "version: '1'"), ElementsAre("version: 1 > 1"));
  EXPECT_THAT(changes("tags: [1]", "tags: ['1']"), ElementsAre("tags: (none) > 1", "tags: 1 > (none)"));
  EXPECT_THAT(changes("end:", "end: ''"), ElementsAre("end:  > "));
}

TEST(Differences, WritesAListThatBecameAMapOnOneLine) {
  EXPECT_THAT(changes("team: [{name: ada}]", "team: {name: web-shop}"),
              ElementsAre("team: [{\"name\":\"ada\"}] > {\"name\":\"web-shop\"}"));
}

TEST(Differences, FollowsAnItemByItsNameWhereverItMoved) {
  EXPECT_THAT(changes("schema: [{name: sale, keys: 1}, {name: refund, keys: 1}]",
                      "schema: [{name: refund, keys: 2}, {name: sale, keys: 1}]"),
              ElementsAre("schema[refund].keys: 1 > 2"));
}

TEST(Differences, KnowsItemsByTheMemberThatNamesThem) {
  EXPECT_THAT(changes("customProperties: [{property: partitions, value: 6, vendor: myelin}]",
                      "customProperties: [{property: partitions, value: 12, vendor: myelin}]"),
              ElementsAre("customProperties[partitions].value: 6 > 12"));
  EXPECT_THAT(changes("support: [{channel: '#help', url: a}]", "support: [{channel: '#help', url: b}]"),
              ElementsAre("support[#help].url: a > b"));
  EXPECT_THAT(
      changes("squads: [{squad: billing, connections_max: 3}]", "squads: [{squad: billing, connections_max: 4}]"),
      ElementsAre("squads[billing].connections_max: 3 > 4"));
}

TEST(Differences, KnowsAnInteractionByTheSquadThatItIsWith) {
  EXPECT_THAT(changes("interactions: [{with: a, purpose: x}, {with: b, purpose: y}]",
                      "interactions: [{with: b, purpose: y}, {with: a, purpose: z}]"),
              ElementsAre("interactions[a].purpose: x > z"));
}

TEST(Differences, ListsNamedItemsThatComeAndGo) {
  EXPECT_THAT(changes("ports: [{name: a}, {name: b}]", "ports: [{name: b}, {name: c}]"),
              ElementsAre("ports[c]: (none) > {\"name\":\"c\"}", "ports[a]: {\"name\":\"a\"} > (none)"));
}

TEST(Differences, LetsPlainValuesComeAndGoWhole) {
  EXPECT_THAT(changes("members: [ada, bob]", "members: [bob, cyd]"),
              ElementsAre("members: (none) > cyd", "members: ada > (none)"));
}

TEST(Differences, CountsARepeatedValue) {
  EXPECT_THAT(changes("tags: [a, b]", "tags: [a, b, b]"), ElementsAre("tags: (none) > b"));
  EXPECT_THAT(changes("tags: [b, a, b]", "tags: [a, b]"), ElementsAre("tags: b > (none)"));
}

TEST(Differences, CountsTheOrderOfPlainValues) {
  EXPECT_THAT(changes("memberOf: [web-shop, billing]", "memberOf: [billing, web-shop]"),
              ElementsAre("memberOf: [\"web-shop\",\"billing\"] > [\"billing\",\"web-shop\"]"));
}

TEST(Differences, CountsTheOrderOfItemsThatShareAName) {
  EXPECT_THAT(changes("p: [{property: x, value: 1}, {property: x, value: 2}]",
                      "p: [{property: x, value: 2}, {property: x, value: 1}]"),
              ElementsAre("p: [{\"property\":\"x\",\"value\":1},{\"property\":\"x\",\"value\":2}] > "
                          "[{\"property\":\"x\",\"value\":2},{\"property\":\"x\",\"value\":1}]"));
}

TEST(Differences, TellsAnEmptyListFromNone) {
  EXPECT_THAT(changes("{a: 1}", "{a: 1, members: []}"), ElementsAre("members: (none) > []"));
}

}  // namespace
}  // namespace myelin::plan
