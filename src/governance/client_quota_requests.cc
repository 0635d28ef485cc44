#include "governance/client_quota_requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "kafka/error_code.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;
using policy::EntityType;
using policy::QuotaEntity;
using policy::QuotaKey;
using AlterEntry = kafka::AlterClientQuotasRequest::EntryData;

constexpr std::string_view kNotEnforced = "controller_mutation_rate";

std::optional<EntityType> type_named(std::string_view name) {
  const auto found = std::ranges::find(policy::kEntityTypes, name, [](EntityType type) { return name_of(type); });
  return found == policy::kEntityTypes.end() ? std::nullopt : std::optional(*found);
}

// Kafka takes names of hosts as well; here they would mean another address tomorrow.
Result<policy::QuotaName> read_name(EntityType type, const policy::QuotaName& name) {
  if (!name) return name;
  if (name->empty()) return fail(Code::Invalid, "Empty {} not supported", name_of(type));
  if (name->contains('\0')) return fail(Code::Invalid, "The {} holds a NUL character", name_of(type));
  if (type != EntityType::Ip) return name;
  auto address = policy::canonical_ip(*name);
  if (!address) return fail(Code::Invalid, "{} is not a valid IP; names of hosts are not looked up", *name);
  return address;
}

Result<QuotaEntity> read_entity(const AlterEntry& entry) {
  if (entry.entity.empty()) return fail(Code::Invalid, "Invalid empty client quota entity");
  QuotaEntity entity;
  for (const auto& part : entry.entity) {
    const auto type = type_named(part.entity_type);
    if (!type) return fail(Code::Invalid, "Unhandled client quota entity type: {}", part.entity_type);
    auto name = read_name(*type, part.entity_name);
    if (!name) return pass(name);
    const bool is_new = entity.emplace(*type, *std::move(name)).second;
    if (!is_new) return fail(Code::Invalid, "Invalid client quota entity, duplicate entity entry {}", part.entity_type);
  }
  if (entity.contains(EntityType::Ip) && entity.size() > 1) {
    return fail(Code::Invalid,
                "Invalid quota entity combination, IP entity should not be combined with User or ClientId");
  }
  return entity;
}

Result<QuotaKey> read_key(const std::string& name, bool is_of_address) {
  if (name == kNotEnforced && !is_of_address)
    return fail(Code::Invalid, "{} is not enforced here, so it can't be set", name);
  for (const auto key : policy::kQuotaKeys) {
    if (name_of(key) == name && (key == QuotaKey::ConnectionCreationRate) == is_of_address) return key;
  }
  return fail(Code::Invalid, "Invalid configuration key {}", name);
}

Result<void> check_value(QuotaKey key, double value) {
  if (!(value > 0)) return fail(Code::Invalid, "Quota {} must be greater than 0", name_of(key));
  if (key == QuotaKey::RequestPercentage) {
    if (!std::isfinite(value)) return fail(Code::Invalid, "Quota {} must be finite", name_of(key));
    return {};
  }
  const bool is_int = key == QuotaKey::ConnectionCreationRate;
  const auto most = is_int ? static_cast<double>(std::numeric_limits<std::int32_t>::max())
                           : static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (value > most)
    return fail(Code::Invalid, "Proposed value for {} is too large for {}.", name_of(key),
                is_int ? "an INT" : "a LONG");
  if (std::fmod(value, 1.0) > 1e-6) return fail(Code::Invalid, "{} cannot be a fractional value.", name_of(key));
  return {};
}

Result<QuotaChange> read_change(const AlterEntry& entry) {
  auto entity = read_entity(entry);
  if (!entity) return pass(entity);
  QuotaChange change{*std::move(entity), {}};
  const bool is_of_address = change.entity.contains(EntityType::Ip);
  std::set<std::string_view> seen;
  for (const auto& op : entry.ops) {
    if (!seen.insert(op.key).second) return fail(Code::Invalid, "Duplicate quota key {}", op.key);
    auto key = read_key(op.key, is_of_address);
    if (!key && op.remove) continue;  // what can't be set is not there
    if (!key) return pass(key);
    if (!op.remove) {
      auto checked = check_value(*key, op.value);
      if (!checked) return pass(checked);
    }
    change.values[*key] = op.remove ? std::nullopt : std::optional(op.value);
  }
  return change;
}

// What a filter asks of one type of an entity.
struct Wanted {
  EntityType type;
  bool any_name = false;
  policy::QuotaName name;
};

Result<std::vector<Wanted>> read_filter(const kafka::DescribeClientQuotasRequest& request) {
  constexpr std::int8_t kExact = 0;
  constexpr std::int8_t kDefault = 1;
  constexpr std::int8_t kSpecified = 2;
  std::vector<Wanted> filter;
  for (const auto& component : request.components) {
    const auto& name = component.entity_type;
    if (name.empty()) return fail(Code::Invalid, "Invalid empty entity type.");
    const auto type = type_named(name);
    if (!type) return fail(Code::Unsupported, "Unsupported entity type {}", name);
    if (std::ranges::find(filter, *type, &Wanted::type) != filter.end()) {
      return fail(Code::Invalid, "Entity type {} cannot appear more than once in the filter.", name);
    }
    if (component.match_type < kExact || component.match_type > kSpecified) {
      return fail(Code::Invalid, "Unknown match type {}", component.match_type);
    }
    if (component.match_type == kExact && !component.match) {
      return fail(Code::Invalid, "Request specified MATCH_TYPE_EXACT, but set match string to null.");
    }
    if (component.match_type != kExact && component.match) {
      return fail(Code::Invalid, "Request specified {}, but also specified a match string.",
                  component.match_type == kDefault ? "MATCH_TYPE_DEFAULT" : "MATCH_TYPE_SPECIFIED");
    }
    auto match = component.match;
    if (match && *type == EntityType::Ip) match = policy::canonical_ip(*match).value_or(*match);
    filter.push_back({*type, component.match_type == kSpecified, std::move(match)});
  }
  if (filter.size() > 1 && std::ranges::find(filter, EntityType::Ip, &Wanted::type) != filter.end()) {
    return fail(Code::Invalid,
                "Invalid entity filter component combination. IP filter component should not be used with user or "
                "clientId filter component.");
  }
  return filter;
}

bool matches(const QuotaEntity& entity, const std::vector<Wanted>& filter, bool strict) {
  if (strict && entity.size() != filter.size()) return false;
  return std::ranges::all_of(filter, [&](const Wanted& wanted) {
    const auto found = entity.find(wanted.type);
    return found != entity.end() && (wanted.any_name || found->second == wanted.name);
  });
}

ErrorCode error_of(Code code) {
  if (code == Code::Invalid) return ErrorCode::InvalidRequest;
  return code == Code::Unsupported ? ErrorCode::UnsupportedVersion : ErrorCode::KafkaStorageError;
}

void refuse(auto& answer, const Error& error) {
  answer.error_code = kafka::code_of(error_of(error.code));
  answer.error_message = error.message;
}

}  // namespace

kafka::DescribeClientQuotasResponse described(const policy::ClientQuotaTable& table,
                                              const kafka::DescribeClientQuotasRequest& request) {
  kafka::DescribeClientQuotasResponse response;
  const auto filter = read_filter(request);
  if (!filter) {
    refuse(response, filter.error());
    response.entries.reset();
    return response;
  }
  auto& entries = response.entries.emplace();
  for (const auto& [entity, values] : table) {
    if (!matches(entity, *filter, request.strict)) continue;
    auto& entry = entries.emplace_back();
    for (const auto& [type, name] : entity) {
      auto& part = entry.entity.emplace_back();
      part.entity_type = name_of(type);
      part.entity_name = name;
    }
    for (const auto& [key, value] : values) {
      auto& one = entry.values.emplace_back();
      one.key = name_of(key);
      one.value = value;
    }
  }
  return response;
}

kafka::AlterClientQuotasResponse altered(ClientQuotas& quotas, const kafka::AlterClientQuotasRequest& request) {
  kafka::AlterClientQuotasResponse response;
  std::vector<QuotaChange> changes;
  std::vector<std::size_t> applied;  // entries of the response
  std::set<QuotaEntity> seen;
  for (const auto& entry : request.entries) {
    auto& answer = response.entries.emplace_back(kafka::refused(entry, kafka::code_of(ErrorCode::None)));
    auto change = read_change(entry);
    if (change && !seen.insert(change->entity).second) {
      change = fail(Code::Invalid, "Ignoring duplicate entity {}", to_text(change->entity));
    }
    if (!change) {
      refuse(answer, change.error());
      continue;
    }
    applied.push_back(response.entries.size() - 1);
    changes.push_back(*std::move(change));
  }
  if (request.validate_only) return response;
  const auto changed = quotas.change(changes);
  if (!changed) {
    for (const auto entry : applied) refuse(response.entries[entry], changed.error());
  }
  return response;
}

std::string changes_of(const kafka::AlterClientQuotasRequest& request) {
  if (request.validate_only) return {};
  std::string text;
  for (const auto& entry : request.entries) {
    text += text.empty() ? "quota of" : "; quota of";
    for (const auto& part : entry.entity) {
      text += fmt::format("{} {} {}", &part == entry.entity.data() ? "" : ",", part.entity_type,
                          part.entity_name.value_or("default"));
    }
    for (const auto& op : entry.ops) {
      text += fmt::format("{} {} {}", &op == entry.ops.data() ? ":" : ",", op.key,
                          op.remove ? "removed" : fmt::format("{}", op.value));
    }
  }
  return text;
}

std::string to_text(const QuotaEntity& entity) {
  std::string text;
  for (const auto& [type, name] : entity) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name_of(type), name.value_or("default"));
  }
  return text;
}

}  // namespace myelin::governance
