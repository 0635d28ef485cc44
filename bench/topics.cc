#include <algorithm>

#include "bench/commands.h"
#include "bench/connection.h"
#include "kafka/message/create_partitions.h"
#include "kafka/message/create_topics.h"
#include "kafka/message/delete_topics.h"
#include "kafka/message/list_offsets.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kCreateVersion = 4;
constexpr std::int16_t kDeleteVersion = 3;
constexpr std::int16_t kListVersion = 1;
constexpr std::int16_t kGrowVersion = 0;
constexpr double kServedWithinS = 240;
constexpr long kPartitionsAtOnce = 5000;  // Apache Kafka 4 refuses ten thousand in one request

// Whether each partition answers. Apache Kafka says that a topic exists a moment before its partitions do.
bool is_served(Connection& connection, const std::string& name, long partitions) {
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  for (long partition = 0; partition < partitions; ++partition) {
    auto& slot = topic.partitions.emplace_back();
    slot.partition_index = static_cast<std::int32_t>(partition);
    slot.timestamp = -1;
  }
  const auto answer = ask<kafka::ListOffsetsResponse>(connection, kafka::ApiKey::ListOffsets, kListVersion, request);
  return std::ranges::all_of(answer.topics.at(0).partitions, [](const auto& slot) { return slot.error_code == 0; });
}

void grow_topic(Connection& connection, const std::string& name, long partitions) {
  kafka::CreatePartitionsRequest request;
  request.timeout_ms = 60'000;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.count = static_cast<std::int32_t>(partitions);
  topic.assignments.reset();
  const auto answer =
      ask<kafka::CreatePartitionsResponse>(connection, kafka::ApiKey::CreatePartitions, kGrowVersion, request);
  const auto& result = answer.results.at(0);
  if (result.error_code != 0)
    die("grow {} to {}: error {} {}", name, partitions, result.error_code, result.error_message.value_or(""));
}

}  // namespace

void create_topic(const Options& options) {
  Connection connection(options.text("address"));
  kafka::CreateTopicsRequest request;
  request.timeout_ms = 60'000;
  auto& topic = request.topics.emplace_back();
  topic.name = options.text("topic");
  const long partitions = options.number("partitions", 1);
  topic.num_partitions = static_cast<std::int32_t>(std::min(partitions, kPartitionsAtOnce));
  topic.replication_factor = 1;
  const auto setting = options.text("config", "");
  if (const auto equals = setting.find('='); equals != std::string::npos) {
    auto& config = topic.configs.emplace_back();
    config.name = setting.substr(0, equals);
    config.value = setting.substr(equals + 1);
  }
  const auto response =
      ask<kafka::CreateTopicsResponse>(connection, kafka::ApiKey::CreateTopics, kCreateVersion, request);
  const auto& result = response.topics.at(0);
  if (result.error_code != 0)
    die("create {}: error {} {}", topic.name, result.error_code, result.error_message.value_or(""));
  for (long made = topic.num_partitions; made < partitions;) {
    made = std::min(made + kPartitionsAtOnce, partitions);
    grow_topic(connection, topic.name, made);
  }
  double pause_s = 0.02;
  for (const double until = now_s() + kServedWithinS; !is_served(connection, topic.name, partitions);) {
    if (now_s() > until) die("create {}: not all partitions answer within {} s", topic.name, kServedWithinS);
    sleep_until(now_s() + pause_s);
    pause_s = std::min(2 * pause_s, 0.5);  // asking costs the broker as well
  }
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
