#include "kafka/refusal.h"

#include <set>

#include "base/bytes.h"

namespace myelin::kafka {
namespace {

// OffsetFetch has the same topic under two names, before and since the version that asks for several groups.
template <typename Answer>
Answer refused_offsets(const auto& topic, std::int16_t code) {
  Answer answer;
  answer.name = topic.name;
  for (const auto index : topic.partition_indexes) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition_index = index;
    partition.committed_offset = -1;
    partition.error_code = code;
  }
  return answer;
}

template <typename Answer>
Answer refused_partitions(const auto& topic, std::int16_t code) {
  Answer answer;
  answer.name = topic.name;
  for (const auto& asked : topic.partitions) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition_index = asked.partition_index;
    partition.error_code = code;
  }
  return answer;
}

template <typename Answer>
Answer refused_resource(const auto& resource, std::int16_t code) {
  Answer answer;
  answer.error_code = code;
  answer.resource_type = resource.resource_type;
  answer.resource_name = resource.resource_name;
  return answer;
}

}  // namespace

ProduceResponse::TopicProduceResponse refused(const ProduceRequest::TopicProduceData& topic, std::int16_t code) {
  ProduceResponse::TopicProduceResponse answer;
  answer.name = topic.name;
  answer.topic_id = topic.topic_id;
  for (const auto& data : topic.partition_data) {
    auto& partition = answer.partition_responses.emplace_back();
    partition.index = data.index;
    partition.error_code = code;
    partition.base_offset = -1;
  }
  return answer;
}

FetchResponse::PartitionData refused_fetch(std::int32_t partition, std::int16_t code) {
  FetchResponse::PartitionData answer;
  answer.partition_index = partition;
  answer.error_code = code;
  answer.high_watermark = -1;
  answer.records.emplace(SharedBytes());
  return answer;
}

FetchResponse::FetchableTopicResponse refused(const FetchRequest::FetchTopic& topic, std::int16_t code) {
  FetchResponse::FetchableTopicResponse answer;
  answer.topic = topic.topic;
  answer.topic_id = topic.topic_id;
  for (const auto& asked : topic.partitions) answer.partitions.push_back(refused_fetch(asked.partition, code));
  return answer;
}

ListOffsetsResponse::ListOffsetsTopicResponse refused(const ListOffsetsRequest::ListOffsetsTopic& topic,
                                                      std::int16_t code) {
  return refused_partitions<ListOffsetsResponse::ListOffsetsTopicResponse>(topic, code);
}

OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult refused(
    const OffsetForLeaderEpochRequest::OffsetForLeaderTopic& topic, std::int16_t code) {
  OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult answer;
  answer.topic = topic.topic;
  for (const auto& asked : topic.partitions) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition = asked.partition;
    partition.error_code = code;
  }
  return answer;
}

MetadataResponse::MetadataResponseTopic refused(const MetadataRequest::MetadataRequestTopic& topic, std::int16_t code) {
  MetadataResponse::MetadataResponseTopic answer;
  answer.name = topic.name;
  answer.topic_id = topic.topic_id;
  answer.error_code = code;
  return answer;
}

CreateTopicsResponse::CreatableTopicResult refused(const CreateTopicsRequest::CreatableTopic& topic,
                                                   std::int16_t code) {
  CreateTopicsResponse::CreatableTopicResult answer;
  answer.name = topic.name;
  answer.error_code = code;
  return answer;
}

DeleteTopicsResponse::DeletableTopicResult refused(const DeleteTopicsRequest::DeleteTopicState& topic,
                                                   std::int16_t code) {
  DeleteTopicsResponse::DeletableTopicResult answer;
  answer.name = topic.name;
  answer.topic_id = topic.topic_id;
  answer.error_code = code;
  return answer;
}

DeleteTopicsResponse::DeletableTopicResult refused_deletion(const std::string& name, std::int16_t code) {
  DeleteTopicsResponse::DeletableTopicResult answer;
  answer.name = name;
  answer.error_code = code;
  return answer;
}

DescribeConfigsResponse::DescribeConfigsResult refused(const DescribeConfigsRequest::DescribeConfigsResource& resource,
                                                       std::int16_t code) {
  return refused_resource<DescribeConfigsResponse::DescribeConfigsResult>(resource, code);
}

DeleteRecordsResponse::DeleteRecordsTopicResult refused(const DeleteRecordsRequest::DeleteRecordsTopic& topic,
                                                        std::int16_t code) {
  auto answer = refused_partitions<DeleteRecordsResponse::DeleteRecordsTopicResult>(topic, code);
  for (auto& partition : answer.partitions) partition.low_watermark = -1;
  return answer;
}

CreatePartitionsResponse::CreatePartitionsTopicResult refused(
    const CreatePartitionsRequest::CreatePartitionsTopic& topic, std::int16_t code) {
  CreatePartitionsResponse::CreatePartitionsTopicResult answer;
  answer.name = topic.name;
  answer.error_code = code;
  return answer;
}

AlterConfigsResponse::AlterConfigsResourceResponse refused(const AlterConfigsRequest::AlterConfigsResource& resource,
                                                           std::int16_t code) {
  return refused_resource<AlterConfigsResponse::AlterConfigsResourceResponse>(resource, code);
}

IncrementalAlterConfigsResponse::AlterConfigsResourceResponse refused(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& resource, std::int16_t code) {
  return refused_resource<IncrementalAlterConfigsResponse::AlterConfigsResourceResponse>(resource, code);
}

FindCoordinatorResponse::Coordinator refused_coordinator(const std::string& key, std::int16_t code) {
  FindCoordinatorResponse::Coordinator answer;
  answer.key = key;
  answer.node_id = -1;
  answer.port = -1;
  answer.error_code = code;
  return answer;
}

FindCoordinatorResponse refused_coordinator(std::int16_t code) {
  FindCoordinatorResponse answer;
  answer.error_code = code;
  answer.node_id = -1;
  answer.port = -1;
  return answer;
}

OffsetCommitResponse::OffsetCommitResponseTopic refused(const OffsetCommitRequest::OffsetCommitRequestTopic& topic,
                                                        std::int16_t code) {
  return refused_partitions<OffsetCommitResponse::OffsetCommitResponseTopic>(topic, code);
}

TxnOffsetCommitResponse::TxnOffsetCommitResponseTopic refused(
    const TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic& topic, std::int16_t code) {
  return refused_partitions<TxnOffsetCommitResponse::TxnOffsetCommitResponseTopic>(topic, code);
}

OffsetFetchResponse::OffsetFetchResponseTopic refused(const OffsetFetchRequest::OffsetFetchRequestTopic& topic,
                                                      std::int16_t code) {
  return refused_offsets<OffsetFetchResponse::OffsetFetchResponseTopic>(topic, code);
}

OffsetFetchResponse::OffsetFetchResponseTopics refused(const OffsetFetchRequest::OffsetFetchRequestTopics& topic,
                                                       std::int16_t code) {
  return refused_offsets<OffsetFetchResponse::OffsetFetchResponseTopics>(topic, code);
}

OffsetFetchResponse::OffsetFetchResponseGroup refused(const OffsetFetchRequest::OffsetFetchRequestGroup& group,
                                                      std::int16_t code) {
  OffsetFetchResponse::OffsetFetchResponseGroup answer;
  answer.group_id = group.group_id;
  answer.error_code = code;
  return answer;
}

DescribeGroupsResponse::DescribedGroup refused_description(const std::string& group, std::int16_t code) {
  DescribeGroupsResponse::DescribedGroup answer;
  answer.group_id = group;
  answer.error_code = code;
  return answer;
}

ConsumerGroupDescribeResponse::DescribedGroup refused_consumer_description(const std::string& group,
                                                                           std::int16_t code) {
  ConsumerGroupDescribeResponse::DescribedGroup answer;
  answer.group_id = group;
  answer.error_code = code;
  return answer;
}

DeleteGroupsResponse::DeletableGroupResult refused_group_deletion(const std::string& group, std::int16_t code) {
  DeleteGroupsResponse::DeletableGroupResult answer;
  answer.group_id = group;
  answer.error_code = code;
  return answer;
}

OffsetDeleteResponse::OffsetDeleteResponseTopic refused(const OffsetDeleteRequest::OffsetDeleteRequestTopic& topic,
                                                        std::int16_t code) {
  return refused_partitions<OffsetDeleteResponse::OffsetDeleteResponseTopic>(topic, code);
}

ElectLeadersResponse refused_election(const ElectLeadersRequest& request, std::int16_t code) {
  ElectLeadersResponse answer;
  answer.error_code = code;
  if (!request.topic_partitions) return answer;
  for (const auto& asked : *request.topic_partitions) {
    auto& topic = answer.replica_election_results.emplace_back();
    topic.topic = asked.topic;
    for (const auto index : asked.partitions) {
      auto& partition = topic.partition_result.emplace_back();
      partition.partition_id = index;
      partition.error_code = code;
    }
  }
  return answer;
}

AlterUserScramCredentialsResponse refused_alteration(const AlterUserScramCredentialsRequest& request,
                                                     std::int16_t code) {
  std::set<std::string> users;
  for (const auto& deletion : request.deletions) users.insert(deletion.name);
  for (const auto& upsertion : request.upsertions) users.insert(upsertion.name);
  AlterUserScramCredentialsResponse answer;
  for (const auto& user : users) {
    auto& result = answer.results.emplace_back();
    result.user = user;
    result.error_code = code;
  }
  return answer;
}

AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult refused(
    const AddPartitionsToTxnRequest::AddPartitionsToTxnTopic& topic, std::int16_t code) {
  AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult answer;
  answer.name = topic.name;
  for (const auto index : topic.partitions) {
    auto& partition = answer.results_by_partition.emplace_back();
    partition.partition_index = index;
    partition.partition_error_code = code;
  }
  return answer;
}

AlterClientQuotasResponse::EntryData refused(const AlterClientQuotasRequest::EntryData& entry, std::int16_t code) {
  AlterClientQuotasResponse::EntryData answer;
  answer.error_code = code;
  for (const auto& asked : entry.entity) {
    auto& part = answer.entity.emplace_back();
    part.entity_type = asked.entity_type;
    part.entity_name = asked.entity_name;
  }
  return answer;
}

AddPartitionsToTxnResponse refused_partitions_in_transaction(const AddPartitionsToTxnRequest& request,
                                                             std::int16_t code) {
  AddPartitionsToTxnResponse answer;
  refuse_each(request.v3_and_below_topics, code, answer.results_by_topic_v3_and_below);
  return answer;
}

DescribeTransactionsResponse::TransactionState refused_transaction(const std::string& transactional_id,
                                                                   std::int16_t code) {
  DescribeTransactionsResponse::TransactionState answer;
  answer.transactional_id = transactional_id;
  answer.error_code = code;
  return answer;
}

DescribeProducersResponse::TopicResponse refused(const DescribeProducersRequest::TopicRequest& topic,
                                                 std::int16_t code) {
  DescribeProducersResponse::TopicResponse answer;
  answer.name = topic.name;
  for (const auto index : topic.partition_indexes) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition_index = index;
    partition.error_code = code;
  }
  return answer;
}

InitProducerIdResponse refused_producer_id(std::int16_t code) {
  InitProducerIdResponse answer;
  answer.error_code = code;
  answer.producer_id = -1;
  answer.producer_epoch = -1;
  return answer;
}

}  // namespace myelin::kafka
