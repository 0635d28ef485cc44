#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/leader_epoch_check.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {

void answer(Core& core, Call, kafka::OffsetForLeaderEpochRequest request, Reply reply) {
  const auto topics = core.catalogue->snapshot();
  kafka::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request.topics) {
    const Topic* found = topics->find(topic.topic);
    auto& topic_answer = response.topics.emplace_back();
    topic_answer.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.partition = asked.partition;
      answer.leader_epoch = kNoLeaderEpoch;
      answer.end_offset = -1;
      const auto* log = found ? found->partition(asked.partition) : nullptr;
      const auto code = log ? check_leader_epoch(asked.current_leader_epoch, log->leader_epoch())
                            : kafka::ErrorCode::UnknownTopicOrPartition;
      answer.error_code = std::to_underlying(code);
      if (code != kafka::ErrorCode::None) continue;
      const auto end = log->end_offset_for_epoch(asked.leader_epoch);
      answer.leader_epoch = end.leader_epoch;
      answer.end_offset = end.end_offset;
    }
  }
  send(reply, std::move(response));
}

}  // namespace myelin::engine::broker
