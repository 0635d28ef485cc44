#include "bench/commands.h"
#include "bench/connection.h"
#include "kafka/message/create_topics.h"
#include "kafka/message/delete_topics.h"

namespace myelin::bench {
namespace {
constexpr std::int16_t kCreateVersion = 4;
constexpr std::int16_t kDeleteVersion = 3;
}  // namespace

void create_topic(const Options& options) {
  Connection connection(options.text("address"));
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = options.text("topic");
  topic.num_partitions = static_cast<std::int32_t>(options.number("partitions", 1));
  topic.replication_factor = 1;
  auto& durability = topic.configs.emplace_back();
  durability.name = "myelin.durability";
  durability.value = options.text("durability", "os");
  const auto response =
      ask<kafka::CreateTopicsResponse>(connection, kafka::ApiKey::CreateTopics, kCreateVersion, request);
  const auto& result = response.topics.at(0);
  if (result.error_code != 0)
    die("create {}: error {} {}", topic.name, result.error_code, result.error_message.value_or(""));
  fmt::print("{{}}\n");
}

void delete_topic(const Options& options) {
  Connection connection(options.text("address"));
  kafka::DeleteTopicsRequest request;
  request.topic_names = {options.text("topic")};
  request.timeout_ms = 60'000;
  const auto response =
      ask<kafka::DeleteTopicsResponse>(connection, kafka::ApiKey::DeleteTopics, kDeleteVersion, request);
  if (response.responses.at(0).error_code != 0) die("delete: error {}", response.responses.at(0).error_code);
  fmt::print("{{}}\n");
}

}  // namespace myelin::bench
