// spec.rules of a Policy.
#include <fmt/core.h>

#include <array>

#include "document/inside.h"
#include "document/nearest.h"
#include "model/drafts.h"
#include "model/named.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

constexpr std::size_t kRulesMax = 200;

std::vector<Text> references(const Fields& scope, std::string_view key, std::string_view kind) {
  std::vector<Text> found;
  for (Text& text : scope.texts(key)) {
    if (text.empty()) scope.note(text.place, fmt::format("{} names nothing; expected a {}", scope.name_of(key), kind));
    found.push_back(entity_reference(scope, std::move(text), kind));
  }
  return found;
}

void read_scope(const Fields& rule, RuleDraft& draft) {
  static const std::array<std::string, 2> kFields{"squads", "domains"};
  const auto scope = rule.map("scope");
  if (!scope) return;
  scope->allow_only(kFields);
  draft.squads = references(*scope, "squads", "Group");
  draft.domains = references(*scope, "domains", "Domain");
  if (draft.squads.empty() && draft.domains.empty()) {
    scope->note(scope->place(),
                scope->name_of("squads") + " and domains are both empty; leave scope out to mean everybody");
  }
}

// Faults are at their own line and column, within quotes and blocks.
void read_must(const Fields& rule, RuleDraft& draft) {
  const Text text = rule.required_text("must");
  if (text.empty() || !draft.about) return;
  auto compiled = cel::Expression::compile(text.value, names_for(*draft.about));
  draft.expression = text.value;
  if (compiled) {
    draft.must = std::move(*compiled);
    return;
  }
  const auto& fault = compiled.error();
  const auto meant = fault.unknown.empty() ? std::string() : document::suggestion(fault.unknown, fault.known);
  rule.note({text.place.file, rule.position_inside("must", fault.offset)},
            fmt::format("{}: {}{}", rule.name_of("must"), fault.message, meant));
}

RuleDraft read_rule(const Fields& fields) {
  static const std::array<std::string, 8> kFields{"name",      "about", "scope",   "owner",
                                                  "principle", "must",  "message", "rung"};
  static const auto kAbouts = names_of(kRuleAbouts);
  static const auto kRungNames = names_of(kRungs);
  fields.allow_only(kFields);
  RuleDraft draft;
  draft.name = fields.required_text("name");
  const auto about = fields.required_text("about").empty() ? std::nullopt : fields.choice("about", kAbouts);
  if (about) draft.about = named(kRuleAbouts, about->value);
  read_scope(fields, draft);
  draft.owner = fields.required_text("owner");
  if (!draft.owner.empty()) draft.owner = entity_reference(fields, std::move(draft.owner), "Group");
  draft.principle = fields.required_text("principle").value;
  read_must(fields, draft);
  draft.message = fields.required_text("message").value;
  const auto rung = fields.required_text("rung").empty() ? std::nullopt : fields.choice("rung", kRungNames);
  if (rung) draft.rung = *named(kRungs, rung->value);
  return draft;
}

}  // namespace

std::vector<RuleDraft> read_rules(const Fields& spec) {
  std::vector<RuleDraft> drafts;
  const auto rules = spec.maps("rules");
  if (rules.size() > kRulesMax) {
    spec.note(spec.place_of(*spec.find("rules")),
              fmt::format("{} has {} rules, expected at most {}", spec.name_of("rules"), rules.size(), kRulesMax));
    return drafts;
  }
  for (const Fields& rule : rules) drafts.push_back(read_rule(rule));
  return drafts;
}

}  // namespace myelin::model
