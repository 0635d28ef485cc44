#pragma once
// The control batch that ends a producer's transaction in one partition, as Kafka writes it: one record whose key is
// version i16 = 0 and type i16 (0 abort, 1 commit), and whose value is version i16 = 0 and the coordinator's epoch i32.
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "storage/segment_scan.h"

namespace myelin::storage {

struct TransactionMarker {
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t coordinator_epoch = 0;
  bool commits = false;
};

// Base offset 0 and leader epoch -1, as batches come from producers.
[[nodiscard]] ByteBuffer encode(const TransactionMarker& marker, std::int64_t timestamp_ms);
// nullopt when the batch is no control batch, or another kind of one.
[[nodiscard]] std::optional<TransactionMarker> parse_marker(ByteSpan batch);
// The marker in a control batch of a segment. Corrupt when its CRC is wrong.
[[nodiscard]] Result<std::optional<TransactionMarker>> read_marker(const File& file, const LocatedBatch& batch);

}  // namespace myelin::storage
