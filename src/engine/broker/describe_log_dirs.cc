// How much of the disk each partition takes, and how much the disk has.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/broker/apis.h"

namespace myelin::engine::broker {
namespace {

using Request = kafka::DescribeLogDirsRequest;
using Described = kafka::DescribeLogDirsResponse::DescribeLogDirsResult;

constexpr std::int64_t kUnknown = -1;

std::int64_t kafka_size(std::uint64_t bytes) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, std::numeric_limits<std::int64_t>::max()));
}

void add(Described& described, const Topic& topic, const auto& is_asked) {
  auto& entry = described.topics.emplace_back();
  entry.name = topic.name.text();
  for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
    const auto index = static_cast<std::int32_t>(number);
    if (!is_asked(index)) continue;
    auto& partition = entry.partitions.emplace_back();
    partition.partition_index = index;
    partition.partition_size = topic.partitions[number]->log_bytes();
  }
  if (entry.partitions.empty()) described.topics.pop_back();
}

// What was asked for and is not there is left out, as Kafka does.
kafka::DescribeLogDirsResponse describe(const Core& core, const Topics& topics, const Request& request) {
  kafka::DescribeLogDirsResponse response;
  auto& described = response.results.emplace_back();
  described.log_dir = core.logs->log_path();
  const auto space = core.logs->space();
  described.total_bytes = space ? kafka_size(space->total_bytes) : kUnknown;
  described.usable_bytes = space ? kafka_size(space->free_bytes) : kUnknown;
  if (!request.topics) {
    for (const auto& topic : topics.sorted_by_name()) add(described, *topic, [](std::int32_t) { return true; });
    return response;
  }
  for (const auto& asked : *request.topics) {
    const Topic* topic = topics.find(asked.topic);
    if (topic == nullptr) continue;
    add(described, *topic,
        [&](std::int32_t index) { return std::ranges::find(asked.partitions, index) != asked.partitions.end(); });
  }
  return response;
}

}  // namespace

void answer(Core& core, Call, kafka::DescribeLogDirsRequest request, Reply reply) {
  core.disk_jobs.submit([&core, request = std::move(request), reply = std::move(reply)]() mutable {
    send(reply, describe(core, *core.catalogue->snapshot(), request));
  });
}

}  // namespace myelin::engine::broker
