#include "governance/live_topics.h"

#include "governance/ask_engine.h"
#include "kafka/messages.h"

namespace myelin::governance {
namespace {

constexpr std::int8_t kTopicConfig = 2;  // Kafka's ConfigResource.Type

Result<void> add_settings(engine::Engine& engine, std::map<TopicName, plan::LiveTopic>& topics,
                          const WantsSettings& wants_settings) {
  kafka::DescribeConfigsRequest request;
  for (const auto& [name, topic] : topics) {
    if (!wants_settings(name)) continue;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopicConfig;
    resource.resource_name = name.text();
    resource.configuration_keys.reset();
  }
  if (request.resources.empty()) return {};
  auto answer = ask<kafka::DescribeConfigsResponse>(engine, 1, std::move(request));
  if (!answer) return pass(answer);
  for (const auto& result : answer->results) {
    const TopicName name(result.resource_name);
    if (result.error_code == kafka::code_of(kafka::ErrorCode::UnknownTopicOrPartition)) {
      topics.erase(name);  // deleted meanwhile
      continue;
    }
    if (result.error_code != 0) return failed_to_tell("the settings of topics", result.error_code);
    for (const auto& config : result.configs) topics[name].settings[config.name] = config.value.value_or("");
  }
  return {};
}

}  // namespace

Result<std::map<TopicName, plan::LiveTopic>> live_topics(engine::Engine& engine, const WantsSettings& wants_settings) {
  kafka::MetadataRequest request;
  request.topics.reset();
  auto metadata = ask<kafka::MetadataResponse>(engine, 12, std::move(request));
  if (!metadata) return pass(metadata);
  std::map<TopicName, plan::LiveTopic> topics;
  for (const auto& topic : metadata->topics) {
    if (!topic.name || topic.name->starts_with("__")) continue;
    topics[TopicName(*topic.name)].partitions = static_cast<std::int32_t>(topic.partitions.size());
  }
  if (auto added = add_settings(engine, topics, wants_settings); !added) return pass(added);
  return topics;
}

}  // namespace myelin::governance
