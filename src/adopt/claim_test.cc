// One topic that a squad says is its own, on a server where others use it, too.
#include "adopt/claim.h"

#include <gmock/gmock.h>

#include "adopt/facts_testing.h"

namespace myelin::adopt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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
metadata: {name: finance, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: tills, annotations: {myelin.dev/principals: "till-eu till-us"}}
spec: {owner: stores}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: billing, annotations: {myelin.dev/principals: billing}}
spec: {owner: finance}
)";

// Tills write sales, billing reads and corrects them; a dashboard that no document knows reads them, too.
Server shop() {
  Server server;
  server.documents = {{"org/shop.yaml", kOrg}};
  server.topic("pos.sale", 3).topic("pos.till", 1).topic("dashboard.click", 1);
  server.writes("till-eu", "pos.sale", 800).writes("till-us", "pos.sale", 100).writes("billing", "pos.sale", 100);
  server.reads("billing", "pos.sale", 1000).reads("dashboard", "pos.sale", 50);
  server.writes("till-eu", "pos.till", 5).reads("stranger", "pos.till", 5).writes("stranger", "dashboard.click", 1);
  return server;
}

Folder claimed(const Server& server, const char* topic, const char* squad) {
  auto folder = claim_of(server.facts(), {TopicName(topic), SquadName(squad)});
  EXPECT_TRUE(folder) << folder.error().message;
  return folder ? *std::move(folder) : Folder();
}

TEST(Claim, IsOfOneTopicAndOfThoseWhoUseIt) {
  const auto folder = claimed(shop(), "pos.sale", "stores");
  EXPECT_THAT(
      paths_of(folder),
      ElementsAre("contracts/pos.sale.odcs.yaml", "grants/pos.sale.yaml", "myelin/billing.yaml", "myelin/policy.yaml",
                  "org/dashboard.yaml", "org/domain-adopted.yaml", "org/platform.yaml", "products/pos.sale.odps.yaml"));
  EXPECT_EQ(folder.topics, 1U);
  EXPECT_EQ(folder.grants, 2U);
  EXPECT_EQ(folder.direct_grants, 1U);
}

TEST(Claim, SaysWhoseItIsWithItsEvidenceAndWithoutAGuess) {
  const auto contract = text_of(claimed(shop(), "pos.sale", "stores"), "contracts/pos.sale.odcs.yaml");
  EXPECT_THAT(contract, HasSubstr("# claimed for squad stores: till-eu wrote 80 % of its 1,000 records; last on "
                                  "2026-11-22\nteam: {name: stores}\n"));
  EXPECT_THAT(contract, Not(HasSubstr("guess")));
}

TEST(Claim, OfWhoWroteLessNamesTheSquadThatWroteMost) {
  EXPECT_THAT(text_of(claimed(shop(), "pos.sale", "finance"), "contracts/pos.sale.odcs.yaml"),
              HasSubstr("# claimed for squad finance: till-eu wrote 80 % of its 1,000 records; last on 2026-11-22, "
                        "which would be squad stores's\nteam: {name: finance}\n"));
}

// By what the documents say, without rules that only report.
bool may(const Server& server, const Folder& folder, const char* principal, policy::Operation operation,
         const char* topic) {
  auto sources = server.documents;
  sources.insert(sources.end(), folder.files.begin(), folder.files.end());
  auto loaded = model::load(std::move(sources));
  EXPECT_TRUE(loaded.ok()) << document::listed(loaded.problems);
  policy::Settings strict;
  strict.undeclared_topics = model::UndeclaredTopics::Closed;
  const auto policy = policy::Snapshot::build(std::make_shared<const model::Model>(std::move(loaded.model)), strict);
  return policy
      ->decide(policy->subject(PrincipalName(principal)), operation, policy::Resource::topic(TopicName(topic)),
               day("2026-11-23"))
      .allowed;
}

TEST(Claim, ShutsNobodyOutWhoWorksThere) {
  const auto server = shop();
  for (const auto* squad : {"stores", "finance"}) {
    const auto folder = claimed(server, "pos.sale", squad);
    for (const auto* writer : {"till-eu", "till-us", "billing"}) {
      EXPECT_TRUE(may(server, folder, writer, policy::Operation::Write, "pos.sale")) << writer << " " << squad;
    }
    for (const auto* reader : {"billing", "dashboard"}) {
      EXPECT_TRUE(may(server, folder, reader, policy::Operation::Read, "pos.sale")) << reader << " " << squad;
    }
    EXPECT_FALSE(may(server, folder, "stranger", policy::Operation::Read, "pos.sale")) << squad;
  }
}

TEST(Claim, TakesNoOtherTopicByAPrefix) {
  auto server = shop();
  server.reads("gauge", "pos.sale", 1).topic("gauge.unused", 1);
  const auto folder = claimed(server, "pos.sale", "stores");
  EXPECT_FALSE(may(server, folder, "gauge", policy::Operation::Write, "gauge.unused"));
  EXPECT_FALSE(may(server, folder, "dashboard", policy::Operation::Write, "dashboard.click"));
  EXPECT_FALSE(may(server, folder, "till-eu", policy::Operation::Write, "pos.till"));
}

TEST(Claim, TakesAGuessThatIsInForceForWhatWasSaid) {
  auto server = shop();
  for (const auto& file : server.adopted().files) server.documents.push_back(file);
  const auto* contract = "contracts/pos.sale.odcs.yaml";
  const auto folder = claimed(server, "pos.sale", "stores");
  EXPECT_THAT(paths_of(folder), ElementsAre(contract));
  EXPECT_EQ(text_of(folder, contract), R"(apiVersion: v3.2.0
kind: DataContract
id: pos.sale
name: pos.sale
version: 1.0.0
status: active
# claimed for squad stores: till-eu wrote 80 % of its 1,000 records; last on 2026-11-22
team: {name: stores}
schema:
  - name: pos.sale
    physicalName: pos.sale
    physicalType: topic
    customProperties:
      - {property: partitions, value: 3, vendor: myelin}
)");
  for (auto& document : server.documents) {
    if (document.file == contract) document = folder.files.front();
  }
  EXPECT_EQ(claim_of(server.facts(), {TopicName("pos.sale"), SquadName("stores")}).error().message,
            "topic pos.sale is squad stores's, at contracts/pos.sale.odcs.yaml:11:19, and that is no guess");
}

TEST(Claim, IsRefusedForWhatIsNotThereOrDeclaredOrCantBe) {
  auto server = shop();
  const auto error = [&](const char* topic, const char* squad) {
    return claim_of(server.facts(), {TopicName(topic), SquadName(squad)}).error();
  };
  EXPECT_EQ(error("pos.sales", "stores").message, "there is no topic pos.sales");
  server.topic("__consumer_offsets", 50);
  EXPECT_EQ(error("__consumer_offsets", "stores").code, Code::NotFound);
  EXPECT_EQ(error("pos.sale", "store").message, "there is no squad store; did you mean \"stores\"?");
  server.reads("a, b", "pos.till", 1);
  EXPECT_EQ(error("pos.till", "stores").message, "topic pos.till: a, b uses it, which no document can name");
  for (const auto& file : claimed(server, "pos.sale", "stores").files) server.documents.push_back(file);
  EXPECT_EQ(error("pos.sale", "finance").code, Code::Exists);
  EXPECT_EQ(error("pos.sale", "finance").message,
            "topic pos.sale is squad stores's, at contracts/pos.sale.odcs.yaml:11:19: change the document there");
}

TEST(Claim, KnowsTheSquadsThatWriteATopic) {
  auto server = shop();
  server.writes("nobody-known", "pos.sale", 3000);
  const auto writers = writers_of(server.facts(), TopicName("pos.sale"));
  ASSERT_EQ(writers.size(), 3U);
  EXPECT_EQ(writers[0].squad, SquadName());
  EXPECT_EQ(writers[1].squad, SquadName("stores"));
  EXPECT_EQ(writers[1].evidence, "wrote 22 % of its 4,000 records; last on 2026-11-22");
  EXPECT_EQ(writers[2].squad, SquadName("finance"));
  EXPECT_TRUE(writers_of(server.facts(), TopicName("dashboard")).empty());
}

}  // namespace
}  // namespace myelin::adopt
