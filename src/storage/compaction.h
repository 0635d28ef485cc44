#pragma once
// What compaction does to one batch. Pure. Records are read only where they lie uncompressed: the internal topics,
// which it exists for, are written that way; a compressed batch is kept whole. Record layout (Kafka documentation,
// "Record"): length, attributes i8, timestamp delta, offset delta, key length, key, value length, value, headers;
// lengths and deltas are zigzag varints, -1 is null.
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "storage/batch_header.h"

namespace myelin::storage {

struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<ByteSpan> key;
  bool is_tombstone = false;  // has no value
  ByteSpan bytes;             // the whole record, length included
};

// Whether `visit` saw every record; false when the batch is compressed or its records can't be read.
[[nodiscard]] bool for_each_record(ByteSpan batch, const std::function<void(const RecordView&)>& visit);

enum class EmptyBatch : std::uint8_t { Drop, KeepHeader };

// The batch with the records that `keep` wants; offsets stay. Empty when nothing is left and `when_empty` says Drop.
// nullopt when the batch is to stay as it is: all kept, compressed, control, or unreadable.
[[nodiscard]] std::optional<ByteBuffer> filter_batch(ByteSpan batch, const std::function<bool(const RecordView&)>& keep,
                                                     EmptyBatch when_empty);

}  // namespace myelin::storage
