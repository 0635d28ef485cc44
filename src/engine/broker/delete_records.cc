#include <memory>
#include <utility>

#include "engine/broker/apis.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using Asked = kafka::DeleteRecordsRequest::DeleteRecordsPartition;
using Answer = kafka::DeleteRecordsResponse::DeleteRecordsPartitionResult;

// In place of an offset: all that readers can see.
constexpr std::int64_t kHighWatermark = -1;

void refuse(Answer& answer, ErrorCode code) {
  answer.error_code = std::to_underlying(code);
  answer.low_watermark = -1;
}

ErrorCode code_of(const Error& error) {
  if (error.code == Code::Invalid) return ErrorCode::OffsetOutOfRange;
  if (error.code == Code::Unavailable) return ErrorCode::UnknownTopicOrPartition;  // it was just deleted
  return ErrorCode::KafkaStorageError;
}

void answer_partition(Answer& answer, const Asked& asked, const Topic* topic) {
  answer.partition_index = asked.partition_index;
  auto* log = topic == nullptr ? nullptr : topic->partition(asked.partition_index);
  if (log == nullptr) return refuse(answer, ErrorCode::UnknownTopicOrPartition);
  if (is_internal_name(topic->name.text())) return refuse(answer, ErrorCode::InvalidTopicException);
  // Kafka's rule: of a topic that is only compacted, what is left is decided by its keys.
  if (!topic->log_config.cleanup.remove) return refuse(answer, ErrorCode::PolicyViolation);
  if (asked.offset < kHighWatermark) return refuse(answer, ErrorCode::OffsetOutOfRange);
  const auto before = asked.offset == kHighWatermark ? log->high_watermark() : asked.offset;
  const auto start = log->delete_records_before(before);
  if (!start) return refuse(answer, code_of(start.error()));
  answer.error_code = 0;
  answer.low_watermark = *start;
}

kafka::DeleteRecordsResponse remove(const Topics& topics, const kafka::DeleteRecordsRequest& request) {
  kafka::DeleteRecordsResponse response;
  for (const auto& asked : request.topics) {
    auto& answer = response.topics.emplace_back();
    answer.name = asked.name;
    const Topic* topic = topics.find(asked.name);
    for (const auto& partition : asked.partitions) {
      answer_partition(answer.partitions.emplace_back(), partition, topic);
    }
  }
  return response;
}

}  // namespace

void answer(Core& core, Call, kafka::DeleteRecordsRequest request, Reply reply) {
  core.disk_jobs.submit([topics = core.catalogue->snapshot(), request = std::move(request),
                         reply = std::move(reply)]() mutable { send(reply, remove(*topics, request)); });
}

}  // namespace myelin::engine::broker
