// Every field of our own kinds has a consumer. A field that is read into the model and asked by nobody looks declared
// and does nothing, which no test of the loader finds. So for each field that a schema declares, its value is changed
// in the example document and something must differ that people notice: a decision, a limit, who is called, or the name
// that a plan and a refusal show. The plan's list of changed fields does not count: it is made of the documents' text,
// and shows a field that nobody consumes as well.
//
// A field without a row fails, and so does a row without a field: a new kind brings its rows with it.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>

#include "governance/recertification.h"
#include "model/load.h"
#include "model/own_schemas.h"
#include "model/timestamp.h"
#include "model/who.h"
#include "organisation/organisation.h"
#include "plan/entity.h"
#include "plan/rules.h"
#include "policy/break_glass.h"
#include "policy/snapshot.h"

namespace myelin::governance {
namespace {

namespace fs = std::filesystem;
using document::Node;
using policy::Resource;

const fs::path kExamples = fs::path(MYELIN_SOURCE_DIR) / "examples";

struct Row {
  const char* kind;
  const char* field;
  const char* from;  // text of the example document, which is there once
  const char* to;
  const char* gone;  // observed with `from` only
  const char* come;  // observed with `to` only
};

constexpr const char* kSwapped =
    "failures: [freshness, lag]}\n"
    "    - {name: data-product-operations, stream: engineering, holder: runner, failures: [schema, data]";

const std::vector<Row> kRows{
    {"Policy", "metadata.name", "name: quokka", "name: wallaby", "plans show policy quokka",
     "plans show policy wallaby"},
    {"Policy", "spec.platform_group", "platform_group: data-platform", "platform_group: pricing-desk",
     "ada.okafor acts as platform", "platform calls pricing-desk"},
    {"Policy", "spec.undeclared_topics", "undeclared_topics: report", "undeclared_topics: closed",
     "price-engine passes, reported, to write topic nobody.knows", "mobile-app may not write topic nobody.knows"},
    {"Policy", "spec.break_glass_hours_max", "break_glass_hours_max: 4", "break_glass_hours_max: 3",
     "the glass may be broken for 4 hours", "the glass may be broken for 3 hours"},
    {"Policy", "spec.recertify_days", "recertify_days: 365", "recertify_days: 7", "a grant is confirmed every 365 days",
     "a grant is confirmed every 7 days"},
    {"Policy", "spec.rules[].name", "name: retention", "name: keeping", "retention is report", "keeping is report"},
    {"Policy", "spec.rules[].about",
     "about: topic\n      must: \"!has(topic.retention_hours) || topic.retention_hours <= 24 * 7\"",
     "about: contract\n      must: contract.status == 'retired'", "the rule asks of topic online.order",
     "the rule asks of contract online-order"},
    {"Policy", "spec.rules[].must", "24 * 7", "24 * 30", "the rule asks of topic online.order", "1 does not obey"},
    {"Policy", "spec.rules[].message", "keep records for a week", "keep records briefly",
     "the rule says keep records for a week, or say here why they are kept longer",
     "the rule says keep records briefly, or say here why they are kept longer"},
    {"Policy", "spec.rules[].scope.squads", "squads: [web-shop]", "squads: [central-data]",
     "the rule asks of topic online.order", "the rule asks of topic sales.unified"},
    {"Policy", "spec.rules[].scope.domains", "domains: [pricing]", "domains: [payments]",
     "the rule asks of topic prices.price-change", "the rule asks of topic payments.authorisation"},
    {"Policy", "spec.rules[].owner", "owner: data-platform", "owner: marketing", "the rule is of data-platform",
     "the rule is of marketing"},
    {"Policy", "spec.rules[].principle", "principle: Keep what is needed", "principle: Thrift",
     "the rule serves Keep what is needed", "the rule serves Thrift"},
    {"Policy", "spec.rules[].rung", "rung: report", "rung: block", "retention is report", "retention is block"},
    {"Policy", "spec.quotas.default.connections_max", "connections_max: 200", "connections_max: 7",
     "mobile-app: 200 connections", "mobile-app: 7 connections"},
    {"Policy", "spec.quotas.default.produce_bytes_per_second", "produce_bytes_per_second: 20000000",
     "produce_bytes_per_second: 7", "mobile-app: 20000000 written", "mobile-app: 7 written"},
    {"Policy", "spec.quotas.default.fetch_bytes_per_second", "fetch_bytes_per_second: 60000000",
     "fetch_bytes_per_second: 7", "mobile-app: 60000000 read", "mobile-app: 7 read"},
    {"Policy", "spec.quotas.default.request_time_percent", "request_time_percent: 150", "request_time_percent: 7",
     "mobile-app: 150 percent", "mobile-app: 7 percent"},
    {"Policy", "spec.quotas.default.partitions_max", "partitions_max: 500", "partitions_max: 7",
     "mobile-app: 500 partitions", "mobile-app: 7 partitions"},
    {"Policy", "spec.quotas.default.storage_bytes_max", "storage_bytes_max: 500000000000", "storage_bytes_max: 7",
     "mobile-app: 500000000000 bytes", "mobile-app: 7 bytes"},
    {"Policy", "spec.quotas.squads[].squad", "squad: web-shop", "squad: mobile-app", "web-shop: 400 connections",
     "mobile-app: 400 connections"},
    {"Policy", "spec.quotas.squads[].connections_max", "connections_max: 400", "connections_max: 7",
     "web-shop: 400 connections", "web-shop: 7 connections"},
    {"Policy", "spec.quotas.squads[].produce_bytes_per_second", "produce_bytes_per_second: 40000000",
     "produce_bytes_per_second: 7", "web-shop: 40000000 written", "web-shop: 7 written"},
    {"Policy", "spec.quotas.squads[].fetch_bytes_per_second", "fetch_bytes_per_second: 120000000",
     "fetch_bytes_per_second: 7", "web-shop: 120000000 read", "web-shop: 7 read"},
    {"Policy", "spec.quotas.squads[].request_time_percent", "request_time_percent: 300", "request_time_percent: 7",
     "web-shop: 300 percent", "web-shop: 7 percent"},
    {"Policy", "spec.quotas.squads[].partitions_max", "partitions_max: 900", "partitions_max: 7",
     "web-shop: 900 partitions", "web-shop: 7 partitions"},
    {"Policy", "spec.quotas.squads[].storage_bytes_max", "storage_bytes_max: 900000000000", "storage_bytes_max: 7",
     "web-shop: 900000000000 bytes", "web-shop: 7 bytes"},

    {"DirectGrant", "metadata.name", "name: price-engine-asks", "name: engine-asks",
     "direct grant price-engine-asks-for-shelf-checks allows price-engine",
     "direct grant engine-asks-for-shelf-checks allows price-engine"},
    {"DirectGrant", "spec.principal", "principal: price-engine", "principal: mobile-app",
     "price-engine may write topic stores.shelf-check", "mobile-app may write topic stores.shelf-check"},
    {"DirectGrant", "spec.resource", "resource: topic", "resource: transactional_id",
     "price-engine may write topic stores.shelf-check", "price-engine may write transactional id stores.shelf-check"},
    {"DirectGrant", "spec.name", "name: stores.shelf-check", "name: stores.sale",
     "price-engine may write topic stores.shelf-check", "price-engine may write topic stores.sale"},
    {"DirectGrant", "spec.pattern", "pattern: literal", "pattern: prefixed",
     "price-engine passes, reported, to write topic stores.shelf-check.old",
     "price-engine may write topic stores.shelf-check.old"},
    {"DirectGrant", "spec.operations", "operations: [write, describe]", "operations: [read]",
     "price-engine may write topic stores.shelf-check", "price-engine may read topic stores.shelf-check"},

    {"AccountabilityModel", "metadata.name", "name: quokka", "name: wallaby", "plans show accountability model quokka",
     "plans show accountability model wallaby"},
    {"AccountabilityModel", "spec.central", "central: central-data", "central: marketing", "data calls central-data",
     "data calls marketing"},
    {"AccountabilityModel", "spec.governance", "governance: payments-and-fraud", "governance: pricing-desk",
     "security calls payments-and-fraud", "security calls pricing-desk"},
    {"AccountabilityModel", "spec.facilitation", "facilitation: marketing", "facilitation: delivery",
     "access calls marketing", "access calls delivery"},
    {"AccountabilityModel", "spec.steering", "steering: store-systems", "steering: delivery",
     "data then calls store-systems", "data then calls delivery"},
    {"AccountabilityModel", "spec.accountabilities[].name", "name: data-protection", "name: secrecy",
     "security is data-protection, governance", "security is secrecy, governance"},
    {"AccountabilityModel", "spec.accountabilities[].stream", "stream: governance, holder: governance",
     "stream: steering, holder: governance", "security is data-protection, governance",
     "security is data-protection, steering"},
    {"AccountabilityModel", "spec.accountabilities[].holder", "holder: builder", "holder: owner",
     "data calls central-data", "data calls warehouse"},
    {"AccountabilityModel", "spec.accountabilities[].failures",
     "failures: [schema, data]}\n"
     "    - {name: data-product-operations, stream: engineering, holder: runner, failures: [freshness, lag]",
     kSwapped, "data is data-product-development, engineering", "data is data-product-operations, engineering"},

    {"TeamProfile", "metadata.name", "name: shop-profile", "name: profile", "plans show team profile shop-profile",
     "plans show team profile profile"},
    {"TeamProfile", "spec.squad", "squad: web-shop", "squad: pricing-desk",
     "collaboration of web-shop with mobile-app declares web-shop > online.order > mobile-app",
     "nothing declares web-shop > online.order > mobile-app"},
    {"TeamProfile", "spec.type", "type: stream-aligned", "type: enabling", "web-shop is stream-aligned",
     "web-shop is enabling"},
    {"TeamProfile", "spec.headcount", "headcount: 7", "headcount: 1", "web-shop: 7 share the load",
     "web-shop: 1 share the load"},
    {"TeamProfile", "spec.on_call", "on_call: \"#shop-on-call\"", "on_call: pager 7", "on call: #shop-on-call",
     "on call: pager 7"},
    {"TeamProfile", "spec.interactions[].with", "with: mobile-app", "with: marketing",
     "collaboration of web-shop with mobile-app declares web-shop > online.order > mobile-app",
     "nothing declares web-shop > online.order > mobile-app"},
    {"TeamProfile", "spec.interactions[].mode", "mode: collaboration", "mode: facilitating",
     "collaboration of web-shop with mobile-app declares web-shop > online.order > mobile-app",
     "facilitating of web-shop with mobile-app declares web-shop > online.order > mobile-app"},
    {"TeamProfile", "spec.interactions[].purpose", "One basket for both shops.", "Two baskets.",
     "for One basket for both shops.", "for Two baskets."},
    {"TeamProfile", "spec.interactions[].until", "until: \"2027-06-30\"", "until: \"2026-06-30\"",
     "collaboration of web-shop with mobile-app declares web-shop > online.order > mobile-app",
     "collaboration of web-shop with mobile-app is overdue"},
};

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string file_of(std::string_view kind) {
  std::string name;
  for (const char letter : kind) {
    const bool is_capital = letter >= 'A' && letter <= 'Z';
    if (is_capital && !name.empty()) name += '-';
    name += is_capital ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return name + ".yaml";
}

// The example company with one example of each kind; `row` is applied to its kind.
std::vector<document::Source> company(const Row* row) {
  auto sources = model::read_folder(kExamples / "quokka").value();
  std::erase_if(sources, [](const document::Source& source) { return source.file.starts_with("myelin/"); });
  for (const auto& schema : model::own_schemas()) {
    auto text = read(kExamples / "documents" / file_of(schema.kind));
    if (row != nullptr && row->kind == schema.kind) {
      const std::string_view from = row->from;
      const auto at = text.find(from);
      EXPECT_TRUE(at != std::string::npos && text.find(from, at + 1) == std::string::npos)
          << from << " is not there once";
      if (at != std::string::npos) text.replace(at, from.size(), row->to);
    }
    sources.push_back({"myelin/" + file_of(schema.kind), std::move(text)});
  }
  return sources;
}

using Lines = std::set<std::string>;

void add_decisions(const policy::Snapshot& snapshot, Lines& lines) {
  const std::vector<Resource> resources{{policy::ResourceKind::Topic, "stores.shelf-check"},
                                        {policy::ResourceKind::Topic, "stores.shelf-check.old"},
                                        {policy::ResourceKind::Topic, "stores.sale"},
                                        {policy::ResourceKind::TransactionalId, "stores.shelf-check"},
                                        {policy::ResourceKind::Topic, "nobody.knows"}};
  for (const char* name : {"price-engine", "mobile-app"}) {
    const auto subject = snapshot.subject(PrincipalName(name));
    for (const auto& resource : resources) {
      for (const auto operation : policy::kOperations) {
        const auto decision = snapshot.decide(subject, operation, resource, WallTime());
        const auto how = decision.would_deny ? "passes, reported, to" : decision.allowed ? "may" : "may not";
        lines.insert(fmt::format("{} {} {} {} {}", name, how, policy::name_of(operation),
                                 policy::name_of(resource.kind), resource.name));
        if (decision.direct_grant == nullptr) continue;
        lines.insert(fmt::format("{} allows {}", policy::provenance_of(*decision.direct_grant), name));
      }
    }
  }
}

void add_limits(const policy::Snapshot& snapshot, Lines& lines) {
  for (const char* squad : {"mobile-app", "web-shop"}) {
    const auto& quota = snapshot.quota(SquadName(squad));
    lines.insert(fmt::format("{}: {} connections", squad, quota.connections_max.value_or(0)));
    lines.insert(fmt::format("{}: {} written", squad, quota.produce_bytes_per_second.value_or(0)));
    lines.insert(fmt::format("{}: {} read", squad, quota.fetch_bytes_per_second.value_or(0)));
    lines.insert(fmt::format("{}: {} percent", squad, quota.request_time_percent.value_or(0)));
    lines.insert(fmt::format("{}: {} partitions", squad, quota.partitions_max.value_or(0)));
    lines.insert(fmt::format("{}: {} bytes", squad, quota.storage_bytes_max.value_or(0)));
  }
}

// Of a product of squad warehouse that central builds and runs.
void add_calls(const model::Model& model, Lines& lines) {
  for (const auto failure : model::kFailures) {
    const auto called = model::accountable(model, {SquadName("warehouse"), "sustain"}, failure);
    if (!called) continue;
    const auto name = model::name_of(failure);
    lines.insert(fmt::format("{} calls {}", name, called->squad.text()));
    lines.insert(fmt::format("{} is {}, {}", name, called->accountability, model::name_of(called->stream)));
    for (const auto& next : called->escalation) lines.insert(fmt::format("{} then calls {}", name, next.text()));
  }
}

// The longest that a member of an application's squad may take.
void add_emergencies(const model::Model& model, Lines& lines) {
  const auto& application = model.applications.begin()->second;
  const auto member = std::ranges::find_if(model.users, [&](const auto& user) {
    return std::ranges::find(user.second.squads, application.squad) != user.second.squads.end();
  });
  ASSERT_NE(member, model.users.end());
  int hours = 0;
  while (policy::may_break_glass(model, member->first, application.name, hours + 1)) ++hours;
  lines.insert(fmt::format("the glass may be broken for {} hours", hours));
}

void add_recertification(const model::Model& model, Lines& lines) {
  const WallTime now = *model::parse_timestamp("2026-11-22", model::DateMeans::StartOfDay);
  RecertificationFacts facts{.now = now};
  for (const auto& grant : model.grants) facts.approved_since[grant.id] = now;
  for (const auto& standing : grant_standings(model, facts)) {
    if (!standing.due || standing.since != now) continue;
    const auto days = std::chrono::duration_cast<std::chrono::days>(*standing.due - now);
    lines.insert(fmt::format("a grant is confirmed every {} days", days.count()));
  }
}

// With the orders of the web shop read by the app.
void add_organisation(const model::Model& model, Lines& lines) {
  const WallTime now = *model::parse_timestamp("2026-11-22", model::DateMeans::StartOfDay);
  const std::vector<organisation::Flow> flows{
      {PrincipalName("storefront-web"), TopicName("online.order"), lineage::Direction::Write, std::nullopt, now},
      {PrincipalName("mobile-app"), TopicName("online.order"), lineage::Direction::Read, std::nullopt, now}};
  const auto organisation = organisation::organisation(model, flows, now);
  const auto named = [](const organisation::DeclaredInteraction& one) {
    return fmt::format("{} of {} with {}", model::name_of(one.interaction.mode), one.squad.text(),
                       one.interaction.with.text());
  };
  for (const auto& edge : organisation.edges) {
    lines.insert(fmt::format("{} {} > {} > {}",
                             edge.declared ? named(*edge.declared) + " declares" : "nothing declares",
                             edge.producer.text(), edge.topic.text(), edge.consumer.text()));
    if (edge.declared) lines.insert("for " + edge.declared->interaction.purpose);
  }
  for (const auto& one : organisation.overdue) lines.insert(named(one.declared) + " is overdue");
  for (const auto& load : organisation.loads) {
    if (load.headcount) lines.insert(fmt::format("{}: {} share the load", load.squad.text(), *load.headcount));
  }
  for (const auto& who : *model::who(model, "web-shop", now)) {
    if (who.squad_type) lines.insert(fmt::format("{} is {}", who.name, model::name_of(*who.squad_type)));
    if (!who.on_call.empty()) lines.insert("on call: " + who.on_call);
  }
}

// As if every document were new.
void add_rules(const model::Model& model, Lines& lines) {
  const auto verdicts = plan::rule_verdicts({}, model);
  for (const auto& count : verdicts.counts) {
    lines.insert(fmt::format("{} is {}", count.rule, model::name_of(count.rung)));
    lines.insert(fmt::format("{} not obey", count.disobeying == 1 ? "1 does" : fmt::format("{} do", count.disobeying)));
  }
  for (const auto& finding : verdicts.findings) {
    lines.insert("the rule asks of " + finding.what);
    lines.insert("the rule says " + finding.message);
    lines.insert("the rule serves " + finding.principle);
    lines.insert("the rule is of " + finding.owner.text());
  }
}

Lines observed(const Row* row) {
  Lines lines;
  auto loaded = model::load(company(row));
  EXPECT_EQ(document::listed(loaded.problems), "");
  if (!loaded.ok()) return lines;
  for (const auto& [entity, document] : plan::entities_of(loaded.model.documents))
    lines.insert("plans show " + entity.text());
  add_calls(loaded.model, lines);
  add_emergencies(loaded.model, lines);
  add_recertification(loaded.model, lines);
  add_organisation(loaded.model, lines);
  add_rules(loaded.model, lines);
  const auto snapshot = policy::Snapshot::build(std::make_shared<const model::Model>(std::move(loaded.model)), {});
  for (const auto& [name, user] : snapshot->model().users) {
    if (snapshot->subject(name).platform) lines.insert(name.text() + " acts as platform");
  }
  add_decisions(*snapshot, lines);
  add_limits(*snapshot, lines);
  return lines;
}

// The fields that hold a value: "spec.quotas.squads[].squad". A constant, such as the kind, is checked by the loader.
void add_fields(const Node& schema, const std::string& path, std::vector<std::string>& fields) {
  if (const auto* properties = schema.find("properties")) {
    for (const auto& member : properties->members) {
      add_fields(member.value, path.empty() ? member.key : path + "." + member.key, fields);
    }
    return;
  }
  const auto* items = schema.find("items");
  if (items != nullptr && items->find("properties") != nullptr) return add_fields(*items, path + "[]", fields);
  if (schema.find("const") == nullptr) fields.push_back(path);
}

TEST(OwnFields, AllHaveARowAndEachRowAField) {
  std::vector<std::string> declared;
  for (const auto& schema : model::own_schemas()) {
    std::vector<std::string> fields;
    add_fields(document::parse_json(schema.text).value(), "", fields);
    EXPECT_GE(fields.size(), 5U) << schema.kind;
    for (const auto& field : fields) declared.push_back(std::string(schema.kind) + " " + field);
  }
  std::vector<std::string> changed;
  changed.reserve(kRows.size());
  for (const auto& row : kRows) changed.push_back(std::string(row.kind) + " " + row.field);
  EXPECT_THAT(changed, testing::UnorderedElementsAreArray(declared));
}

TEST(OwnFields, EachHasAConsumer) {
  const auto before = observed(nullptr);
  for (const auto& row : kRows) {
    SCOPED_TRACE(std::string(row.kind) + " " + row.field);
    const auto after = observed(&row);
    EXPECT_TRUE(before.contains(row.gone) && !after.contains(row.gone)) << "expected to go: " << row.gone;
    EXPECT_TRUE(!before.contains(row.come) && after.contains(row.come)) << "expected to come: " << row.come;
  }
}

TEST(OwnFields, OfAnotherVersionAreRefused) {
  for (const auto& schema : model::own_schemas()) {
    const auto kind = std::string(schema.kind);
    const Row row{kind.c_str(), "apiVersion", "myelin.dev/v1alpha1", "myelin.dev/v2", "", ""};
    EXPECT_THAT(document::listed(model::load(company(&row)).problems),
                testing::HasSubstr("apiVersion \"myelin.dev/v2\" is unknown; use myelin.dev/v1alpha1"));
  }
}

}  // namespace
}  // namespace myelin::governance
