#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Asked = kafka::CreatePartitionsRequest::CreatePartitionsTopic;
using Answer = kafka::CreatePartitionsResponse::CreatePartitionsTopicResult;

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = std::to_underlying(code);
  answer.error_message = std::move(message);
}

bool is_on_this_broker_alone(const Core& core, const Asked& asked) {
  const std::vector<std::int32_t> this_one{core.options.broker_id};
  return std::ranges::all_of(*asked.assignments,
                             [&](const auto& assignment) { return assignment.broker_ids == this_one; });
}

// Whether the topic can have as many partitions as asked for; the reason why not is in the answer.
bool check(Answer& answer, const Core& core, const Asked& asked, const Topic* topic) {
  if (topic == nullptr) {
    refuse(answer, ErrorCode::UnknownTopicOrPartition, fmt::format("The topic '{}' does not exist.", asked.name));
    return false;
  }
  if (is_internal_name(asked.name)) {
    refuse(answer, ErrorCode::InvalidTopicException, "Topics that begin with '__' belong to the broker.");
    return false;
  }
  const auto has = static_cast<std::int32_t>(topic->partitions.size());
  if (asked.count == has) {
    refuse(answer, ErrorCode::InvalidPartitions, fmt::format("Topic already has {} partition(s).", has));
  } else if (asked.count < has) {
    refuse(answer, ErrorCode::InvalidPartitions,
           fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.", asked.name, has,
                       asked.count));
  } else if (asked.count > kPartitionsMax) {
    refuse(answer, ErrorCode::InvalidPartitions,
           fmt::format("A topic has at most {} partitions; {} were asked for.", kPartitionsMax, asked.count));
  } else if (asked.assignments && asked.assignments->size() != static_cast<std::size_t>(asked.count - has)) {
    refuse(answer, ErrorCode::InvalidReplicaAssignment,
           fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                       asked.count - has, asked.assignments->size()));
  } else if (asked.assignments && !is_on_this_broker_alone(core, asked)) {
    refuse(answer, ErrorCode::InvalidReplicaAssignment,
           fmt::format("Each partition must be assigned to broker {} alone", core.options.broker_id));
  } else {
    return true;
  }
  return false;
}

kafka::CreatePartitionsResponse create(Core& core, const kafka::CreatePartitionsRequest& request) {
  kafka::CreatePartitionsResponse response;
  std::map<std::string_view, int> times_named;
  for (const auto& asked : request.topics) ++times_named[asked.name];
  const auto topics = core.catalogue->snapshot();
  for (const auto& asked : request.topics) {
    auto& answer = response.results.emplace_back();
    answer.name = asked.name;
    if (times_named[asked.name] > 1) {
      refuse(answer, ErrorCode::InvalidRequest, "Duplicate topic name.");
      continue;
    }
    const Topic* topic = topics->find(asked.name);
    if (!check(answer, core, asked, topic) || request.validate_only) continue;
    const auto changed = core.catalogue->change(topic->id, asked.count, topic->configs);
    if (!changed) refuse(answer, to_error_code(changed.error()), changed.error().message);
  }
  return response;
}

}  // namespace

void answer(Core& core, Call, kafka::CreatePartitionsRequest request, Reply reply) {
  core.changes.submit([&core, request = std::move(request), reply = std::move(reply)]() mutable {
    send(reply, create(core, request));
  });
}

}  // namespace myelin::engine::broker
