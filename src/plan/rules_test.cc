#include "plan/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kOrganisation =
    "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: retail}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
    "metadata: {name: store-systems, annotations: {myelin.dev/domain: retail}}\nspec: {type: team}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
    "metadata: {name: billing, annotations: {myelin.dev/domain: retail}}\nspec: {type: team}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    "metadata: {name: invoicing, annotations: {myelin.dev/principals: invoicing-1}}\nspec: {owner: billing}\n";
constexpr std::string_view kContract =
    "apiVersion: v3.1.0\nkind: DataContract\nid: store-sale\nversion: 1.0.0\nstatus: active\n"
    "team: {name: store-systems}\ntags: [money, 7, 1.5, true]\nschema:\n"
    "  - physicalType: topic\n    physicalName: store.sale\n    description: One sale.\n"
    "    properties: [{name: card, classification: restricted}]\n"
    "    customProperties:\n      - {property: partitions, value: 6, vendor: myelin}\n"
    "      - {property: retentionHours, value: 72, vendor: myelin}\n"
    "      - {property: durability, value: synced, vendor: myelin}\n";
constexpr std::string_view kProduct =
    "apiVersion: v1.0.0\nkind: DataProduct\nid: store-sales\nstatus: active\nteam: {name: store-systems}\n"
    "outputPorts:\n  - {name: sale, version: 1.0.0, contractId: store-sale}\n";
constexpr std::string_view kGrant =
    "apiVersion: v0.9.0\nkind: AccessAgreement\nid: sales-for-billing\nstatus: approved\n"
    "startTimestamp: 2026-01-01\nendTimestamp: 2026-01-31\ndescription: {purpose: invoices}\n"
    "provider: {teamId: store-systems, dataProductId: store-sales, outputPortId: sale}\n"
    "consumer: {teamId: billing}\n";
constexpr std::string_view kDirectGrant =
    "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: invoices}\n"
    "spec: {principal: invoicing-1, resource: topic, name: store., pattern: prefixed, operations: [read, describe]}\n";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  EXPECT_NE(changed.find(from), std::string::npos);
  return changed.replace(changed.find(from), from.size(), to);
}

model::Model with(const std::string& about, const std::string& must, const std::string& contract,
                  const std::string& more = "") {
  auto loaded =
      model::load({{"org/org.yaml", std::string(kOrganisation)},
                   {"contracts/sale.odcs.yaml", contract},
                   {"products/sales.odps.yaml", std::string(kProduct)},
                   {"grants/billing.yaml", std::string(kGrant)},
                   {"myelin/grant.yaml", std::string(kDirectGrant)},
                   {"myelin/policy.yaml",
                    "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: company}\nspec:\n"
                    "  rules:\n    - name: it\n      about: " +
                        about + "\n      owner: billing\n      principle: so it is\n      must: |-\n        " + must +
                        "\n      message: do it\n      rung: block\n" + more}});
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

// What does not obey a rule in an unchanged model.
std::size_t disobeying(const std::string& about, const std::string& must, const std::string& more = "") {
  const auto model = with(about, must, std::string(kContract), more);
  const auto verdicts = rule_verdicts(model, model);
  EXPECT_THAT(verdicts.findings, IsEmpty()) << "nothing was changed";
  return verdicts.counts.front().disobeying;
}

TEST(Rules, AreToldWhatATopicIs) {
  EXPECT_EQ(disobeying("topic", R"(topic.name == "store.sale" && topic.description == "One sale.")"), 0U);
  EXPECT_EQ(disobeying("topic", R"(topic.partitions == 6 && topic.retention_hours == 72)"), 0U);
  EXPECT_EQ(disobeying("topic", R"(topic.durability == "synced" && !has(topic.compacted) && !has(topic.title))"), 0U);
  EXPECT_EQ(disobeying("topic", R"(topic.contract == "store-sale" && topic.product == "store-sales")"), 0U);
  EXPECT_EQ(disobeying("topic", R"(schema.properties.all(p, p.classification == "restricted"))"), 0U);
  EXPECT_EQ(disobeying("topic", R"(squad == "store-systems" && domain == "retail")"), 0U);
  EXPECT_EQ(disobeying("topic", R"(document.tags == ["money", 7, 1.5, true])"), 0U);
  EXPECT_EQ(disobeying("topic", R"(topic.partitions < 6)"), 1U);
}

TEST(Rules, AreToldWhatDocumentsAre) {
  EXPECT_EQ(disobeying("contract", R"(contract.id == "store-sale" && contract.topics == ["store.sale"])"), 0U);
  EXPECT_EQ(disobeying("contract", R"(contract.version == "1.0.0" && contract.status == "active")"), 0U);
  EXPECT_EQ(disobeying("product", R"(product.name == "store-sales" && product.ports == ["sale"])"), 0U);
  EXPECT_EQ(disobeying("product", R"(product.id == "store-sales" && !has(product.mode))"), 0U);
  EXPECT_EQ(disobeying("grant", R"(grant.id == "sales-for-billing" && grant.product == "store-sales")"), 0U);
  EXPECT_EQ(disobeying("grant", R"(grant.port == "sale" && grant.topics == ["store.sale"] && grant.days == 31)"), 0U);
  EXPECT_EQ(disobeying("grant", R"(grant.squad == "billing" && squad == "store-systems")"), 0U);
  EXPECT_EQ(disobeying("grant", R"(grant.purpose == "invoices" && grant.status == "approved")"), 0U);
  EXPECT_EQ(disobeying("direct_grant", R"(direct_grant.id == "invoices" && direct_grant.principal == "invoicing-1")"),
            0U);
  EXPECT_EQ(disobeying("direct_grant", R"(direct_grant.resource == "topic" && direct_grant.name == "store.")"), 0U);
  EXPECT_EQ(disobeying("direct_grant",
                       R"(direct_grant.pattern == "prefixed" && direct_grant.operations == ["read", "describe"])"),
            0U);
}

TEST(Rules, AreAboutTheirScopeOnly) {
  EXPECT_EQ(disobeying("topic", "false"), 1U);
  EXPECT_EQ(disobeying("topic", "false", "      scope: {squads: [store-systems]}\n"), 1U);
  EXPECT_EQ(disobeying("topic", "false", "      scope: {squads: [billing]}\n"), 0U);
  EXPECT_EQ(disobeying("topic", "false", "      scope: {domains: [retail]}\n"), 1U);
}

// "new topic store.sale" of what a change of the contract brings, under a rule that topics have at most 6 partitions.
std::vector<std::string> found(const std::string& before, const std::string& after) {
  std::vector<std::string> texts;
  constexpr const char* kMust = "topic.partitions <= 6";
  for (const auto& finding : rule_verdicts(with("topic", kMust, before), with("topic", kMust, after)).findings) {
    texts.push_back((finding.is_new ? "new " : "still ") + finding.what);
  }
  return texts;
}

TEST(Rules, TellWhatIsNewFromWhatIsTouched) {
  const std::string fine(kContract);
  const auto wide = replaced(fine, "value: 6", "value: 7");
  const auto worded = replaced(wide, "One sale.", "A sale.");
  const auto elsewhere = replaced(wide, "version: 1.0.0", "version: 1.1.0");
  EXPECT_THAT(found(fine, wide), ElementsAre("new topic store.sale"));
  EXPECT_THAT(found(wide, worded), ElementsAre("still topic store.sale"));
  EXPECT_THAT(found(wide, elsewhere), IsEmpty()) << "the topic's own entry is as it was";
  EXPECT_THAT(found(wide, fine), IsEmpty());
}

TEST(Rules, CountWhatTheyFindAndHowTheirRungMoves) {
  const auto before = with("topic", "true", std::string(kContract));
  auto after = with("topic", "false", std::string(kContract));
  after.policy.rules.front().rung = model::Rung::Warn;
  const auto verdicts = rule_verdicts(before, after);
  ASSERT_EQ(verdicts.counts.size(), 1U);
  const auto& count = verdicts.counts.front();
  EXPECT_EQ(count.rule, "it");
  EXPECT_EQ(count.before, model::Rung::Block);
  EXPECT_EQ(count.rung, model::Rung::Warn);
  EXPECT_EQ(count.disobeying, 1U);
  EXPECT_EQ(count.disobeying_newly, 0U) << "the document is as it was: only the rule is new";
}

TEST(Rules, SayWhoWhatWhereAndWhy) {
  const auto before = with("topic", "topic.partitions <= 6", std::string(kContract));
  const auto after = with("topic", "topic.partitions <= 6", replaced(kContract, "value: 6", "value: 7"));
  EXPECT_EQ(described(rule_verdicts(before, after).findings.front()),
            "rule it: topic store.sale (contracts/sale.odcs.yaml:10:19): do it; it serves \"so it is\"; ask squad "
            "billing");
}

}  // namespace
}  // namespace myelin::plan
