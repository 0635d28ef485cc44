// APIs of transactions. A transactional id belongs to the owner of its prefix; what a transaction touches is decided
// topic by topic and group by group, as without one.
#include <utility>

#include "governance/access.h"
#include "governance/refuse.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;
using policy::ResourceKind;

constexpr std::int16_t kNotAttempted = kafka::code_of(kafka::ErrorCode::OperationNotAttempted);

Resource topic(const std::string& name) { return {ResourceKind::Topic, name}; }

bool may_run(Access& access, const std::string& transactional_id) {
  return access.may(Operation::Write, Resource::transactional_id(transactional_id));
}

template <typename Response>
Ruling refuse_whole(std::int16_t code) {
  Response refused;
  refused.error_code = code;
  Ruling ruling;
  ruling.answer.emplace(std::move(refused));
  return ruling;
}

}  // namespace

// All or none: with one topic refused, the others are not even tried.
Ruling rule_on_api(const AccessPtr& access, kafka::AddPartitionsToTxnRequest& request) {
  Ruling ruling;
  if (!may_run(*access, request.v3_and_below_transactional_id)) {
    ruling.answer.emplace(kafka::refused_partitions_in_transaction(request, kTransactionalIdRefused));
    return ruling;
  }
  auto refused = take_refused(request.v3_and_below_topics,
                              [&](const auto& entry) { return access->may(Operation::Write, topic(entry.name)); });
  if (refused.empty()) return ruling;
  auto answer = kafka::refused_partitions_in_transaction(request, kNotAttempted);
  kafka::refuse_each(refused, kTopicRefused, answer.results_by_topic_v3_and_below);
  ruling.answer.emplace(std::move(answer));
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::AddOffsetsToTxnRequest& request) {
  using Response = kafka::AddOffsetsToTxnResponse;
  if (!may_run(*access, request.transactional_id)) return refuse_whole<Response>(kTransactionalIdRefused);
  if (!access->may(Operation::Read, {ResourceKind::Group, request.group_id})) {
    return refuse_whole<Response>(kGroupRefused);
  }
  return {};
}

Ruling rule_on_api(const AccessPtr& access, kafka::EndTxnRequest& request) {
  if (may_run(*access, request.transactional_id)) return {};
  return refuse_whole<kafka::EndTxnResponse>(kTransactionalIdRefused);
}

Ruling rule_on_api(const AccessPtr& access, kafka::TxnOffsetCommitRequest& request) {
  std::int16_t whole = 0;
  if (!may_run(*access, request.transactional_id)) {
    whole = kTransactionalIdRefused;
  } else if (!access->may(Operation::Read, {ResourceKind::Group, request.group_id})) {
    whole = kGroupRefused;
  }
  Ruling ruling;
  auto refused = take_refused(
      request.topics, [&](const auto& entry) { return whole == 0 && access->may(Operation::Read, topic(entry.name)); });
  if (whole != 0) ruling.answer.emplace(kafka::TxnOffsetCommitResponse());
  put_back(ruling, std::move(refused), whole != 0 ? whole : kTopicRefused, &kafka::TxnOffsetCommitResponse::topics,
           request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeTransactionsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.transactional_ids, [&](const std::string& id) {
    return access->may(Operation::Describe, Resource::transactional_id(id));
  });
  const bool nothing_is_left = request.transactional_ids.empty();
  ruling.amend = [access, refused = std::move(refused)](kafka::Response& response) {
    auto& states = std::get<kafka::DescribeTransactionsResponse>(response).transaction_states;
    for (auto& state : states) {
      std::erase_if(state.topics, [&](const auto& entry) { return !access->sees_topic(entry.topic); });
    }
    for (const auto& id : refused) states.push_back(kafka::refused_transaction(id, kTransactionalIdRefused));
  };
  if (nothing_is_left) ruling.answer.emplace(kafka::DescribeTransactionsResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ListTransactionsRequest&) {
  Ruling ruling;
  ruling.amend = [access](kafka::Response& response) {
    auto& listed = std::get<kafka::ListTransactionsResponse>(response).transaction_states;
    std::erase_if(listed, [&](const auto& state) { return !access->sees_transactional_id(state.transactional_id); });
  };
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeProducersRequest& request) {
  Ruling ruling;
  auto refused =
      take_refused(request.topics, [&](const auto& entry) { return access->may(Operation::Read, topic(entry.name)); });
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::DescribeProducersResponse::topics,
           request.topics.empty());
  return ruling;
}

}  // namespace myelin::governance
