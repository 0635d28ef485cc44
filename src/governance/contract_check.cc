// Which of the topics that a contract declares exist otherwise.
#include "governance/ask_engine.h"
#include "governance/questions.h"
#include "governance/topic_contract.h"
#include "kafka/messages.h"

namespace myelin::governance {
namespace {

constexpr std::int8_t kTopicConfig = 2;  // Kafka's ConfigResource.Type

using Configs = std::map<std::string, std::map<std::string, std::string>>;  // by topic

Result<Configs> configs_of(engine::Engine& engine, const std::map<std::string, std::int32_t>& partitions) {
  kafka::DescribeConfigsRequest request;
  for (const auto& [topic, count] : partitions) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopicConfig;
    resource.resource_name = topic;
    resource.configuration_keys.reset();
  }
  auto answer = ask<kafka::DescribeConfigsResponse>(engine, 1, std::move(request));
  if (!answer) return pass(answer);
  Configs configs;
  for (const auto& result : answer->results) {
    if (result.error_code == kafka::code_of(kafka::ErrorCode::UnknownTopicOrPartition)) continue;  // deleted meanwhile
    if (result.error_code != 0) return failed_to_tell("the settings of topics", result.error_code);
    for (const auto& config : result.configs) configs[result.resource_name][config.name] = config.value.value_or("");
  }
  return configs;
}

}  // namespace

Result<std::vector<TopicDifferences>> Questions::contract_differences() const {
  const auto snapshot = policy_.current();
  const auto& declared = snapshot->model().topics;
  kafka::MetadataRequest request;
  request.topics.reset();
  auto metadata = ask<kafka::MetadataResponse>(engine_, 12, std::move(request));
  if (!metadata) return pass(metadata);
  std::map<std::string, std::int32_t> partitions;  // of the declared topics that exist
  for (const auto& topic : metadata->topics) {
    if (!topic.name || !declared.contains(TopicName(*topic.name))) continue;
    partitions.emplace(*topic.name, static_cast<std::int32_t>(topic.partitions.size()));
  }
  if (partitions.empty()) return std::vector<TopicDifferences>();
  auto configs = configs_of(engine_, partitions);
  if (!configs) return pass(configs);
  std::vector<TopicDifferences> found;
  for (const auto& [name, count] : partitions) {
    if (!configs->contains(name)) continue;
    const auto& topic = declared.at(TopicName(name));
    auto settings = differences(topic, count, (*configs)[name]);
    if (!settings.empty()) found.push_back({topic.name, topic.place, std::move(settings)});
  }
  return found;
}

}  // namespace myelin::governance
