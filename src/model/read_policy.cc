// The spec of kind Policy.
#include <array>

#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

Quota read_quota(const Fields& fields) {
  constexpr std::int64_t kConnectionsMax = 1'000'000;
  constexpr std::int64_t kRateMax = 1'000'000'000'000;
  Quota quota{
      .connections_max = {}, .produce_bytes_per_second = {}, .fetch_bytes_per_second = {}, .place = fields.place()};
  if (const auto value = fields.integer("connections_max", {1, kConnectionsMax})) {
    quota.connections_max = static_cast<std::uint32_t>(*value);
  }
  if (const auto value = fields.integer("produce_bytes_per_second", {1, kRateMax})) {
    quota.produce_bytes_per_second = static_cast<std::uint64_t>(*value);
  }
  if (const auto value = fields.integer("fetch_bytes_per_second", {1, kRateMax})) {
    quota.fetch_bytes_per_second = static_cast<std::uint64_t>(*value);
  }
  return quota;
}

void read_quotas(const Fields& quotas, PolicyDraft& policy) {
  static const std::array<std::string, 2> kQuotaFields{"default", "squads"};
  static const std::array<std::string, 3> kLimits{"connections_max", "produce_bytes_per_second",
                                                  "fetch_bytes_per_second"};
  static const std::array<std::string, 4> kSquadFields{"squad", kLimits[0], kLimits[1], kLimits[2]};
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
  static const std::array<std::string, 4> kSpecFields{"platform_group", "undeclared_topics", "quotas",
                                                      "break_glass_hours_max"};
  static const std::array<std::string, 2> kRules{"closed", "report"};
  constexpr std::int64_t kBreakGlassHours = 168;
  spec.allow_only(kSpecFields);
  policy.platform_group = optional_group(spec, "platform_group");
  const auto rule = spec.choice("undeclared_topics", kRules);
  if (rule && rule->value == "report") policy.undeclared_topics = UndeclaredTopics::Report;
  if (const auto hours = spec.integer("break_glass_hours_max", {1, kBreakGlassHours})) {
    policy.break_glass_hours_max = static_cast<int>(*hours);
  }
  if (const auto quotas = spec.map("quotas")) read_quotas(*quotas, policy);
}

}  // namespace myelin::model
