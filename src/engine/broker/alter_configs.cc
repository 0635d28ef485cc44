// AlterConfigs replaces all that a topic sets itself; IncrementalAlterConfigs changes what it names. Both are all or
// nothing for each topic.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/topic_config.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Change = kafka::IncrementalAlterConfigsRequest::AlterableConfig;

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;

enum class Operation : std::int8_t { Set = 0, Delete = 1, Append = 2, Subtract = 3 };

struct Refusal {
  ErrorCode code;
  std::string message;
};
using Planned = std::expected<ConfigOverrides, Refusal>;

std::unexpected<Refusal> refused(ErrorCode code, std::string message) {
  return std::unexpected(Refusal{code, std::move(message)});
}

std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    parts.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string list;
  for (const auto& part : parts) list += (list.empty() ? "" : ",") + part;
  return list;
}

// The list with the parts of `change` added or taken away.
std::string changed_list(std::string_view before, const Change& change) {
  auto parts = parts_of(before);
  for (const auto& part : parts_of(*change.value)) {
    std::erase(parts, part);
    if (static_cast<Operation>(change.config_operation) == Operation::Append) parts.push_back(part);
  }
  return joined(parts);
}

std::optional<Refusal> set(ConfigOverrides& configs, const std::string& name, std::optional<std::string> value) {
  const auto checked = check_topic_config(name, value);
  if (!checked) return Refusal{ErrorCode::InvalidConfig, checked.error().message};
  configs[name] = *std::move(value);
  return std::nullopt;
}

std::optional<Refusal> apply(ConfigOverrides& configs, const Change& change) {
  const auto* definition = find_topic_config(change.name);
  switch (static_cast<Operation>(change.config_operation)) {
    case Operation::Delete:
      if (definition == nullptr) {
        return Refusal{ErrorCode::InvalidConfig, fmt::format("Unknown topic config name: {}", change.name)};
      }
      configs.erase(change.name);
      return std::nullopt;
    case Operation::Set:
      if (!change.value) break;
      return set(configs, change.name, change.value);
    case Operation::Append:
    case Operation::Subtract: {
      if (!change.value) break;
      if (definition == nullptr || definition->type != ConfigType::List) {
        return Refusal{ErrorCode::InvalidConfig,
                       fmt::format("Can't append to or subtract from {}: it is not a list", change.name)};
      }
      const auto found = configs.find(change.name);
      const auto before = found == configs.end() ? definition->default_value : std::string_view(found->second);
      return set(configs, change.name, changed_list(before, change));
    }
    default:
      return Refusal{ErrorCode::InvalidRequest,
                     fmt::format("Unknown operation {} on {}", change.config_operation, change.name)};
  }
  return Refusal{ErrorCode::InvalidRequest, fmt::format("Null value not supported for: {}", change.name)};
}

// What the topic sets itself after the changes, which begin with `configs`.
Planned planned(ConfigOverrides configs, const std::vector<Change>& changes) {
  std::set<std::string_view> named;
  for (const auto& change : changes) {
    if (!named.insert(change.name).second) {
      return refused(ErrorCode::InvalidRequest, fmt::format("{} is named twice", change.name));
    }
    if (auto refusal = apply(configs, change)) return std::unexpected(*std::move(refusal));
  }
  return configs;
}

std::vector<Change> changes_of(const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& resource) {
  return resource.configs;
}
std::vector<Change> changes_of(const kafka::AlterConfigsRequest::AlterConfigsResource& resource) {
  std::vector<Change> changes;
  for (const auto& config : resource.configs) {
    auto& change = changes.emplace_back();
    change.name = config.name;
    change.config_operation = std::to_underlying(Operation::Set);
    change.value = config.value;
  }
  return changes;
}

// A broker has no settings but those of its start, so that there is nothing to take away: tools do that to be sure.
std::optional<Refusal> alter_broker(const Core& core, const auto& resource) {
  if (!resource.resource_name.empty() && resource.resource_name != std::to_string(core.options.broker_id)) {
    return Refusal{ErrorCode::InvalidRequest, fmt::format("There is no broker {}; this cluster is broker {} alone.",
                                                          resource.resource_name, core.options.broker_id)};
  }
  const auto takes_away = [](const Change& change) {
    return static_cast<Operation>(change.config_operation) == Operation::Delete;
  };
  if (std::ranges::all_of(changes_of(resource), takes_away)) return std::nullopt;
  return Refusal{ErrorCode::InvalidRequest,
                 "The settings of the broker are given at its start: `myelin serve --set name=value`."};
}

std::expected<const Topic*, Refusal> find_topic(const Topics& topics, const auto& resource) {
  if (resource.resource_type != kTopicResource) {
    return refused(ErrorCode::InvalidRequest, fmt::format("Settings of resource type {} can't be changed; topic is {}",
                                                          resource.resource_type, kTopicResource));
  }
  const Topic* topic = topics.find(resource.resource_name);
  if (topic == nullptr) {
    const auto code = resource.resource_name.empty() ? ErrorCode::InvalidRequest : absence_of(resource.resource_name);
    return refused(code, fmt::format("The topic '{}' does not exist.", resource.resource_name));
  }
  if (is_internal_name(resource.resource_name)) {
    return refused(ErrorCode::InvalidTopicException, "Topics that begin with '__' belong to the broker.");
  }
  return topic;
}

std::optional<Refusal> alter(Core& core, const Topics& topics, const auto& resource, bool keeps_others,
                             bool validate_only) {
  if (resource.resource_type == kBrokerResource) return alter_broker(core, resource);
  const auto topic = find_topic(topics, resource);
  if (!topic) return topic.error();
  const auto configs = planned(keeps_others ? (*topic)->configs : ConfigOverrides{}, changes_of(resource));
  if (!configs) return configs.error();
  if (validate_only || *configs == (*topic)->configs) return std::nullopt;
  const auto partitions = static_cast<std::int32_t>((*topic)->partitions.size());
  const auto changed = core.catalogue->change((*topic)->id, partitions, *configs);
  if (!changed) return Refusal{to_error_code(changed.error()), changed.error().message};
  return std::nullopt;
}

template <typename Response>
Response alter_all(Core& core, const auto& request, bool keeps_others) {
  Response response;
  std::map<std::pair<std::int8_t, std::string_view>, int> times_named;
  for (const auto& resource : request.resources) ++times_named[{resource.resource_type, resource.resource_name}];
  const auto topics = core.catalogue->snapshot();
  for (const auto& resource : request.resources) {
    auto& answer = response.responses.emplace_back();
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
    const bool is_twice = times_named[{resource.resource_type, resource.resource_name}] > 1;
    const auto refusal =
        is_twice ? std::optional(Refusal{ErrorCode::InvalidRequest, "Each resource must appear at most once."})
                 : alter(core, *topics, resource, keeps_others, request.validate_only);
    if (!refusal) continue;
    answer.error_code = std::to_underlying(refusal->code);
    answer.error_message = refusal->message;
  }
  return response;
}

}  // namespace

void answer(Core& core, Call, kafka::AlterConfigsRequest request, Reply reply) {
  core.changes.submit([&core, request = std::move(request), reply = std::move(reply)]() mutable {
    send(reply, alter_all<kafka::AlterConfigsResponse>(core, request, false));
  });
}

void answer(Core& core, Call, kafka::IncrementalAlterConfigsRequest request, Reply reply) {
  core.changes.submit([&core, request = std::move(request), reply = std::move(reply)]() mutable {
    send(reply, alter_all<kafka::IncrementalAlterConfigsResponse>(core, request, true));
  });
}

}  // namespace myelin::engine::broker
