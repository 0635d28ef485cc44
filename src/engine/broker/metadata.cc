#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using TopicAnswer = decltype(kafka::MetadataResponse::topics)::value_type;

constexpr std::int16_t kTopicIdVersion = 10;
constexpr std::int16_t kAutoCreationFlagVersion = 4;
constexpr std::int16_t kNullNameVersion = 12;

TopicAnswer refuse(ErrorCode code, std::optional<std::string> name, TopicId id) {
  TopicAnswer answer;
  answer.error_code = std::to_underlying(code);
  answer.name = std::move(name);
  answer.topic_id = id;
  return answer;
}

TopicAnswer describe(const Core& core, const Topic& topic) {
  TopicAnswer answer;
  answer.name = topic.name.text();
  answer.topic_id = topic.id;
  answer.is_internal = is_internal_name(topic.name.text());
  answer.partitions.reserve(topic.partitions.size());
  const std::int32_t broker = core.options.broker_id;
  for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition_index = static_cast<std::int32_t>(number);
    partition.leader_id = broker;
    partition.leader_epoch = topic.partitions[number]->leader_epoch();
    partition.replica_nodes = {broker};
    partition.isr_nodes = {broker};
  }
  return answer;
}

kafka::MetadataResponse begin_response(const Core& core, const Call& call) {
  kafka::MetadataResponse response;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = core.options.broker_id;
  broker.host = call.advertised_host;
  broker.port = call.advertised_port;
  response.cluster_id = core.catalogue->cluster_id().text();
  response.controller_id = core.options.broker_id;
  return response;
}

bool asks_for_all(const Call& call, const kafka::MetadataRequest& request) {
  if (!request.topics) return true;
  return call.version == 0 && request.topics->empty();
}

// `failures` holds what creating topics on the way came to, by name.
kafka::MetadataResponse build_response(const Core& core, const Call& call, const kafka::MetadataRequest& request,
                                       const std::map<std::string, ErrorCode>& failures) {
  auto response = begin_response(core, call);
  const auto topics = core.catalogue->snapshot();
  if (asks_for_all(call, request)) {
    for (const auto& topic : topics->sorted_by_name()) response.topics.push_back(describe(core, *topic));
    return response;
  }
  const auto no_name = call.version >= kNullNameVersion ? std::nullopt : std::optional<std::string>("");
  for (const auto& asked : *request.topics) {
    const bool by_id = call.version >= kTopicIdVersion && !asked.topic_id.is_zero();
    if (by_id) {
      const Topic* topic = topics->find(asked.topic_id);
      response.topics.push_back(topic ? describe(core, *topic)
                                      : refuse(ErrorCode::UnknownTopicId, no_name, asked.topic_id));
    } else if (!asked.name) {
      response.topics.push_back(refuse(ErrorCode::InvalidRequest, no_name, asked.topic_id));
    } else if (const Topic* topic = topics->find(*asked.name)) {
      response.topics.push_back(describe(core, *topic));
    } else if (const auto failure = failures.find(*asked.name); failure != failures.end()) {
      response.topics.push_back(refuse(failure->second, asked.name, {}));
    } else {
      response.topics.push_back(refuse(absence_of(*asked.name), asked.name, {}));
    }
  }
  return response;
}

NewTopic first_topic(const Core& core, const Call& call, const TopicName& name) {
  const auto laid_down = std::ranges::find(call.first_uses, name, &FirstUse::topic);
  if (laid_down == call.first_uses.end()) return {name, core.options.default_partitions, {}};
  NewTopic topic{name, laid_down->partitions.value_or(core.options.default_partitions), {}};
  topic.configs.insert(laid_down->configs.begin(), laid_down->configs.end());
  return topic;
}

// The topics of the request that are missing and may be made.
std::vector<NewTopic> topics_to_create(const Core& core, const Call& call, const kafka::MetadataRequest& request) {
  const bool wanted = call.version < kAutoCreationFlagVersion || request.allow_auto_topic_creation;
  if (!core.options.auto_create_topics || !call.may_create_topics || !wanted || !request.topics) return {};
  const auto topics = core.catalogue->snapshot();
  std::vector<NewTopic> missing;
  std::set<std::string_view> seen;
  for (const auto& asked : *request.topics) {
    if (!asked.name || topics->find(*asked.name) || is_internal_name(*asked.name)) continue;
    if (!check_topic_name(*asked.name) || !seen.insert(*asked.name).second) continue;
    missing.push_back(first_topic(core, call, TopicName(*asked.name)));
  }
  return missing;
}

std::map<std::string, ErrorCode> create_missing(Core& core, const std::vector<NewTopic>& missing) {
  std::map<std::string, ErrorCode> failures;
  const auto results = core.catalogue->create(missing);
  for (std::size_t index = 0; index < missing.size(); ++index) {
    if (!results[index]) failures.emplace(missing[index].name.text(), to_error_code(results[index].error()));
  }
  return failures;
}

}  // namespace

void answer(Core& core, Call call, kafka::MetadataRequest request, Reply reply) {
  auto missing = topics_to_create(core, call, request);
  if (missing.empty()) {
    send(reply, build_response(core, call, request, {}));
    return;
  }
  core.changes.submit([&core, call = std::move(call), request = std::move(request), missing = std::move(missing),
                       reply = std::move(reply)]() mutable {
    const auto failures = create_missing(core, missing);
    send(reply, build_response(core, call, request, failures));
  });
}

}  // namespace myelin::engine::broker
