// A server whose model declares a part of what it sees.
#include <gmock/gmock.h>

#include "adopt/facts_testing.h"

namespace myelin::adopt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kOrg = R"(apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: stores, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: tills, annotations: {myelin.dev/principals: till-eu, myelin.dev/prefixes: pos}}
spec: {owner: stores}
)";
constexpr const char* kPolicy = R"(apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: shop}
spec: {platform_group: ops, undeclared_topics: report}
)";

Server stores() {
  Server server;
  server.documents = {{"myelin/policy.yaml", kPolicy}, {"org/stores.yaml", kOrg}};
  return server;
}

TEST(FolderBesideAModel, PutsAPrincipalIntoTheSquadOfThoseWhoAreCalledAlike) {
  auto server = stores();
  server.topic("returns", 1).writes("till-us", "returns", 7);
  const auto folder = server.adopted();
  EXPECT_THAT(paths_of(folder), ElementsAre("contracts/returns.odcs.yaml", "org/stores-2.yaml"));
  EXPECT_THAT(
      text_of(folder, "org/stores-2.yaml"),
      HasSubstr("  # guess, correct me: declared principals of squad stores begin with \"till\" too; last seen on "
                "2026-11-22\n"
                "  owner: stores\n"));
}

TEST(FolderBesideAModel, DeclaresATopicOfADeclaredPrefixAsItsSquadsWithoutAGuess) {
  auto server = stores();
  server.topic("pos.sale", 2).writes("till-eu", "pos.sale", 7);
  EXPECT_THAT(text_of(server.adopted(), "contracts/pos.sale.odcs.yaml"),
              HasSubstr("status: active\nteam: {name: stores}\n"));
}

TEST(FolderBesideAModel, NamesThePlatformGroupThatThereIs) {
  auto server = stores();
  server.topic("old.log", 2);
  const auto folder = server.adopted();
  EXPECT_THAT(paths_of(folder), ElementsAre("contracts/old.log.odcs.yaml"));
  EXPECT_THAT(text_of(folder, "contracts/old.log.odcs.yaml"), HasSubstr("team: {name: ops}\n"));
}

TEST(FolderBesideAModel, GrantsNothingToWhoIsRefusedNow) {
  auto server = stores();
  server.topic("pos.sale", 2).reads("billing", "pos.sale", 7);
  const auto folder = server.adopted();
  EXPECT_EQ(folder.grants, 0U);
  EXPECT_EQ(text_of(folder, "products/pos.sale.odps.yaml"), "there is no such file");
}

TEST(FolderBesideAModel, GuessesNoPrefixThatTakesInANameOfAnotherSquad) {
  auto server = stores();
  server.topic("pos-audit", 1).topic("audit.log", 1).writes("pos", "audit.log", 7).writes("billing", "audit.seen", 1);
  EXPECT_THAT(text_of(server.adopted(), "org/pos.yaml"), HasSubstr("    myelin.dev/prefixes: audit.log\n"));
}

}  // namespace
}  // namespace myelin::adopt
