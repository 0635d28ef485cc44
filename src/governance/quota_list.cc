#include "governance/quota_list.h"

#include <algorithm>
#include <tuple>

#include "governance/client_quota_requests.h"

namespace myelin::governance {
namespace {

constexpr std::string_view kBytes = "bytes/s";

std::string_view unit_of(policy::QuotaKey key) {
  switch (key) {
    case policy::QuotaKey::ConnectionCreationRate:
      return "connections/s";
    case policy::QuotaKey::ConsumerByteRate:
    case policy::QuotaKey::ProducerByteRate:
      return kBytes;
    case policy::QuotaKey::RequestPercentage:
      return "percent";
  }
  return "";
}

void add_squad(std::vector<QuotaAnswer>& list, std::optional<std::string> squad, const model::Quota& quota) {
  const auto add = [&](std::string_view name, const auto& limit, std::string_view unit) {
    if (!limit) return;
    list.push_back({.entity = {{"squad", squad}},
                    .limits = "squad " + squad.value_or("default"),
                    .quota = name,
                    .value = static_cast<double>(*limit),
                    .unit = unit,
                    .place = quota.place});
  };
  add("connections_max", quota.connections_max, "connections");
  add("fetch_bytes_per_second", quota.fetch_bytes_per_second, kBytes);
  add("produce_bytes_per_second", quota.produce_bytes_per_second, kBytes);
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
