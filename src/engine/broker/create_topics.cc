#include <algorithm>
#include <map>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/topic_config.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Asked = decltype(kafka::CreateTopicsRequest::topics)::value_type;
using Answer = decltype(kafka::CreateTopicsResponse::topics)::value_type;

constexpr std::int32_t kByDefault = -1;
constexpr std::int16_t kConfigsVersion = 5;

struct Refusal {
  ErrorCode code;
  std::string message;
};
using Planned = std::expected<NewTopic, Refusal>;

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = std::to_underlying(code);
  answer.error_message = std::move(message);
  answer.num_partitions = -1;
  answer.replication_factor = -1;
  answer.configs.reset();
}

std::optional<Refusal> check_name(const std::string& name, const Topics& topics) {
  const auto legal = check_topic_name(name);
  if (!legal) return Refusal{ErrorCode::InvalidTopicException, legal.error().message};
  if (is_internal_name(name)) {
    return Refusal{ErrorCode::InvalidTopicException,
                   fmt::format("Topic '{}' is illegal: names that begin with '__' belong to the broker", name)};
  }
  if (topics.find(name)) return Refusal{ErrorCode::TopicAlreadyExists, fmt::format("Topic '{}' already exists.", name)};
  if (const Topic* other = find_collision(topics, name)) {
    return Refusal{ErrorCode::InvalidTopicException,
                   fmt::format("Topic '{}' collides with existing topic: {}", name, other->name.text())};
  }
  return std::nullopt;
}

// With manual assignments: partitions 0, 1, 2, ... each on this broker alone.
std::expected<std::int32_t, Refusal> count_assigned(const Core& core, const Asked& asked) {
  if (asked.num_partitions != kByDefault || asked.replication_factor != kByDefault) {
    return std::unexpected(
        Refusal{ErrorCode::InvalidRequest,
                "A manual partition assignment was specified, so neither partitions nor replication factor may be"});
  }
  std::vector<bool> seen(asked.assignments.size());
  for (const auto& assignment : asked.assignments) {
    const auto index = static_cast<std::size_t>(assignment.partition_index);
    if (assignment.partition_index < 0 || index >= seen.size() || seen[index]) {
      return std::unexpected(Refusal{ErrorCode::InvalidReplicaAssignment,
                                     "Partitions of a manual assignment must be numbered from 0 without gaps"});
    }
    seen[index] = true;
    if (assignment.broker_ids != std::vector<std::int32_t>{core.options.broker_id}) {
      return std::unexpected(
          Refusal{ErrorCode::InvalidReplicaAssignment,
                  fmt::format("Each partition must be assigned to broker {} alone", core.options.broker_id)});
    }
  }
  return static_cast<std::int32_t>(asked.assignments.size());
}

std::expected<std::int32_t, Refusal> count_partitions(const Core& core, const Asked& asked) {
  if (!asked.assignments.empty()) return count_assigned(core, asked);
  const bool replicable = asked.replication_factor == kByDefault || asked.replication_factor == 1 ||
                          (core.options.clamp_replication && asked.replication_factor > 1);
  if (!replicable) {
    return std::unexpected(Refusal{
        ErrorCode::InvalidReplicationFactor,
        fmt::format("Replication factor: {}; there is one broker, so it must be 1 or -1", asked.replication_factor)});
  }
  if (asked.num_partitions == kByDefault) return core.options.default_partitions;
  if (asked.num_partitions < 1 || asked.num_partitions > kPartitionsMax) {
    return std::unexpected(
        Refusal{ErrorCode::InvalidPartitions, fmt::format("Number of partitions must be between 1 and {}, or -1 for "
                                                          "the default",
                                                          kPartitionsMax)});
  }
  return asked.num_partitions;
}

std::expected<ConfigOverrides, Refusal> collect_configs(const Asked& asked) {
  ConfigOverrides configs;
  for (const auto& config : asked.configs) {
    const auto checked = check_topic_config(config.name, config.value);
    if (!checked) return std::unexpected(Refusal{ErrorCode::InvalidConfig, checked.error().message});
    if (!configs.emplace(config.name, *config.value).second) {
      return std::unexpected(Refusal{ErrorCode::InvalidConfig, fmt::format("{} is set twice", config.name)});
    }
  }
  return configs;
}

Planned plan(const Core& core, const Topics& topics, const Asked& asked) {
  if (auto refusal = check_name(asked.name, topics)) return std::unexpected(*std::move(refusal));
  auto partitions = count_partitions(core, asked);
  if (!partitions) return std::unexpected(std::move(partitions).error());
  auto configs = collect_configs(asked);
  if (!configs) return std::unexpected(std::move(configs).error());
  return NewTopic{TopicName(asked.name), *partitions, *std::move(configs)};
}

void describe(Answer& answer, const NewTopic& topic, std::int16_t version) {
  answer.error_code = 0;
  answer.error_message.reset();
  answer.num_partitions = topic.partitions;
  answer.replication_factor = 1;
  if (version < kConfigsVersion) return;
  answer.configs.emplace();
  for (const auto& definition : topic_config_definitions()) {
    auto& config = answer.configs->emplace_back();
    const auto found = topic.configs.find(definition.name);
    config.name = definition.name;
    config.value = found == topic.configs.end() ? std::string(definition.default_value) : found->second;
    config.config_source =
        std::to_underlying(found == topic.configs.end() ? ConfigSource::Default : ConfigSource::Topic);
  }
}

kafka::CreateTopicsResponse create(Core& core, std::int16_t version, const kafka::CreateTopicsRequest& request) {
  kafka::CreateTopicsResponse response;
  std::map<std::string_view, int> times_named;
  for (const auto& asked : request.topics) ++times_named[asked.name];

  const auto topics = core.catalogue->snapshot();
  std::vector<NewTopic> to_create;
  std::vector<std::size_t> places;  // of to_create in the response
  for (const auto& asked : request.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = asked.name;
    if (times_named[asked.name] > 1) {
      refuse(answer, ErrorCode::InvalidRequest, "Duplicate topic name.");
      continue;
    }
    auto planned = plan(core, *topics, asked);
    if (!planned) {
      refuse(answer, planned.error().code, planned.error().message);
      continue;
    }
    describe(answer, *planned, version);
    places.push_back(response.topics.size() - 1);
    to_create.push_back(*std::move(planned));
  }
  if (request.validate_only || to_create.empty()) return response;

  const auto created = core.catalogue->create(to_create);
  for (std::size_t index = 0; index < created.size(); ++index) {
    auto& answer = response.topics[places[index]];
    if (created[index])
      answer.topic_id = (*created[index])->id;
    else
      refuse(answer, to_error_code(created[index].error()), created[index].error().message);
  }
  return response;
}

}  // namespace

void answer(Core& core, Call call, kafka::CreateTopicsRequest request, Reply reply) {
  core.changes.submit([&core, version = call.version, request = std::move(request),
                       reply = std::move(reply)]() mutable { send(reply, create(core, version, request)); });
}

}  // namespace myelin::engine::broker
