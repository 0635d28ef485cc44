#include "adopt/prefixes.h"

#include <gmock/gmock.h>

namespace myelin::adopt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NewApplication application(const char* name, const char* squad) { return {name, SquadName(squad), {}, "", ""}; }

std::vector<std::string> prefixes_of_till(const std::set<std::string>& used, const Holders& holders) {
  std::vector<NewApplication> applications{application("till", "stores")};
  guess_prefixes(applications, {{"till", used}}, holders, {});
  return applications.front().prefixes;
}

TEST(Prefixes, AreTheApplicationsNameAndTheFirstWordOfWhatItAloneUses) {
  EXPECT_THAT(prefixes_of_till({"pos.sale"}, {{"pos.sale", {SquadName("stores")}}}), ElementsAre("till", "pos"));
}

TEST(Prefixes, TakeMoreWordsWhereAnotherSquadUsesTheFirst) {
  EXPECT_THAT(
      prefixes_of_till({"pos.sale.eu"}, {{"pos.sale.eu", {SquadName("stores")}}, {"pos.fraud", {SquadName("risk")}}}),
      ElementsAre("till", "pos.sale"));
}

TEST(Prefixes, AreNotMadeOfANameThatTwoSquadsUse) {
  EXPECT_THAT(prefixes_of_till({"pos.sale"}, {{"pos.sale", {SquadName("stores"), SquadName("risk")}}}),
              ElementsAre("till"));
}

TEST(Prefixes, LeaveOutTheApplicationsNameWhereAnotherSquadUsesIt) {
  EXPECT_THAT(prefixes_of_till({}, {{"till-audit", {SquadName("risk")}}}), IsEmpty());
}

TEST(Prefixes, OfOneSquadNeverLieWithinThoseOfAnother) {
  std::vector<NewApplication> applications{application("till", "stores"), application("till.audit", "risk")};
  guess_prefixes(applications, {}, {}, {});
  EXPECT_THAT(applications[0].prefixes, ElementsAre("till"));
  EXPECT_THAT(applications[1].prefixes, IsEmpty());
}

}  // namespace
}  // namespace myelin::adopt
