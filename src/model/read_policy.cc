// The spec of kind Policy.
#include <array>
#include <string>
#include <vector>

#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

Quota read_quota(const Fields& fields) {
  Quota quota;
  for (const auto& limit : kQuotaLimits) {
    if (const auto value = fields.integer(limit.name, {1, limit.most})) {
      quota.*limit.value = static_cast<std::uint64_t>(*value);
    }
  }
  quota.place = fields.place();
  return quota;
}

// The names of the limits, and before them `first`.
std::vector<std::string> fields_of_quota(std::vector<std::string> first) {
  for (const auto& limit : kQuotaLimits) first.emplace_back(limit.name);
  return first;
}

void read_quotas(const Fields& quotas, PolicyDraft& policy) {
  static const std::array<std::string, 2> kQuotaFields{"default", "squads"};
  static const auto kLimits = fields_of_quota({});
  static const auto kSquadFields = fields_of_quota({"squad"});
  quotas.allow_only(kQuotaFields);
  if (const auto fields = quotas.map("default")) {
    fields->allow_only(kLimits);
    policy.default_quota = read_quota(*fields);
  }
  for (const Fields& fields : quotas.maps("squads")) {
    fields.allow_only(kSquadFields);
    const Text squad = fields.required_text("squad");
    if (!squad.empty()) policy.squad_quotas.push_back({squad, read_quota(fields)});
  }
}

}  // namespace

void read_policy(const Fields& spec, PolicyDraft& policy) {
  static const std::array<std::string, 6> kSpecFields{"platform_group",        "undeclared_topics", "quotas",
                                                      "break_glass_hours_max", "recertify_days",    "rules"};
  static const std::array<std::string, 2> kRules{"closed", "report"};
  constexpr std::int64_t kBreakGlassHours = 168;
  constexpr std::int64_t kRecertifyDays = 3660;
  spec.allow_only(kSpecFields);
  policy.platform_group = optional_group(spec, "platform_group");
  const auto rule = spec.choice("undeclared_topics", kRules);
  if (rule && rule->value == "report") policy.undeclared_topics = UndeclaredTopics::Report;
  if (const auto hours = spec.integer("break_glass_hours_max", {1, kBreakGlassHours})) {
    policy.break_glass_hours_max = static_cast<int>(*hours);
  }
  if (const auto days = spec.integer("recertify_days", {1, kRecertifyDays})) {
    policy.recertify_days = std::chrono::days(*days);
  }
  if (const auto quotas = spec.map("quotas")) read_quotas(*quotas, policy);
  policy.rules = read_rules(spec);
}

}  // namespace myelin::model
