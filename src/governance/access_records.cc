// APIs that move records or tell where they lie.
#include <algorithm>
#include <iterator>
#include <utility>

#include "governance/access.h"
#include "governance/refuse.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

Resource topic(const std::string& name) { return {policy::ResourceKind::Topic, name}; }

// Takes out what goes to topics whose owner has as many bytes as it may; returns their answers.
std::vector<kafka::ProduceResponse::TopicProduceResponse> take_over_storage(Access& access,
                                                                            kafka::ProduceRequest& request) {
  std::vector<kafka::ProduceResponse::TopicProduceResponse> answers;
  std::erase_if(request.topic_data, [&](const auto& entry) {
    const auto why = access.over_storage(entry.name);
    if (!why) return false;
    auto& answer = answers.emplace_back(kafka::refused(entry, kPolicyViolated));
    for (auto& partition : answer.partition_responses) partition.error_message = *why;
    return true;
  });
  return answers;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::ProduceRequest& request) {
  Ruling ruling;
  const bool id_refused =
      request.transactional_id && !access->may(Operation::Write, Resource::transactional_id(*request.transactional_id));
  const auto refused = take_refused(request.topic_data, [&](const auto& entry) {
    return !id_refused && access->is_named(entry.name) && access->may(Operation::Write, topic(entry.name));
  });
  std::vector<kafka::ProduceResponse::TopicProduceResponse> answers;
  for (const auto& entry : refused) {
    answers.push_back(
        kafka::refused(entry, id_refused ? kTransactionalIdRefused : access->code_of_refused(entry.name)));
  }
  std::ranges::move(take_over_storage(*access, request), std::back_inserter(answers));
  put_back(ruling, std::move(answers), &kafka::ProduceResponse::responses, request.topic_data.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::FetchRequest& request) {
  Ruling ruling;
  const auto refused = take_refused(request.topics, [&](const auto& entry) {
    return access->is_named(entry.topic) && access->may(Operation::Read, topic(entry.topic));
  });
  // A fetch that would wait answers at once when something in it was refused, as Kafka does.
  if (!refused.empty()) request.max_wait_ms = 0;
  std::vector<kafka::FetchResponse::FetchableTopicResponse> answers;
  for (const auto& entry : refused) answers.push_back(kafka::refused(entry, access->code_of_refused(entry.topic)));
  put_back(ruling, std::move(answers), &kafka::FetchResponse::responses, request.topics.empty());
  return ruling;
}

std::vector<TopicName> rule_again(Access& access, kafka::FetchResponse& response) {
  std::vector<TopicName> refused;
  for (auto& entry : response.responses) {
    if (access.may(Operation::Read, topic(entry.topic))) continue;
    const auto served = std::exchange(entry.partitions, {});
    const auto code = access.code_of_refused(entry.topic);
    for (const auto& part : served) entry.partitions.push_back(kafka::refused_fetch(part.partition_index, code));
    refused.emplace_back(entry.topic);
  }
  return refused;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ListOffsetsRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may_describe_topic(entry.name); });
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::ListOffsetsResponse::topics, request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::OffsetForLeaderEpochRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may_describe_topic(entry.topic); });
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::OffsetForLeaderEpochResponse::topics,
           request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::InitProducerIdRequest& request) {
  Ruling ruling;
  if (!request.transactional_id ||
      access->may(Operation::Write, Resource::transactional_id(*request.transactional_id))) {
    return ruling;
  }
  ruling.answer.emplace(kafka::refused_producer_id(kTransactionalIdRefused));
  return ruling;
}

}  // namespace myelin::governance
