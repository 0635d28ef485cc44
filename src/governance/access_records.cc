// APIs that move records or tell where they lie.
#include <utility>

#include "governance/access.h"
#include "governance/refuse.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

Resource topic(const std::string& name) { return {policy::ResourceKind::Topic, name}; }

void refuse_partition(decltype(kafka::FetchResponse::responses)::value_type& answer, std::int32_t index) {
  auto& part = answer.partitions.emplace_back();
  part.partition_index = index;
  part.error_code = kTopicRefused;
  part.high_watermark = -1;
  part.records.emplace(SharedBytes());
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::ProduceRequest& request) {
  Ruling ruling;
  const bool id_refused =
      request.transactional_id && !access->may(Operation::Write, Resource::transactional_id(*request.transactional_id));
  const auto error = id_refused ? kTransactionalIdRefused : kTopicRefused;
  auto refused = take_refused(request.topic_data, [&](const auto& entry) {
    return !id_refused && access->may(Operation::Write, topic(entry.name));
  });
  if (refused.empty()) return ruling;
  ruling.amend = [refused = std::move(refused), error](kafka::Response& response) {
    auto& produce = std::get<kafka::ProduceResponse>(response);
    for (const auto& entry : refused) {
      auto& answer = produce.responses.emplace_back();
      answer.name = entry.name;
      for (const auto& partition : entry.partition_data) {
        auto& part = answer.partition_responses.emplace_back();
        part.index = partition.index;
        part.error_code = error;
        part.base_offset = -1;
      }
    }
  };
  if (request.topic_data.empty()) ruling.answer.emplace(kafka::ProduceResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::FetchRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may(Operation::Read, topic(entry.topic)); });
  if (refused.empty()) return ruling;
  // A fetch that would wait answers at once when something in it was refused, as Kafka does.
  request.max_wait_ms = 0;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    auto& fetch = std::get<kafka::FetchResponse>(response);
    for (const auto& entry : refused) {
      auto& answer = fetch.responses.emplace_back();
      answer.topic = entry.topic;
      for (const auto& partition : entry.partitions) refuse_partition(answer, partition.partition);
    }
  };
  if (request.topics.empty()) ruling.answer.emplace(kafka::FetchResponse());
  return ruling;
}

std::vector<TopicName> rule_again(Access& access, kafka::FetchResponse& response) {
  std::vector<TopicName> refused;
  for (auto& entry : response.responses) {
    if (access.may(Operation::Read, topic(entry.topic))) continue;
    const auto served = std::exchange(entry.partitions, {});
    for (const auto& partition : served) refuse_partition(entry, partition.partition_index);
    refused.emplace_back(entry.topic);
  }
  return refused;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ListOffsetsRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may_describe_topic(entry.name); });
  if (refused.empty()) return ruling;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    auto& offsets = std::get<kafka::ListOffsetsResponse>(response);
    for (const auto& entry : refused) {
      auto& answer = offsets.topics.emplace_back();
      answer.name = entry.name;
      for (const auto& partition : entry.partitions) {
        auto& part = answer.partitions.emplace_back();
        part.partition_index = partition.partition_index;
        part.error_code = kTopicRefused;
      }
    }
  };
  if (request.topics.empty()) ruling.answer.emplace(kafka::ListOffsetsResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::OffsetForLeaderEpochRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may_describe_topic(entry.topic); });
  if (refused.empty()) return ruling;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    auto& epochs = std::get<kafka::OffsetForLeaderEpochResponse>(response);
    for (const auto& entry : refused) {
      auto& answer = epochs.topics.emplace_back();
      answer.topic = entry.topic;
      for (const auto& partition : entry.partitions) {
        auto& part = answer.partitions.emplace_back();
        part.partition = partition.partition;
        part.error_code = kTopicRefused;
      }
    }
  };
  if (request.topics.empty()) ruling.answer.emplace(kafka::OffsetForLeaderEpochResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::InitProducerIdRequest& request) {
  Ruling ruling;
  if (!request.transactional_id ||
      access->may(Operation::Write, Resource::transactional_id(*request.transactional_id))) {
    return ruling;
  }
  kafka::InitProducerIdResponse refused;
  refused.error_code = kTransactionalIdRefused;
  refused.producer_id = -1;
  refused.producer_epoch = -1;
  ruling.answer.emplace(std::move(refused));
  return ruling;
}

}  // namespace myelin::governance
