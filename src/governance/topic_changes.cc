#include "governance/topic_changes.h"

#include <charconv>

#include "governance/ask_engine.h"
#include "governance/topic_contract.h"
#include "kafka/messages.h"

namespace myelin::governance {
namespace {

constexpr std::int8_t kTopicConfig = 2;   // Kafka's ConfigResource.Type
constexpr std::int8_t kSet = 0;           // Kafka's AlterConfigOp.OpType
constexpr std::int32_t kWaitMs = 10'000;  // the engine's own answer comes sooner

Result<void> done_or(std::int16_t code, const std::optional<std::string>& message) {
  if (code == 0) return {};
  return fail(Code::Unavailable, "{}: {}", kafka::error_name(static_cast<kafka::ErrorCode>(code)),
              message.value_or(""));
}

Result<void> create(engine::Engine& engine, const model::Topic& declared) {
  kafka::CreateTopicsRequest request;
  request.timeout_ms = kWaitMs;
  auto& topic = request.topics.emplace_back();
  topic.name = declared.name.text();
  topic.num_partitions = -1;
  topic.replication_factor = -1;
  if (const auto wrong = agree_with_contract(declared, topic)) return fail(Code::Invalid, "{}", *wrong);
  auto answer = ask<kafka::CreateTopicsResponse>(engine, 7, std::move(request));
  if (!answer) return pass(answer);
  if (answer->topics.empty()) return fail(Code::Unavailable, "the engine said nothing about it");
  return done_or(answer->topics.front().error_code, answer->topics.front().error_message);
}

Result<void> add_partitions(engine::Engine& engine, const TopicName& name, const std::string& count) {
  kafka::CreatePartitionsRequest request;
  request.timeout_ms = kWaitMs;
  auto& topic = request.topics.emplace_back();
  topic.name = name.text();
  topic.assignments.reset();
  std::from_chars(count.data(), count.data() + count.size(), topic.count);
  auto answer = ask<kafka::CreatePartitionsResponse>(engine, 3, std::move(request));
  if (!answer) return pass(answer);
  if (answer->results.empty()) return fail(Code::Unavailable, "the engine said nothing about it");
  return done_or(answer->results.front().error_code, answer->results.front().error_message);
}

Result<void> set_configs(engine::Engine& engine, const TopicName& name,
                         const std::vector<plan::FieldChange>& settings) {
  kafka::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = kTopicConfig;
  resource.resource_name = name.text();
  for (const auto& setting : settings) {
    if (setting.path == "partitions") continue;
    auto& config = resource.configs.emplace_back();
    config.name = setting.path;
    config.config_operation = kSet;
    config.value = setting.after;
  }
  if (resource.configs.empty()) return {};
  auto answer = ask<kafka::IncrementalAlterConfigsResponse>(engine, 1, std::move(request));
  if (!answer) return pass(answer);
  if (answer->responses.empty()) return fail(Code::Unavailable, "the engine said nothing about it");
  return done_or(answer->responses.front().error_code, answer->responses.front().error_message);
}

Result<void> carry_out(engine::Engine& engine, const model::Model& model, const plan::TopicChange& change) {
  if (change.action == plan::Action::Create) return create(engine, model.topics.at(change.topic));
  for (const auto& setting : change.settings) {
    if (setting.path != "partitions") continue;
    if (auto added = add_partitions(engine, change.topic, *setting.after); !added) return added;
  }
  return set_configs(engine, change.topic, change.settings);
}

}  // namespace

std::vector<std::string> change_topics(engine::Engine& engine, const model::Model& model,
                                       const std::vector<plan::TopicChange>& changes) {
  std::vector<std::string> left;
  for (const auto& change : changes) {
    const auto done = carry_out(engine, model, change);
    if (!done) left.push_back(fmt::format("topic {}: {}", change.topic.text(), done.error().message));
  }
  return left;
}

}  // namespace myelin::governance
