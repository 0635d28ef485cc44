#include "engine/upstream/unavailable.h"

#include <utility>

#include "kafka/error_code.h"

namespace myelin::engine::upstream {
namespace {

using kafka::ErrorCode;

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

kafka::Response refuse(const kafka::MetadataRequest& request, const Call& call) {
  kafka::MetadataResponse response;
  auto& broker = response.brokers.emplace_back();
  broker.node_id = 1;
  broker.host = call.advertised_host;
  broker.port = call.advertised_port;
  if (!request.topics) return response;
  for (const auto& asked : *request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.error_code = std::to_underlying(ErrorCode::LeaderNotAvailable);
    topic.name = asked.name ? *asked.name : "";
    topic.topic_id = asked.topic_id;
  }
  return response;
}

kafka::Response refuse(const kafka::ProduceRequest& request, const Call&) {
  kafka::ProduceResponse response;
  for (const auto& asked : request.topic_data) {
    auto& topic = response.responses.emplace_back();
    topic.name = asked.name;
    for (const auto& data : asked.partition_data) {
      auto& partition = topic.partition_responses.emplace_back();
      partition.index = data.index;
      partition.error_code = kNoLeader;
      partition.base_offset = -1;
    }
  }
  return response;
}

kafka::Response refuse(const kafka::FetchRequest& request, const Call&) {
  kafka::FetchResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.responses.emplace_back();
    topic.topic = asked.topic;
    for (const auto& wanted : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = wanted.partition;
      partition.error_code = kNoLeader;
      partition.high_watermark = -1;
      partition.records = SharedBytes();
    }
  }
  return response;
}

kafka::Response refuse(const kafka::ListOffsetsRequest& request, const Call&) {
  kafka::ListOffsetsResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    for (const auto& wanted : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = wanted.partition_index;
      partition.error_code = kNoLeader;
    }
  }
  return response;
}

kafka::Response refuse(const kafka::OffsetForLeaderEpochRequest& request, const Call&) {
  kafka::OffsetForLeaderEpochResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.topic = asked.topic;
    for (const auto& wanted : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition = wanted.partition;
      partition.error_code = kNoLeader;
    }
  }
  return response;
}

kafka::Response refuse(const kafka::CreateTopicsRequest& request, const Call&) {
  kafka::CreateTopicsResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    topic.error_code = kTimedOut;
    topic.configs.reset();
  }
  return response;
}

kafka::Response refuse(const kafka::DeleteTopicsRequest& request, const Call&) {
  kafka::DeleteTopicsResponse response;
  for (const auto& name : request.topic_names) {
    auto& topic = response.responses.emplace_back();
    topic.name = name;
    topic.error_code = kTimedOut;
  }
  for (const auto& asked : request.topics) {
    auto& topic = response.responses.emplace_back();
    topic.name = asked.name;
    topic.topic_id = asked.topic_id;
    topic.error_code = kTimedOut;
  }
  return response;
}

kafka::Response refuse(const kafka::DescribeConfigsRequest& request, const Call&) {
  kafka::DescribeConfigsResponse response;
  for (const auto& asked : request.resources) {
    auto& result = response.results.emplace_back();
    result.error_code = kTimedOut;
    result.resource_type = asked.resource_type;
    result.resource_name = asked.resource_name;
  }
  return response;
}

kafka::Response refuse(const kafka::FindCoordinatorRequest& request, const Call& call) {
  auto response = whole<kafka::FindCoordinatorResponse>(kNoCoordinator);
  response.node_id = -1;
  response.port = -1;
  if (call.version < kCoordinatorListVersion) return response;
  for (const auto& key : request.coordinator_keys) {
    auto& coordinator = response.coordinators.emplace_back();
    coordinator.key = key;
    coordinator.node_id = -1;
    coordinator.port = -1;
    coordinator.error_code = kNoCoordinator;
  }
  return response;
}

kafka::Response refuse(const kafka::OffsetCommitRequest& request, const Call&) {
  kafka::OffsetCommitResponse response;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    for (const auto& wanted : asked.partitions) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = wanted.partition_index;
      partition.error_code = kNoCoordinator;
    }
  }
  return response;
}

kafka::Response refuse(const kafka::OffsetFetchRequest& request, const Call& call) {
  auto response = whole<kafka::OffsetFetchResponse>(kNoCoordinator);
  if (call.version >= kGroupListVersion) {
    for (const auto& asked : request.groups) {
      auto& group = response.groups.emplace_back();
      group.group_id = asked.group_id;
      group.error_code = kNoCoordinator;
    }
    return response;
  }
  if (!request.topics) return response;
  for (const auto& asked : *request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    for (const auto index : asked.partition_indexes) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = index;
      partition.committed_offset = -1;
      partition.error_code = kNoCoordinator;
    }
  }
  return response;
}

kafka::Response refuse(const kafka::DescribeGroupsRequest& request, const Call&) {
  kafka::DescribeGroupsResponse response;
  for (const auto& id : request.groups) {
    auto& group = response.groups.emplace_back();
    group.group_id = id;
    group.error_code = kNoCoordinator;
  }
  return response;
}

kafka::Response refuse(const kafka::DeleteGroupsRequest& request, const Call&) {
  kafka::DeleteGroupsResponse response;
  for (const auto& id : request.groups_names) {
    auto& group = response.results.emplace_back();
    group.group_id = id;
    group.error_code = kNoCoordinator;
  }
  return response;
}

kafka::Response refuse(const kafka::InitProducerIdRequest&, const Call&) {
  auto response = whole<kafka::InitProducerIdResponse>(kNoCoordinator);
  response.producer_epoch = -1;
  return response;
}

kafka::Response refuse(const kafka::JoinGroupRequest& request, const Call&) {
  auto response = whole<kafka::JoinGroupResponse>(kNoCoordinator);
  response.member_id = request.member_id;
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
