// Ids of a directory, and former names of squads.
#include <gtest/gtest.h>

#include "model/load.h"
#include "model/ownership.h"
#include "model/who.h"

namespace myelin::model {
namespace {

constexpr const char* kKind = "apiVersion: backstage.io/v1alpha1\nkind: ";

std::string group(const std::string& name, const std::string& annotations) {
  return kKind + ("Group\nmetadata: {name: " + name) + ", annotations: {myelin.dev/domain: shop" + annotations +
         "}}\nspec: {type: team}\n";
}

Loaded loaded(const std::string& documents) {
  return load({{"org/a.yaml", kKind + std::string("Domain\nmetadata: {name: shop}\n---\n") + documents}});
}

TEST(FormerNames, LeadToTheSquadOfToday) {
  const auto company = loaded(group("orders", ", myelin.dev/formerly: \"checkout, tills\""));
  ASSERT_EQ(document::listed(company.problems), "");
  EXPECT_EQ(present_squad(company.model, SquadName("tills")), SquadName("orders"));
  EXPECT_EQ(present_squad(company.model, SquadName("orders")), SquadName("orders"));
  EXPECT_EQ(present_squad(company.model, SquadName("nobody")), SquadName("nobody"));
  const auto answers = who(company.model, "checkout", WallTime());
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_EQ(answers->size(), 1U);
  EXPECT_EQ(answers->front().name, "orders");
  EXPECT_EQ(answers->front().kind, ThingKind::Squad);
}

TEST(FormerNames, AreFoundBesideOtherThingsOfThatName) {
  const auto company = loaded(group("orders", ", myelin.dev/formerly: tills") + "---\n" + kKind +
                              "Component\nmetadata: {name: tills}\nspec: {owner: orders}\n");
  ASSERT_EQ(document::listed(company.problems), "");
  const auto answers = who(company.model, "tills", WallTime());
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_EQ(answers->size(), 2U);
  EXPECT_EQ(answers->front().kind, ThingKind::Application);
  EXPECT_EQ(answers->back().name, "orders");
}

TEST(FormerNames, GiveWayToAGroupThatHasTheNameToday) {
  const auto company = loaded(group("orders", ", myelin.dev/formerly: tills") + "---\n" + group("tills", ""));
  ASSERT_EQ(document::listed(company.problems), "");
  EXPECT_EQ(present_squad(company.model, SquadName("tills")), SquadName("tills"));
}

TEST(FormerNames, AreOneSquadsEach) {
  EXPECT_EQ(
      document::listed(
          loaded(group("a", ", myelin.dev/formerly: x") + "---\n" + group("b", ", myelin.dev/formerly: x")).problems),
      "org/a.yaml:12:81: \"x\" is a former name of Group \"a\" at org/a.yaml:7:18 too; expected one\n");
  EXPECT_EQ(
      document::listed(loaded(group("a", ", myelin.dev/formerly: -x")).problems),
      "org/a.yaml:7:81: former name \"-x\": expected up to 63 letters, digits, '-', '_' and '.', with a letter or "
      "digit at both ends\n");
}

TEST(DirectoryIds, AreOneEntitysEach) {
  EXPECT_EQ(document::listed(loaded(group("a", ", myelin.dev/directory-id: g-1") + "---\n" +
                                    group("b", ", myelin.dev/directory-id: g-1"))
                                 .problems),
            "org/a.yaml:12:85: myelin.dev/directory-id \"g-1\" is there twice; \"a\" at org/a.yaml:7:18 has it too\n");
  EXPECT_EQ(document::listed(loaded(group("a", ", myelin.dev/directory-id: \"\"")).problems),
            "org/a.yaml:7:85: annotation myelin.dev/directory-id is empty; write the id, or leave it out\n");
}

}  // namespace
}  // namespace myelin::model
