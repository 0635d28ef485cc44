#include "engine/upstream/unavailable.h"

#include <utility>

#include "kafka/error_code.h"
#include "kafka/refusal.h"

namespace myelin::engine::upstream {
namespace {

using kafka::ErrorCode;
using kafka::refuse_each;

constexpr auto kNoLeader = std::to_underlying(ErrorCode::NotLeaderOrFollower);
constexpr auto kNoCoordinator = std::to_underlying(ErrorCode::CoordinatorNotAvailable);
constexpr auto kTimedOut = std::to_underlying(ErrorCode::RequestTimedOut);

constexpr std::int16_t kCoordinatorListVersion = 4;
constexpr std::int16_t kGroupListVersion = 8;

// Answers with one code for everything.
template <typename Answer>
Answer whole(std::int16_t code) {
  Answer answer;
  answer.error_code = code;
  return answer;
}

// Answers with one code for each part of the request.
template <typename Answer, typename Asked, typename Part>
Answer each(const std::vector<Asked>& asked, std::int16_t code, std::vector<Part> Answer::* parts) {
  Answer answer;
  refuse_each(asked, code, answer.*parts);
  return answer;
}

kafka::Response refuse(const kafka::MetadataRequest& request, const Call& call) {
  kafka::MetadataResponse response;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = 1;
  broker.host = call.advertised_host;
  broker.port = call.advertised_port;
  if (!request.topics) return response;
  refuse_each(*request.topics, std::to_underlying(ErrorCode::LeaderNotAvailable), response.topics);
  for (auto& topic : response.topics) topic.name = topic.name.value_or("");
  return response;
}

kafka::Response refuse(const kafka::ProduceRequest& request, const Call&) {
  return each(request.topic_data, kNoLeader, &kafka::ProduceResponse::responses);
}

kafka::Response refuse(const kafka::FetchRequest& request, const Call&) {
  return each(request.topics, kNoLeader, &kafka::FetchResponse::responses);
}

kafka::Response refuse(const kafka::ListOffsetsRequest& request, const Call&) {
  return each(request.topics, kNoLeader, &kafka::ListOffsetsResponse::topics);
}

kafka::Response refuse(const kafka::OffsetForLeaderEpochRequest& request, const Call&) {
  return each(request.topics, kNoLeader, &kafka::OffsetForLeaderEpochResponse::topics);
}

kafka::Response refuse(const kafka::CreateTopicsRequest& request, const Call&) {
  return each(request.topics, kTimedOut, &kafka::CreateTopicsResponse::topics);
}

kafka::Response refuse(const kafka::DeleteTopicsRequest& request, const Call&) {
  kafka::DeleteTopicsResponse response;
  for (const auto& name : request.topic_names) {
    response.responses.push_back(kafka::refused_deletion(name, kTimedOut));
  }
  refuse_each(request.topics, kTimedOut, response.responses);
  return response;
}

kafka::Response refuse(const kafka::DeleteRecordsRequest& request, const Call&) {
  return each(request.topics, kNoLeader, &kafka::DeleteRecordsResponse::topics);
}

kafka::Response refuse(const kafka::CreatePartitionsRequest& request, const Call&) {
  return each(request.topics, kTimedOut, &kafka::CreatePartitionsResponse::results);
}

kafka::Response refuse(const kafka::AlterConfigsRequest& request, const Call&) {
  return each(request.resources, kTimedOut, &kafka::AlterConfigsResponse::responses);
}

kafka::Response refuse(const kafka::IncrementalAlterConfigsRequest& request, const Call&) {
  return each(request.resources, kTimedOut, &kafka::IncrementalAlterConfigsResponse::responses);
}

kafka::Response refuse(const kafka::DescribeConfigsRequest& request, const Call&) {
  return each(request.resources, kTimedOut, &kafka::DescribeConfigsResponse::results);
}

kafka::Response refuse(const kafka::FindCoordinatorRequest& request, const Call& call) {
  auto response = kafka::refused_coordinator(kNoCoordinator);
  if (call.version < kCoordinatorListVersion) return response;
  for (const auto& key : request.coordinator_keys) {
    response.coordinators.push_back(kafka::refused_coordinator(key, kNoCoordinator));
  }
  return response;
}

kafka::Response refuse(const kafka::OffsetCommitRequest& request, const Call&) {
  return each(request.topics, kNoCoordinator, &kafka::OffsetCommitResponse::topics);
}

kafka::Response refuse(const kafka::OffsetFetchRequest& request, const Call& call) {
  auto response = whole<kafka::OffsetFetchResponse>(kNoCoordinator);
  if (call.version >= kGroupListVersion) {
    refuse_each(request.groups, kNoCoordinator, response.groups);
  } else if (request.topics) {
    refuse_each(*request.topics, kNoCoordinator, response.topics);
  }
  return response;
}

kafka::Response refuse(const kafka::DescribeGroupsRequest& request, const Call&) {
  kafka::DescribeGroupsResponse response;
  for (const auto& id : request.groups) response.groups.push_back(kafka::refused_description(id, kNoCoordinator));
  return response;
}

kafka::Response refuse(const kafka::DeleteGroupsRequest& request, const Call&) {
  kafka::DeleteGroupsResponse response;
  for (const auto& id : request.groups_names) {
    response.results.push_back(kafka::refused_group_deletion(id, kNoCoordinator));
  }
  return response;
}

kafka::Response refuse(const kafka::InitProducerIdRequest&, const Call&) {
  return kafka::refused_producer_id(kNoCoordinator);
}

kafka::Response refuse(const kafka::AddPartitionsToTxnRequest& request, const Call&) {
  return kafka::refused_partitions_in_transaction(request, kNoCoordinator);
}
kafka::Response refuse(const kafka::AddOffsetsToTxnRequest&, const Call&) {
  return whole<kafka::AddOffsetsToTxnResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::EndTxnRequest&, const Call&) {
  return whole<kafka::EndTxnResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::TxnOffsetCommitRequest& request, const Call&) {
  return each(request.topics, kNoCoordinator, &kafka::TxnOffsetCommitResponse::topics);
}
kafka::Response refuse(const kafka::DescribeTransactionsRequest& request, const Call&) {
  kafka::DescribeTransactionsResponse response;
  for (const auto& id : request.transactional_ids) {
    response.transaction_states.push_back(kafka::refused_transaction(id, kNoCoordinator));
  }
  return response;
}
kafka::Response refuse(const kafka::ListTransactionsRequest&, const Call&) {
  return whole<kafka::ListTransactionsResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::DescribeProducersRequest& request, const Call&) {
  return each(request.topics, kNoLeader, &kafka::DescribeProducersResponse::topics);
}

kafka::Response refuse(const kafka::JoinGroupRequest& request, const Call&) {
  auto response = whole<kafka::JoinGroupResponse>(kNoCoordinator);
  response.member_id = request.member_id;
  return response;
}

kafka::Response refuse(const kafka::ConsumerGroupHeartbeatRequest&, const Call&) {
  return whole<kafka::ConsumerGroupHeartbeatResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::ConsumerGroupDescribeRequest& request, const Call&) {
  kafka::ConsumerGroupDescribeResponse response;
  for (const auto& id : request.group_ids)
    response.groups.push_back(kafka::refused_consumer_description(id, kNoCoordinator));
  return response;
}

kafka::Response refuse(const kafka::SyncGroupRequest&, const Call&) {
  return whole<kafka::SyncGroupResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::HeartbeatRequest&, const Call&) {
  return whole<kafka::HeartbeatResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::LeaveGroupRequest&, const Call&) {
  return whole<kafka::LeaveGroupResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::ListGroupsRequest&, const Call&) {
  return whole<kafka::ListGroupsResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::OffsetDeleteRequest&, const Call&) {
  return whole<kafka::OffsetDeleteResponse>(kNoCoordinator);
}
kafka::Response refuse(const kafka::DescribeLogDirsRequest&, const Call&) {
  return whole<kafka::DescribeLogDirsResponse>(kTimedOut);
}
kafka::Response refuse(const kafka::ElectLeadersRequest& request, const Call&) {
  return kafka::refused_election(request, kTimedOut);
}
kafka::Response refuse(const kafka::AlterPartitionReassignmentsRequest&, const Call&) {
  return whole<kafka::AlterPartitionReassignmentsResponse>(kTimedOut);
}
kafka::Response refuse(const kafka::ListPartitionReassignmentsRequest&, const Call&) {
  return whole<kafka::ListPartitionReassignmentsResponse>(kTimedOut);
}
kafka::Response refuse(const kafka::DescribeClusterRequest&, const Call&) {
  return whole<kafka::DescribeClusterResponse>(kTimedOut);
}

// An answer to Metadata of all topics can't say that it failed: it would say that there is none.
bool has_no_word_for_it(const kafka::Request& request, const Call& call) {
  const auto* metadata = std::get_if<kafka::MetadataRequest>(&request);
  return metadata != nullptr && (!metadata->topics || (call.version == 0 && metadata->topics->empty()));
}

}  // namespace

Outcome unavailable(const kafka::Request& request, const Call& call) {
  Outcome outcome;
  outcome.close = has_no_word_for_it(request, call);
  std::visit(
      [&](const auto& typed) {
        // Requests of other APIs are not in served() and never get here.
        if constexpr (requires { refuse(typed, call); }) outcome.response = refuse(typed, call);
      },
      request);
  return outcome;
}

}  // namespace myelin::engine::upstream
