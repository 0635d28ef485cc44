#pragma once
// What a part of a request is answered when it is refused: the part of the response that names it and carries `code`,
// with Kafka's "nothing" in every other field. One function per kind of part, whoever refuses and for what reason.
#include <cstdint>
#include <string>
#include <vector>

#include "kafka/messages.h"

namespace myelin::kafka {

ProduceResponse::TopicProduceResponse refused(const ProduceRequest::TopicProduceData& topic, std::int16_t code);

FetchResponse::PartitionData refused_fetch(std::int32_t partition, std::int16_t code);
FetchResponse::FetchableTopicResponse refused(const FetchRequest::FetchTopic& topic, std::int16_t code);

ListOffsetsResponse::ListOffsetsTopicResponse refused(const ListOffsetsRequest::ListOffsetsTopic& topic,
                                                      std::int16_t code);

OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult refused(
    const OffsetForLeaderEpochRequest::OffsetForLeaderTopic& topic, std::int16_t code);

MetadataResponse::MetadataResponseTopic refused(const MetadataRequest::MetadataRequestTopic& topic, std::int16_t code);

CreateTopicsResponse::CreatableTopicResult refused(const CreateTopicsRequest::CreatableTopic& topic, std::int16_t code);

DeleteTopicsResponse::DeletableTopicResult refused(const DeleteTopicsRequest::DeleteTopicState& topic,
                                                   std::int16_t code);
DeleteTopicsResponse::DeletableTopicResult refused_deletion(const std::string& name, std::int16_t code);

// Kafka's "nothing" in place of a log's start is -1.
DeleteRecordsResponse::DeleteRecordsTopicResult refused(const DeleteRecordsRequest::DeleteRecordsTopic& topic,
                                                        std::int16_t code);

CreatePartitionsResponse::CreatePartitionsTopicResult refused(
    const CreatePartitionsRequest::CreatePartitionsTopic& topic, std::int16_t code);

AlterConfigsResponse::AlterConfigsResourceResponse refused(const AlterConfigsRequest::AlterConfigsResource& resource,
                                                           std::int16_t code);
IncrementalAlterConfigsResponse::AlterConfigsResourceResponse refused(
    const IncrementalAlterConfigsRequest::AlterConfigsResource& resource, std::int16_t code);

DescribeConfigsResponse::DescribeConfigsResult refused(const DescribeConfigsRequest::DescribeConfigsResource& resource,
                                                       std::int16_t code);

FindCoordinatorResponse::Coordinator refused_coordinator(const std::string& key, std::int16_t code);
// Versions 0 to 3, which ask for one key.
FindCoordinatorResponse refused_coordinator(std::int16_t code);

OffsetCommitResponse::OffsetCommitResponseTopic refused(const OffsetCommitRequest::OffsetCommitRequestTopic& topic,
                                                        std::int16_t code);

TxnOffsetCommitResponse::TxnOffsetCommitResponseTopic refused(
    const TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic& topic, std::int16_t code);

// Versions 0 to 7, which ask for one group, and the later ones.
OffsetFetchResponse::OffsetFetchResponseTopic refused(const OffsetFetchRequest::OffsetFetchRequestTopic& topic,
                                                      std::int16_t code);
OffsetFetchResponse::OffsetFetchResponseTopics refused(const OffsetFetchRequest::OffsetFetchRequestTopics& topic,
                                                       std::int16_t code);
OffsetFetchResponse::OffsetFetchResponseGroup refused(const OffsetFetchRequest::OffsetFetchRequestGroup& group,
                                                      std::int16_t code);

DescribeGroupsResponse::DescribedGroup refused_description(const std::string& group, std::int16_t code);
ConsumerGroupDescribeResponse::DescribedGroup refused_consumer_description(const std::string& group, std::int16_t code);
DeleteGroupsResponse::DeletableGroupResult refused_group_deletion(const std::string& group, std::int16_t code);

OffsetDeleteResponse::OffsetDeleteResponseTopic refused(const OffsetDeleteRequest::OffsetDeleteRequestTopic& topic,
                                                        std::int16_t code);

// Each partition carries the code too: version 0 has no other place for it.
ElectLeadersResponse refused_election(const ElectLeadersRequest& request, std::int16_t code);

// One result per user, by name.
AlterUserScramCredentialsResponse refused_alteration(const AlterUserScramCredentialsRequest& request,
                                                     std::int16_t code);
AlterClientQuotasResponse::EntryData refused(const AlterClientQuotasRequest::EntryData& entry, std::int16_t code);
AddPartitionsToTxnResponse refused_partitions_in_transaction(const AddPartitionsToTxnRequest& request,
                                                             std::int16_t code);
AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult refused(
    const AddPartitionsToTxnRequest::AddPartitionsToTxnTopic& topic, std::int16_t code);
DescribeTransactionsResponse::TransactionState refused_transaction(const std::string& transactional_id,
                                                                   std::int16_t code);
DescribeProducersResponse::TopicResponse refused(const DescribeProducersRequest::TopicRequest& topic,
                                                 std::int16_t code);

InitProducerIdResponse refused_producer_id(std::int16_t code);

// Puts the refusal of each of `asked` behind what `answers` has.
template <typename Asked, typename Answer>
void refuse_each(const std::vector<Asked>& asked, std::int16_t code, std::vector<Answer>& answers) {
  answers.reserve(answers.size() + asked.size());
  for (const auto& one : asked) answers.push_back(refused(one, code));
}

}  // namespace myelin::kafka
