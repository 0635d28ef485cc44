#include "review/review.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"
#include "model/timestamp.h"
#include "policy/company_testing.h"
#include "review/diff.h"

namespace myelin::review {
namespace {

using policy::day;
using policy::grant;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kToday = "2026-05-20";

lineage::ReadEdge read(const std::string& principal, const std::string& topic, WallTime last) {
  lineage::ReadEdge edge;
  edge.principal = PrincipalName(principal);
  edge.topic = TopicName(topic);
  edge.first_seen = day("2026-01-02");
  edge.last_seen = last;
  return edge;
}

lineage::WriteEdge write(const std::string& principal, const std::string& topic, WallTime last) {
  lineage::WriteEdge edge;
  edge.principal = PrincipalName(principal);
  edge.topic = TopicName(topic);
  edge.last_seen = last;
  return edge;
}

// The company of the rules' tests: grants to-invoicer (application invoicer, until the end of June), to-billing (a
// squad) and to-petra (a person) are approved.
struct Company {
  model::Model model = policy::company();
  Facts facts{.writes = {},
              .reads = {},
              .topics = {},
              .file_since = {},
              .measured_since = day("2026-01-02"),
              .now = day(kToday)};

  explicit Company(const std::vector<document::Source>& more = {}) : model(policy::company(more)) {}

  // "unused-grant orders: grant to-billing: nothing was read by it for 35 days"
  [[nodiscard]] std::vector<std::string> findings(FindingKind kind) const {
    std::vector<std::string> lines;
    for (const auto& one : reviewed(model, facts)) {
      if (one.kind != kind) continue;
      lines.push_back(fmt::format("{}: {}: {}{}", one.squad.text(), one.what, one.why,
                                  one.edit             ? ""
                                  : one.advice.empty() ? " [no edit]"
                                                       : "; " + one.advice));
    }
    return lines;
  }

  [[nodiscard]] std::string patch_of(const std::string& what) const {
    for (const auto& one : reviewed(model, facts)) {
      if (one.what == what && one.edit) return patch(*edited(model.documents, {*one.edit}));
    }
    return "";
  }
};

document::Source direct_grant(const std::string& rest) {
  return {"myelin/d.yaml", "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: d}\nspec:\n" + rest};
}

TEST(Review, FindsGrantsByWhichNobodyReadForASeason) {
  Company company;
  company.facts.reads = {read("invoicer", "shop.order", day("2026-05-19"))};
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant),
              ElementsAre("orders: grant to-billing: nothing was read by it for 35 days",
                          "orders: grant to-petra: nothing was read by it for 35 days"));
  EXPECT_EQ(company.patch_of("grant to-petra").substr(0, 40), "--- a/grants/d.yaml\n+++ /dev/null\n@@ -1,");
}

TEST(Review, CountsWhoReadsOnceAMonthAsAReader) {
  Company company;
  company.facts.reads = {read("invoicer", "shop.order", day("2026-04-16")),
                         read("ledger", "shop.refund", day("2026-04-14")),
                         read("petra", "shop.order", day("2026-04-14"))};
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant),
              ElementsAre("orders: grant to-billing: nothing was read by it since 2026-04-14",
                          "orders: grant to-petra: nothing was read by it for 35 days"))
      << "of a person no day is told";
}

TEST(Review, DoesNotCallUnusedWhatIsYoungerThanASeason) {
  Company company;
  company.facts.file_since = {
      {"grants/a.yaml", day("2026-05-01")}, {"grants/b.yaml", day("2026-05-01")}, {"grants/d.yaml", day("2026-04-01")}};
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant),
              ElementsAre("orders: grant to-petra: nothing was read by it for 35 days"));
}

TEST(Review, CallsNothingUnusedBeforeItWasWatchedForASeason) {
  Company company;
  company.facts.measured_since = day("2026-05-19");
  company.facts.topics = {TopicName("shop.cart"), TopicName("lost")};
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant), IsEmpty());
  EXPECT_THAT(company.findings(FindingKind::OrphanTopic), IsEmpty());
  company.facts.file_since = {{"grants/b.yaml", day("2026-03-01")}};
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant),
              ElementsAre("orders: grant to-billing: nothing was read by it for 35 days"))
      << "what came into force here was watched since";
}

TEST(Review, RenewsAGrantThatEndsSoonAndIsUsed) {
  Company company;
  company.facts.now = day("2026-06-10");
  EXPECT_THAT(company.findings(FindingKind::EndingGrant), IsEmpty()) << "nobody uses it";
  company.facts.reads = {read("invoicer", "shop.order", day("2026-06-09"))};
  EXPECT_THAT(company.findings(FindingKind::EndingGrant),
              ElementsAre("orders: grant to-invoicer: it ends on 2026-07-01, and is used"));
  const auto text = company.patch_of("grant to-invoicer");
  EXPECT_NE(text.find("-endTimestamp: 2026-06-30\n+endTimestamp: \"2026-09-29\"\n"), std::string::npos) << text;
}

TEST(Review, TakesAwayAGrantThatIsOver) {
  Company company;
  company.facts.now = day("2026-08-01");
  EXPECT_THAT(company.findings(FindingKind::EndedGrant),
              ElementsAre("orders: grant to-invoicer: it ended on 2026-07-01"));
}

TEST(Review, NarrowsADirectGrantToWhatIsDone) {
  Company company(
      {direct_grant("  principal: ledger\n  resource: topic\n  name: shop.order\n  operations: [all, create]\n")});
  EXPECT_THAT(company.findings(FindingKind::UnusedGrant),
              testing::Contains("orders: direct grant d: ledger neither read nor wrote by it for 35 days"));
  company.facts.reads = {read("ledger", "shop.order", day("2026-05-19"))};
  EXPECT_THAT(company.findings(FindingKind::WideGrant),
              ElementsAre("orders: direct grant d: ledger only read for 35 days"));
  const auto text = company.patch_of("direct grant d");
  EXPECT_NE(text.find("-  operations: [all, create]\n+  operations: [read, create]\n"), std::string::npos) << text;
  company.facts.writes = {write("ledger", "shop.order", day("2026-05-19"))};
  EXPECT_THAT(company.findings(FindingKind::WideGrant), IsEmpty());
}

TEST(Review, TellsWhereNoEditNarrowsADirectGrant) {
  Company company({direct_grant(
      "  principal: ledger\n  resource: topic\n  name: shop.order\n  operations:\n    - all\n    - create\n")});
  company.facts.reads = {read("ledger", "shop.order", day("2026-05-19"))};
  EXPECT_THAT(company.findings(FindingKind::WideGrant),
              ElementsAre("orders: direct grant d: ledger only read for 35 days [no edit]"));
}

TEST(Review, FindsTopicsThatNobodyUses) {
  Company company;
  company.facts.topics = {TopicName("shop.cart"), TopicName("shop.order"), TopicName("raw.old"), TopicName("lost")};
  company.facts.writes = {write("checkout-1", "shop.cart", day("2026-03-01"))};
  EXPECT_THAT(
      company.findings(FindingKind::OrphanTopic),
      ElementsAre(": topic lost: nobody was ever seen to write or read it; no document declares it: declare it, or "
                  "delete it once its records may go",
                  "orders: topic raw.old: nobody was ever seen to write or read it; no document declares it: declare "
                  "it, or delete it once its records may go",
                  "orders: topic shop.cart: nobody wrote or read it since 2026-03-01",
                  "orders: topic shop.order: nobody was ever seen to write or read it; product orders offers it: "
                  "take it out of the product's ports first"));
  company.facts.reads = {read("ledger", "shop.cart", day("2026-05-01"))};
  company.facts.topics = {TopicName("shop.cart")};
  EXPECT_THAT(company.findings(FindingKind::OrphanTopic), IsEmpty());
}

TEST(Review, GuessesWhoAnUnknownPrincipalBelongsTo) {
  Company company;
  company.facts.writes = {write("tills-eu", "shop.cart", day("2026-05-19")),
                          write("(lost in power cut)", "shop.cart", day("2026-05-19"))};
  company.facts.reads = {read("CN=old client", "nobody.has.it", day("2026-05-19")),
                         read("gone", "shop.cart", day("2026-02-01"))};
  EXPECT_THAT(company.findings(FindingKind::UnknownPrincipal),
              ElementsAre(": principal CN=old client: it was seen on 2026-05-19, and is in no document; name it in the "
                          "annotation myelin.dev/principals of the application that it is",
                          ": principal tills-eu: it was seen on 2026-05-19, and is in no document"));
  const auto text = company.patch_of("principal tills-eu");
  EXPECT_NE(text.find("+# guess, correct me: tills-eu deals with topics of squad orders\n"), std::string::npos) << text;
}

// Whatever is found, the model with all of its edits is a model, and the findings that had one are gone.
TEST(Review, LeavesAModelWhenAllItsEditsAreMade) {
  Company company({direct_grant("  principal: ledger\n  resource: topic\n  name: shop.order\n  operations: [all]\n")});
  company.facts.topics = {TopicName("shop.cart"), TopicName("shop.refund")};
  company.facts.reads = {read("ledger", "shop.order", day("2026-05-19")),
                         read("tills", "shop.refund", day("2026-05-19"))};
  std::vector<Edit> edits;
  for (const auto& one : reviewed(company.model, company.facts)) {
    if (one.edit) edits.push_back(*one.edit);
  }
  EXPECT_EQ(edits.size(), 6U);
  std::map<std::string, std::string> files;
  for (const auto& one : company.model.documents) files[one.source->file] = one.source->text;
  for (const auto& change : *edited(company.model.documents, edits)) {
    files.erase(change.file);
    if (change.after) files[change.file] = *change.after;
  }
  std::vector<document::Source> sources;
  for (auto& [file, text] : files) sources.push_back({file, std::move(text)});
  const auto loaded = model::load(std::move(sources));
  EXPECT_EQ(document::listed(loaded.problems), "");
  for (const auto& one : reviewed(loaded.model, company.facts)) {
    EXPECT_FALSE(one.edit) << one.what << ": " << one.why;
  }
}

}  // namespace
}  // namespace myelin::review
