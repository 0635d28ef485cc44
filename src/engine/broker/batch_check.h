#pragma once
// What Kafka checks of a produced batch before it reaches the log. The header is trusted for what it says of the
// records, with two exceptions: on a compacted topic every record must have a key, and a largest timestamp before the
// first one (sarama leaves it at -1) is replaced by that of the records, or no question by time would find them.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "engine/broker/topics.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {

struct BadRecord {
  std::int32_t index = 0;  // within the batch
  std::string message;
};

struct BatchRefusal {
  kafka::ErrorCode code = kafka::ErrorCode::InvalidRecord;
  std::string message;
  std::vector<BadRecord> records;  // empty: the batch as a whole
};

// The single batch in `records`, ready for PartitionLog::append.
[[nodiscard]] std::expected<SharedBytes, BatchRefusal> check_batch(const std::optional<Payload>& records,
                                                                   const Topic& topic, bool has_transactional_id);

}  // namespace myelin::engine::broker
