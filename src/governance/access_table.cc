#include "governance/access_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace myelin::governance {
namespace {

using enum kafka::ApiKey;

constexpr std::string_view kTopicRefusal = "TOPIC_AUTHORIZATION_FAILED";
constexpr std::string_view kClusterRefusal = "CLUSTER_AUTHORIZATION_FAILED";
constexpr std::string_view kGroupRefusal = "GROUP_AUTHORIZATION_FAILED";
constexpr std::string_view kIdRefusal = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";

constexpr std::array kTable{
    AccessRow{ApiVersions, "–", "none: also before sign-in", "–"},
    AccessRow{SaslHandshake, "–", "none: before sign-in only", "–"},
    AccessRow{SaslAuthenticate, "–", "none: before sign-in only", "–"},
    AccessRow{Produce, "topic, each", "write", kTopicRefusal},
    AccessRow{Produce, "transactional id, if given", "write", kIdRefusal},
    AccessRow{Fetch, "topic, each by name", "read", kTopicRefusal},
    AccessRow{Fetch, "topic, each by id", "read", "the same; UNKNOWN_TOPIC_ID where it may not be described"},
    AccessRow{ListOffsets, "topic, each", "describe", kTopicRefusal},
    AccessRow{OffsetForLeaderEpoch, "topic, each", "describe", kTopicRefusal},
    AccessRow{InitProducerId, "transactional id, if given", "write", kIdRefusal},
    AccessRow{InitProducerId, "without one", "none: any signed-in principal", "–"},
    AccessRow{AddPartitionsToTxn, "transactional id", "write", kIdRefusal},
    AccessRow{AddPartitionsToTxn, "topic, each", "write", kTopicRefusal},
    AccessRow{AddOffsetsToTxn, "transactional id", "write", kIdRefusal},
    AccessRow{AddOffsetsToTxn, "group", "read", kGroupRefusal},
    AccessRow{EndTxn, "transactional id", "write", kIdRefusal},
    AccessRow{TxnOffsetCommit, "transactional id", "write", kIdRefusal},
    AccessRow{TxnOffsetCommit, "group", "read", kGroupRefusal},
    AccessRow{TxnOffsetCommit, "topic, each", "read", kTopicRefusal},
    AccessRow{DescribeTransactions, "transactional id, each", "describe", kIdRefusal},
    AccessRow{DescribeTransactions, "topics that a transaction touches", "describe", "left out"},
    AccessRow{ListTransactions, "transactional ids", "describe", "left out"},
    AccessRow{DescribeProducers, "topic, each", "read", kTopicRefusal},
    AccessRow{Metadata, "topic, each that is named", "describe", kTopicRefusal},
    AccessRow{Metadata, "topics, when all are asked for", "describe", "left out"},
    AccessRow{Metadata, "topic, when it would be created", "create", kTopicRefusal},
    AccessRow{CreateTopics, "topic, each", "create", kTopicRefusal},
    AccessRow{DeleteTopics, "topic, each by name or id", "delete", kTopicRefusal},
    AccessRow{DeleteRecords, "topic, each", "delete", kTopicRefusal},
    AccessRow{CreatePartitions, "topic, each", "alter", kTopicRefusal},
    AccessRow{AlterConfigs, "topic, each", "alter", kTopicRefusal},
    AccessRow{AlterConfigs, "broker and anything else, each", "alter cluster", kClusterRefusal},
    AccessRow{IncrementalAlterConfigs, "topic, each", "alter", kTopicRefusal},
    AccessRow{IncrementalAlterConfigs, "broker and anything else, each", "alter cluster", kClusterRefusal},
    AccessRow{DescribeConfigs, "topic, each", "describe", kTopicRefusal},
    AccessRow{DescribeConfigs, "broker and anything else, each", "describe cluster", kClusterRefusal},
    AccessRow{DescribeCluster, "–", "none: any signed-in principal", "–"},
    AccessRow{DescribeLogDirs, "cluster", "describe cluster", kClusterRefusal},
    AccessRow{ElectLeaders, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{AlterPartitionReassignments, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{ListPartitionReassignments, "cluster", "describe cluster", kClusterRefusal},
    AccessRow{DescribeUserScramCredentials, "cluster", "describe cluster", kClusterRefusal},
    AccessRow{AlterUserScramCredentials, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{DescribeClientQuotas, "cluster", "describe cluster", kClusterRefusal},
    AccessRow{AlterClientQuotas, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{DescribeAcls, "cluster", "describe cluster", kClusterRefusal},
    AccessRow{CreateAcls, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{DeleteAcls, "cluster", "alter cluster", kClusterRefusal},
    AccessRow{FindCoordinator, "group, each", "describe", kGroupRefusal},
    AccessRow{FindCoordinator, "transactional id, each", "describe", kIdRefusal},
    AccessRow{JoinGroup, "group", "read", kGroupRefusal},
    AccessRow{SyncGroup, "group", "read", kGroupRefusal},
    AccessRow{Heartbeat, "group", "read", kGroupRefusal},
    AccessRow{LeaveGroup, "group", "read", kGroupRefusal},
    AccessRow{ConsumerGroupHeartbeat, "group", "read", kGroupRefusal},
    AccessRow{ConsumerGroupHeartbeat, "topic, each that is named", "describe", kTopicRefusal},
    AccessRow{ConsumerGroupHeartbeat, "topics that a pattern names", "describe", "left out"},
    AccessRow{ConsumerGroupDescribe, "group, each", "describe", kGroupRefusal},
    AccessRow{ConsumerGroupDescribe, "topics of its members", "describe", kTopicRefusal},
    AccessRow{OffsetCommit, "group", "read", kGroupRefusal},
    AccessRow{OffsetCommit, "topic, each", "read", kTopicRefusal},
    AccessRow{OffsetFetch, "group, each", "describe", kGroupRefusal},
    AccessRow{OffsetFetch, "topic, each that is named", "describe", kTopicRefusal},
    AccessRow{OffsetFetch, "topics, when all are asked for", "describe", "left out"},
    AccessRow{DescribeGroups, "group, each", "describe", kGroupRefusal},
    AccessRow{ListGroups, "groups", "describe", "left out"},
    AccessRow{DeleteGroups, "group, each", "delete", kGroupRefusal},
    AccessRow{OffsetDelete, "group", "delete", kGroupRefusal},
    AccessRow{OffsetDelete, "topic, each", "read", kTopicRefusal},
};

}  // namespace

std::span<const AccessRow> access_table() { return kTable; }

bool in_access_table(kafka::ApiKey key) {
  return std::ranges::any_of(kTable, [key](const auto& row) { return row.key == key; });
}

std::string access_reference() {
  std::string text =
      "# Who may do what, per API\n\nEvery API that is served, what it touches and which operation that needs. What is "
      "not in this table is\nnot "
      "advertised and refused. The rules behind the operations: a topic is written, created, configured and deleted "
      "by\nits "
      "owner, read by its owner or under a live grant, and described by whoever may read or write it; groups "
      "and\ntransactional "
      "ids belong to the squad that owns their prefix; everything else needs the role platform.\nThis page is printed "
      "by `myelin "
      "access-table`.\n\n| API | resource | operation | refusal |\n|---|---|---|---|\n";
  for (const auto& row : kTable) {
    text += fmt::format("| {} {} | {} | {} | {} |\n", static_cast<int>(row.key), kafka::api_name(row.key), row.resource,
                        row.operation, row.refusal);
  }
  return text;
}

}  // namespace myelin::governance
