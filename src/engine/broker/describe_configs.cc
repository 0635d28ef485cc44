#include <algorithm>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/broker_config.h"
#include "engine/broker/topic_config.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Asked = decltype(kafka::DescribeConfigsRequest::resources)::value_type;
using Answer = decltype(kafka::DescribeConfigsResponse::results)::value_type;
using ConfigAnswer = decltype(Answer::configs)::value_type;

// Resource types of the protocol.
constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kBrokerResource = 4;

struct Wanted {
  const kafka::DescribeConfigsRequest& request;
  const Asked& resource;

  [[nodiscard]] bool names(std::string_view name) const {
    if (!resource.configuration_keys) return true;
    return std::ranges::find(*resource.configuration_keys, name) != resource.configuration_keys->end();
  }
};

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = std::to_underlying(code);
  answer.error_message = std::move(message);
}

ConfigAnswer& add(Answer& answer, std::string_view name, std::string value, ConfigSource source) {
  auto& config = answer.configs.emplace_back();
  config.name = name;
  config.value = std::move(value);
  config.config_source = std::to_underlying(source);
  config.is_default = source == ConfigSource::Default;
  return config;
}

void add_synonym(ConfigAnswer& config, std::string_view name, std::string value, ConfigSource source) {
  auto& synonym = config.synonyms.emplace_back();
  synonym.name = name;
  synonym.value = std::move(value);
  synonym.source = std::to_underlying(source);
}

void describe_topic(Answer& answer, const Wanted& wanted, const Topic& topic) {
  for (const auto& definition : topic_config_definitions()) {
    if (!wanted.names(definition.name)) continue;
    const auto found = topic.configs.find(definition.name);
    const bool is_set = found != topic.configs.end();
    const std::string value = is_set ? found->second : std::string(definition.default_value);
    auto& config = add(answer, definition.name, value, is_set ? ConfigSource::Topic : ConfigSource::Default);
    config.config_type = std::to_underlying(definition.type);
    if (wanted.request.include_documentation) config.documentation = std::string(definition.documentation);
    if (!wanted.request.include_synonyms) continue;
    if (is_set) add_synonym(config, definition.name, value, ConfigSource::Topic);
    if (!definition.broker_name.empty()) {
      add_synonym(config, definition.broker_name, std::string(definition.default_value), ConfigSource::Default);
    }
  }
}

void describe_broker(Answer& answer, const Wanted& wanted, const BrokerOptions& options) {
  for (const auto& setting : describe_broker_configs(options)) {
    if (!wanted.names(setting.name)) continue;
    auto& config = add(answer, setting.name, setting.value, setting.source);
    config.read_only = true;
    config.config_type = std::to_underlying(setting.type);
    if (wanted.request.include_documentation) config.documentation = std::string(setting.documentation);
    if (wanted.request.include_synonyms) add_synonym(config, setting.name, setting.value, setting.source);
  }
}

void answer_resource(Answer& answer, const Core& core, const Topics& topics, const Wanted& wanted) {
  const Asked& resource = wanted.resource;
  answer.resource_type = resource.resource_type;
  answer.resource_name = resource.resource_name;
  if (resource.resource_type == kTopicResource) {
    const Topic* topic = topics.find(resource.resource_name);
    if (topic)
      describe_topic(answer, wanted, *topic);
    else
      refuse(answer, absence_of(resource.resource_name), "This server does not host this topic.");
  } else if (resource.resource_type == kBrokerResource) {
    // An empty name asks for what is set on all brokers alike, and that is nothing.
    if (resource.resource_name.empty()) return;
    if (resource.resource_name == std::to_string(core.options.broker_id)) {
      describe_broker(answer, wanted, core.options);
    } else {
      refuse(answer, ErrorCode::InvalidRequest,
             fmt::format("Unexpected broker id, expected {}, but received {}", core.options.broker_id,
                         resource.resource_name));
    }
  } else {
    refuse(answer, ErrorCode::InvalidRequest,
           fmt::format("Settings of resource type {} can't be described; topic is {}, broker is {}",
                       resource.resource_type, kTopicResource, kBrokerResource));
  }
}

}  // namespace

void answer(Core& core, Call, kafka::DescribeConfigsRequest request, Reply reply) {
  const auto topics = core.catalogue->snapshot();
  kafka::DescribeConfigsResponse response;
  for (const auto& resource : request.resources) {
    answer_resource(response.results.emplace_back(), core, *topics, {request, resource});
  }
  send(reply, std::move(response));
}

}  // namespace myelin::engine::broker
