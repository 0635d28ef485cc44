#pragma once
// The records of an uncompressed batch. Layout (Kafka documentation, "Record"): length, attributes i8, timestamp delta,
// offset delta, key length, key, value length, value, headers; lengths and deltas are zigzag varints, -1 is null.
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "storage/batch_header.h"

namespace myelin::storage {

struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<ByteSpan> key;
  std::optional<ByteSpan> value;
  ByteSpan bytes;  // the whole record, length included

  [[nodiscard]] bool is_tombstone() const { return !value; }
};

// Whether `visit` saw every record; false when the batch is compressed or its records can't be read.
[[nodiscard]] bool for_each_record(ByteSpan batch, const std::function<void(const RecordView&)>& visit);

}  // namespace myelin::storage
