#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/group_desk.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Answer = decltype(kafka::DeleteTopicsResponse::responses)::value_type;

constexpr std::int16_t kByIdVersion = 6;

void refuse(Answer& answer, ErrorCode code, std::string message) {
  answer.error_code = std::to_underlying(code);
  answer.error_message = std::move(message);
}

// What the request names, as an answer that still lacks its outcome.
std::vector<Answer> asked_topics(std::int16_t version, const kafka::DeleteTopicsRequest& request) {
  std::vector<Answer> answers;
  if (version < kByIdVersion) {
    for (const auto& name : request.topic_names) answers.emplace_back().name = name;
    return answers;
  }
  for (const auto& topic : request.topics) {
    auto& answer = answers.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
  }
  return answers;
}

const Topic* resolve(const Topics& topics, Answer& answer) {
  const bool by_id = !answer.topic_id.is_zero();
  if (by_id == answer.name.has_value()) {
    refuse(answer, ErrorCode::InvalidRequest, "A topic is named either by name or by id.");
    return nullptr;
  }
  const Topic* topic = by_id ? topics.find(answer.topic_id) : topics.find(*answer.name);
  if (topic == nullptr) {
    refuse(answer, by_id ? ErrorCode::UnknownTopicId : ErrorCode::UnknownTopicOrPartition,
           "This server does not host this topic.");
    return nullptr;
  }
  if (is_internal_name(topic->name.text())) {
    refuse(answer, ErrorCode::InvalidTopicException, "Topics that begin with '__' belong to the broker.");
    return nullptr;
  }
  return topic;
}

kafka::DeleteTopicsResponse remove(Core& core, std::int16_t version, const kafka::DeleteTopicsRequest& request) {
  kafka::DeleteTopicsResponse response;
  response.responses = asked_topics(version, request);
  const auto topics = core.catalogue->snapshot();
  std::vector<TopicId> ids;
  std::vector<TopicName> names;
  std::vector<Answer*> answers;
  for (auto& answer : response.responses) {
    const Topic* topic = resolve(*topics, answer);
    if (topic == nullptr) continue;
    if (std::ranges::find(ids, topic->id) != ids.end()) {
      refuse(answer, ErrorCode::InvalidRequest, "Duplicate topic in the request.");
      continue;
    }
    answer.name = topic->name.text();
    answer.topic_id = topic->id;
    answer.error_code = 0;
    answers.push_back(&answer);
    ids.push_back(topic->id);
    names.push_back(topic->name);
  }
  if (ids.empty()) return response;
  const auto removed = core.catalogue->remove(ids);
  if (!removed) {
    for (auto* answer : answers) refuse(*answer, to_error_code(removed.error()), removed.error().message);
    return response;
  }
  // Before a create of the same name can be answered, so that commits for the new topic come after.
  for (const auto& name : names) core.groups->on_topic_deleted(name);
  return response;
}

}  // namespace

void answer(Core& core, Call call, kafka::DeleteTopicsRequest request, Reply reply) {
  core.changes.submit([&core, version = call.version, request = std::move(request),
                       reply = std::move(reply)]() mutable { send(reply, remove(core, version, request)); });
}

}  // namespace myelin::engine::broker
