// A server without documents, and the folder that it would make.
#include "adopt/folder.h"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include "adopt/facts_testing.h"

namespace myelin::adopt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Two tills write their sales, which billing reads, corrects now and then, and turns into invoices.
Server shop() {
  Server server;
  server.topic("pos.sale", 3, {{"retention.ms", "172800000"}})
      .topic("billing.invoice", 6, {{"cleanup.policy", "compact"}});
  server.writes("till-eu", "pos.sale", 12'000).writes("till-us", "pos.sale", 300).writes("billing", "pos.sale", 100);
  server.writes("billing", "billing.invoice", 500);
  server.reads("billing", "pos.sale", 12'400).commits("billing", "billing-sync");
  return server;
}

TEST(Folder, HasAFileForEachSquadTopicProductAndReader) {
  EXPECT_THAT(paths_of(shop().adopted()),
              ElementsAre("contracts/billing.invoice.odcs.yaml", "contracts/pos.sale.odcs.yaml", "grants/pos.sale.yaml",
                          "myelin/billing.yaml", "myelin/policy.yaml", "org/billing.yaml", "org/domain-adopted.yaml",
                          "org/platform.yaml", "org/till.yaml", "products/pos.sale.odps.yaml"));
}

TEST(Folder, MakesOneSquadOfPrincipalsThatShareTheirFirstWord) {
  EXPECT_EQ(text_of(shop().adopted(), "org/till.yaml"), R"(apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: till
  annotations:
    myelin.dev/domain: adopted
spec:
  type: team
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: till
  annotations:
    # guess, correct me: till-eu and till-us differ in their last word only
    myelin.dev/principals: "till-eu, till-us"
    # guess, correct me: no other squad was seen to use a name that begins so
    myelin.dev/prefixes: till
spec:
  type: service
  lifecycle: production
  # guess, correct me: till-eu and till-us share the first word "till"; last seen on 2026-11-22
  owner: till
)");
}

TEST(Folder, GivesATopicToWhoWroteMostOfItAndDeclaresItAsItIs) {
  EXPECT_EQ(text_of(shop().adopted(), "contracts/pos.sale.odcs.yaml"), R"(apiVersion: v3.2.0
kind: DataContract
id: pos.sale
name: pos.sale
version: 1.0.0
status: active
# guess, correct me: till-eu wrote 96 % of its 12,400 records; last on 2026-11-22
team: {name: till}
schema:
  - name: pos.sale
    physicalName: pos.sale
    physicalType: topic
    customProperties:
      - {property: partitions, value: 3, vendor: myelin}
      - {property: retentionHours, value: 48, vendor: myelin}
)");
}

TEST(Folder, OffersWhatAnotherSquadReadsAsAProductAndGrantsIt) {
  const auto folder = shop().adopted();
  EXPECT_EQ(text_of(folder, "products/pos.sale.odps.yaml"), R"(apiVersion: v1.0.0
kind: DataProduct
id: pos.sale
name: pos.sale
version: 1.0.0
status: active
description:
  # guess, correct me: read by billing; nobody said what for
  purpose: Adopted, since other squads read it.
team: {name: till}
outputPorts:
  - {name: pos.sale, version: 1.0.0, type: kafka, contractId: pos.sale}
)");
  EXPECT_EQ(text_of(folder, "grants/pos.sale.yaml"), R"(apiVersion: v0.9.0
kind: AccessAgreement
id: pos.sale-for-billing
status: approved
description:
  purpose: Adopted, since it was read before there were documents.
provider: {teamId: till, dataProductId: pos.sale, outputPortId: pos.sale}
# guess, correct me: billing was served 12,400 offsets of it; last on 2026-11-21
consumer: {teamId: billing}
customProperties:
  - {property: application, value: billing, vendor: myelin}
)");
}

TEST(Folder, LetsAForeignWriterGoOnWithADirectGrant) {
  EXPECT_EQ(
      text_of(shop().adopted(), "myelin/billing.yaml"),
      R"(# guess, correct me: billing wrote less than 1 % of its 12,400 records, which another squad owns; last on 2026-11-22
apiVersion: myelin.dev/v1alpha1
kind: DirectGrant
metadata: {name: billing-topic-pos.sale}
spec:
  principal: billing
  resource: topic
  name: pos.sale
  pattern: literal
  operations: [write]
)");
}

TEST(Folder, MakesWhoActsAsPlatformThePlatformGroup) {
  const auto folder = shop().adopted();
  EXPECT_EQ(text_of(folder, "org/platform.yaml"), R"(apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: platform
  annotations:
    myelin.dev/domain: adopted
spec:
  type: team
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: ada.okafor
spec:
  # guess, correct me: ada.okafor acts as platform by enrolment or a setting
  memberOf: [platform]
)");
  EXPECT_EQ(text_of(folder, "myelin/policy.yaml"), R"(apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: adopted}
spec:
  platform_group: platform
  undeclared_topics: report
)");
}

TEST(Folder, ListsEachGuessWithItsPlaceAndEvidence) {
  const auto folder = shop().adopted();
  ASSERT_EQ(folder.guesses.size(), 12U);
  EXPECT_EQ(folder.guesses[1].file, "contracts/pos.sale.odcs.yaml");
  EXPECT_EQ(folder.guesses[1].line, 8U);
  EXPECT_EQ(folder.guesses[1].evidence, "till-eu wrote 96 % of its 12,400 records; last on 2026-11-22");
  EXPECT_EQ(folder.topics, 2U);
  EXPECT_EQ(folder.squads, 2U);
  EXPECT_EQ(folder.applications, 2U);
  EXPECT_EQ(folder.grants, 1U);
  EXPECT_EQ(folder.direct_grants, 1U);
  EXPECT_THAT(folder.left_out, IsEmpty());
}

TEST(Folder, IsEmptyWhenNothingWasSeen) { EXPECT_THAT(Server().adopted().files, IsEmpty()); }

TEST(Folder, IsEmptyOnceItsDocumentsAreInForce) {
  auto server = shop();
  server.documents = server.adopted().files;
  const auto again = server.adopted();
  EXPECT_THAT(paths_of(again), IsEmpty());
  EXPECT_THAT(again.left_out, IsEmpty());
}

TEST(Folder, GivesWhatNobodyWroteToThePlatformGroup) {
  Server server;
  server.topic("old.log", 1);
  EXPECT_THAT(text_of(server.adopted(), "contracts/old.log.odcs.yaml"),
              HasSubstr("# guess, correct me: nobody was seen to write to it\nteam: {name: platform}\n"));
}

TEST(Folder, SaysOfATopicOnlyWhatIsNotTheDefault) {
  Server server;
  server.topic("plain", 1);
  EXPECT_THAT(text_of(server.adopted(), "contracts/plain.odcs.yaml"),
              HasSubstr("    customProperties:\n      - {property: partitions, value: 1, vendor: myelin}\n"));
  EXPECT_THAT(text_of(server.adopted(), "contracts/plain.odcs.yaml"), Not(HasSubstr("retentionHours")));
}

TEST(Folder, LeavesOpenWhatAContractHasNoWordsFor) {
  Server server;
  server.topic("odd", 1'200, {{"retention.ms", "-1"}, {"myelin.durability", "os"}});
  EXPECT_THAT(text_of(server.adopted(), "contracts/odd.odcs.yaml"), HasSubstr(R"(    customProperties:
      # partitions is 1200, which a contract has no words for: it stays as it is
      - {property: durability, value: os, vendor: myelin}
      # retention.ms is -1, which a contract has no words for: it stays as it is
)"));
}

TEST(Folder, DeclaresACompactedTopicThatIsDeletedFromToo) {
  Server server;
  server.topic("both", 1, {{"cleanup.policy", "compact,delete"}});
  EXPECT_THAT(text_of(server.adopted(), "contracts/both.odcs.yaml"),
              HasSubstr("      - {property: compacted, value: true, vendor: myelin}\n"
                        "      - {property: retentionHours, value: 168, vendor: myelin}\n"));
}

TEST(Folder, LeavesOutATopicThatSomebodyUsesWhomNoDocumentCanName) {
  Server server;
  server.topic("shared", 1).topic("other", 1).writes("CN=a,OU=b", "shared", 10).writes("till", "shared", 20);
  const auto folder = server.adopted();
  EXPECT_EQ(text_of(folder, "contracts/shared.odcs.yaml"), "there is no such file");
  EXPECT_THAT(folder.left_out, ElementsAre("principal CN=a,OU=b: commas separate names in a document",
                                           "topic shared: CN=a,OU=b uses it, which no document can name"));
}

TEST(Folder, GivesNamesThatDifferInCaseOnlyFilesOfTheirOwn) {
  Server server;
  server.topic("Orders", 1).topic("orders", 1);
  const auto folder = server.adopted();
  EXPECT_THAT(text_of(folder, "contracts/Orders.odcs.yaml"), HasSubstr("id: Orders\n"));
  EXPECT_THAT(text_of(folder, "contracts/orders-2.odcs.yaml"), HasSubstr("id: orders-2\nname: orders-2\n"));
  EXPECT_THAT(text_of(folder, "contracts/orders-2.odcs.yaml"), HasSubstr("physicalName: orders\n"));
}

TEST(Folder, QuotesWhatYamlWouldReadOtherwise) {
  Server server;
  server.topic("123", 1).writes("no", "123", 1).writes("a:b@c", "123", 1);
  const auto folder = server.adopted();
  EXPECT_THAT(text_of(folder, "contracts/123.odcs.yaml"), HasSubstr("physicalName: \"123\"\n"));
  EXPECT_THAT(text_of(folder, "org/no.yaml"), HasSubstr("myelin.dev/principals: \"no\"\n"));
  EXPECT_THAT(text_of(folder, "org/a-b-c.yaml"), HasSubstr("myelin.dev/principals: \"a:b@c\"\n"));
}

TEST(Folder, KeepsEvidenceOnOneLine) {
  Server server;
  server.settings.dev_mode = true;
  server.commits("till", "sync.\nmetadata: {}");
  EXPECT_THAT(text_of(server.adopted(), "org/till.yaml"),
              HasSubstr("    # guess, correct me: of all squads till alone used sync.?metadata: {}\n"
                        "    myelin.dev/prefixes: \"till, sync\"\n"));
}

TEST(Folder, LaysTheTopicsOfASquadTogetherWhereTheyAreMany) {
  Server server;
  for (int number = 0; number < 1'001; ++number) server.topic(fmt::format("log.{}", number).c_str(), 1);
  server.writes("till", "log.7", 1).reads("billing", "log.7", 1);
  const auto folder = server.adopted();
  EXPECT_EQ(folder.topics, 1'001U);
  EXPECT_THAT(paths_of(folder),
              ElementsAre("contracts/platform.odcs.yaml", "contracts/till.odcs.yaml", "grants/till.yaml",
                          "myelin/policy.yaml", "org/billing.yaml", "org/domain-adopted.yaml", "org/platform.yaml",
                          "org/till.yaml", "products/till.odps.yaml"));
}

TEST(Folder, TakesInWhatTheWorkOfAnAnonymousClientLeft) {
  Server server;
  server.settings.dev_mode = true;
  server.topic("log", 1).writes("(anonymous)", "log", 5).reads("(anonymous)", "log", 5);
  const auto folder = server.adopted();
  EXPECT_THAT(
      text_of(folder, "contracts/log.odcs.yaml"),
      HasSubstr("# guess, correct me: of those who wrote its 5 records none is known\nteam: {name: platform}\n"));
  EXPECT_EQ(folder.applications, 0U);
}

TEST(Folder, LetsAPersonOfThePlatformGroupReadOn) {
  Server server;
  server.topic("pos.sale", 1).writes("till", "pos.sale", 5).reads("ada.okafor", "pos.sale", 5);
  EXPECT_THAT(text_of(server.adopted(), "grants/pos.sale.yaml"), HasSubstr("consumer: {userId: ada.okafor}\n"));
}

TEST(Folder, HoldsWhatWasGrantedOverKafkasApiToWhomItMakesKnown) {
  Server server;
  const model::Right right{PrincipalName("till-eu"), model::RightResource::Group, "shared", false,
                           model::RightOperation::Read};
  server.settings.made_grants = std::make_shared<const policy::DirectGrants>(
      policy::DirectGrants{{right, {}, {}, PrincipalName("ada.okafor"), day("2026-11-20")}});
  EXPECT_THAT(server.adopted().files, IsEmpty()) << "who was never seen at work stays unknown, and its grants with it";
  server.writes("till-eu", "pos.sale", 1);
  const auto folder = server.adopted();
  EXPECT_THAT(text_of(folder, "myelin/granted-by-api.yaml"),
              HasSubstr("# read: made by API by ada.okafor at 2026-11-20\n"));
  EXPECT_THAT(text_of(folder, "org/till-eu.yaml"), HasSubstr("myelin.dev/principals: till-eu\n"));
}

}  // namespace
}  // namespace myelin::adopt
