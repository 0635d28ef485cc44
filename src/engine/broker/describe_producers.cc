#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/topic_rules.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {

void answer(Core& core, Call, kafka::DescribeProducersRequest request, Reply reply) {
  const auto topics = core.catalogue->snapshot();
  kafka::DescribeProducersResponse response;
  for (const auto& asked : request.topics) {
    const Topic* topic = topics->find(asked.name);
    auto& answered = response.topics.emplace_back();
    answered.name = asked.name;
    for (const auto index : asked.partition_indexes) {
      auto& partition = answered.partitions.emplace_back();
      partition.partition_index = index;
      const auto* log = topic != nullptr ? topic->partition(index) : nullptr;
      if (log == nullptr) {
        partition.error_code = kafka::code_of(absence_of(asked.name));
        continue;
      }
      for (const auto& producer : log->producers()) {
        auto& active = partition.active_producers.emplace_back();
        active.producer_id = producer.producer_id;
        active.producer_epoch = producer.epoch;
        active.last_sequence = producer.last_sequence;
        active.last_timestamp = producer.last_timestamp;
        active.coordinator_epoch = producer.coordinator_epoch;
        active.current_txn_start_offset = producer.transaction_start;
      }
    }
  }
  send(reply, std::move(response));
}

}  // namespace myelin::engine::broker
