// Rules of the Policy, and how often requests did not obey them.
#include "api/json_object.h"
#include "api/plan_request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;

Node counted_json(std::uint64_t times, const std::set<SquadName>& squads) {
  return JsonObject().number("times", static_cast<std::int64_t>(times)).add("squads", json_texts(squads)).node();
}

Node rule_json(const model::PolicyRule& rule, const governance::RuleCounted* counted) {
  JsonObject object;
  object.text("name", rule.name)
      .text("about", model::name_of(rule.about))
      .text("rung", model::name_of(rule.rung))
      .text("owner", rule.owner.text())
      .text("principle", rule.principle)
      .text("must", rule.expression)
      .text("message", rule.message)
      .add("squads", json_texts(rule.squads))
      .add("domains", json_texts(rule.domains))
      .text("place", rule.place.text());
  if (counted != nullptr) {
    object.time("since", counted->since)
        .add("would_have_denied", counted_json(counted->let_through, counted->let_through_squads))
        .add("denied", counted_json(counted->refused, counted->refused_squads));
  }
  return object.node();
}

}  // namespace

net::HttpResponse Server::policy_rules(const Query&) const {
  const auto snapshot = services_.policy.current();
  const auto& rules = snapshot->model().policy.rules;
  const auto counts = services_.rule_counts.of(snapshot->model());
  return json_answer(JsonObject()
                         .add("items", json_list(rules,
                                                 [&](const model::PolicyRule& rule) {
                                                   const auto found = counts.find(rule.name);
                                                   return rule_json(rule,
                                                                    found == counts.end() ? nullptr : &found->second);
                                                 }))
                         .node());
}

}  // namespace myelin::api
