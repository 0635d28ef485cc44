#include "governance/quota_list.h"

#include <algorithm>
#include <tuple>

#include "governance/client_quota_requests.h"

namespace myelin::governance {
namespace {

std::string_view unit_of(policy::QuotaKey key) {
  switch (key) {
    case policy::QuotaKey::ConnectionCreationRate:
      return "connections/s";
    case policy::QuotaKey::ConsumerByteRate:
    case policy::QuotaKey::ProducerByteRate:
      return "bytes/s";
    case policy::QuotaKey::RequestPercentage:
      return "percent";
  }
  return "";
}

void add_squad(std::vector<QuotaAnswer>& list, std::optional<std::string> squad, const model::Quota& quota) {
  for (const auto& limit : model::kQuotaLimits) {
    const auto& value = quota.*limit.value;
    if (!value) continue;
    list.push_back({.entity = {{"squad", squad}},
                    .limits = "squad " + squad.value_or("default"),
                    .quota = limit.name,
                    .value = static_cast<double>(*value),
                    .unit = limit.unit,
                    .place = quota.place});
  }
}

}  // namespace

std::vector<QuotaAnswer> quota_list(const model::PolicyDocument& policy, const policy::ClientQuotaTable& clients) {
  std::vector<QuotaAnswer> list;
  add_squad(list, std::nullopt, policy.default_quota);
  for (const auto& [squad, quota] : policy.squad_quotas) add_squad(list, squad.text(), quota);
  for (const auto& [entity, values] : clients) {
    std::vector<QuotaAnswer::Part> parts;
    for (const auto& [type, name] : entity) parts.push_back({std::string(name_of(type)), name});
    for (const auto& [key, value] : values) {
      list.push_back({.entity = parts,
                      .limits = to_text(entity),
                      .quota = name_of(key),
                      .value = value,
                      .unit = unit_of(key),
                      .place = {}});
    }
  }
  std::ranges::sort(list, {}, [](const QuotaAnswer& one) { return std::tie(one.limits, one.quota); });
  return list;
}

}  // namespace myelin::governance
