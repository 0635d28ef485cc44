#pragma once
// One function per API the broker answers itself, each in the file named after it. All may be called from any thread
// and call `reply` once, now or later. Groups' APIs are GroupDesk's.
#include <utility>

#include "engine/broker/core.h"
#include "engine/engine.h"
#include "kafka/messages.h"

namespace myelin::engine::broker {

// An answer that makes no facts true.
inline void send(Reply& reply, kafka::Response response) {
  Outcome outcome;
  outcome.response = std::move(response);
  reply(std::move(outcome));
}

void answer(Core& core, Call call, kafka::MetadataRequest request, Reply reply);
void answer(Core& core, Call call, kafka::ProduceRequest request, Reply reply);
void answer(Core& core, Call call, kafka::FetchRequest request, Reply reply);
void answer(Core& core, Call call, kafka::ListOffsetsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::OffsetForLeaderEpochRequest request, Reply reply);
void answer(Core& core, Call call, kafka::CreateTopicsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DeleteTopicsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DeleteRecordsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::CreatePartitionsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::AlterConfigsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::IncrementalAlterConfigsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DescribeConfigsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DescribeClusterRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DescribeLogDirsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::ElectLeadersRequest request, Reply reply);
void answer(Core& core, Call call, kafka::AlterPartitionReassignmentsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::ListPartitionReassignmentsRequest request, Reply reply);
void answer(Core& core, Call call, kafka::InitProducerIdRequest request, Reply reply);
void answer(Core& core, Call call, kafka::DescribeProducersRequest request, Reply reply);
void answer(Core& core, Call call, kafka::TxnOffsetCommitRequest request, Reply reply);

}  // namespace myelin::engine::broker
