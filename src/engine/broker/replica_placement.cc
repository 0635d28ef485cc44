// Leaders and replicas, of which one node has no choice: it leads and holds everything. Asked to move something it
// answers as Kafka does when all is where it should be.
#include <algorithm>
#include <set>
#include <utility>

#include "engine/broker/apis.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;

constexpr std::int8_t kPreferred = 0;
constexpr std::int8_t kUnclean = 1;

void refuse(auto& answer, ErrorCode code, std::string message) {
  answer.error_code = std::to_underlying(code);
  answer.error_message = std::move(message);
}

// Kafka's words for a partition that is not there; nothing when it is.
std::optional<std::string> missing(const Topics& topics, const std::string& topic, std::int32_t partition) {
  const Topic* found = topics.find(topic);
  if (found == nullptr) return "No such topic as " + topic;
  if (found->partition(partition) == nullptr) return fmt::format("No such partition as {}-{}", topic, partition);
  return std::nullopt;
}

// Why the partition can't have these replicas; nothing when it has them.
std::optional<std::string> contradiction(std::int32_t this_broker, const std::vector<std::int32_t>& replicas) {
  if (replicas.empty()) return "The assignment names no broker.";
  std::set<std::int32_t> named;
  for (const auto broker : replicas) {
    if (!named.insert(broker).second) return fmt::format("The assignment names broker {} twice.", broker);
    if (broker != this_broker) {
      return fmt::format("The assignment names broker {}; this cluster is broker {} alone.", broker, this_broker);
    }
  }
  return std::nullopt;
}

}  // namespace

void answer(Core& core, Call, kafka::ElectLeadersRequest request, Reply reply) {
  kafka::ElectLeadersResponse response;
  const bool is_known = request.election_type == kPreferred || request.election_type == kUnclean;
  if (!is_known) response.error_code = std::to_underlying(ErrorCode::InvalidRequest);
  // Asked about all partitions, those that need no election are not named.
  if (request.topic_partitions) {
    const auto topics = core.catalogue->snapshot();
    for (const auto& asked : *request.topic_partitions) {
      auto& topic = response.replica_election_results.emplace_back();
      topic.topic = asked.topic;
      for (const auto partition : asked.partitions) {
        auto& answer = topic.partition_result.emplace_back();
        answer.partition_id = partition;
        if (!is_known) {
          refuse(answer, ErrorCode::InvalidRequest,
                 fmt::format("There is no election type {}.", request.election_type));
        } else if (auto why = missing(*topics, asked.topic, partition)) {
          refuse(answer, ErrorCode::UnknownTopicOrPartition, *std::move(why));
        } else {
          refuse(answer, ErrorCode::ElectionNotNeeded, "The partition has the leader it should have.");
        }
      }
    }
  }
  send(reply, std::move(response));
}

void answer(Core& core, Call, kafka::AlterPartitionReassignmentsRequest request, Reply reply) {
  kafka::AlterPartitionReassignmentsResponse response;
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  const auto topics = core.catalogue->snapshot();
  for (const auto& asked : request.topics) {
    auto& topic = response.responses.emplace_back();
    topic.name = asked.name;
    for (const auto& partition : asked.partitions) {
      auto& answer = topic.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (auto absent = missing(*topics, asked.name, partition.partition_index)) {
        refuse(answer, ErrorCode::UnknownTopicOrPartition, *std::move(absent));
      } else if (!partition.replicas) {
        refuse(answer, ErrorCode::NoReassignmentInProgress, "There is no move of this partition to cancel.");
      } else if (auto why = contradiction(core.options.broker_id, *partition.replicas)) {
        refuse(answer, ErrorCode::InvalidReplicaAssignment, *std::move(why));
      }
    }
  }
  send(reply, std::move(response));
}

void answer(Core&, Call, kafka::ListPartitionReassignmentsRequest, Reply reply) {
  send(reply, kafka::ListPartitionReassignmentsResponse());  // nothing moves
}

}  // namespace myelin::engine::broker
