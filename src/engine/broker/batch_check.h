#pragma once
// What Kafka checks of a produced batch before it reaches the log. The header is trusted for what it says of the
// records, except on a compacted topic, where every record must have a key.
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
