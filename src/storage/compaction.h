#pragma once
// What compaction does to one batch. Pure. Records are read only where they lie uncompressed: the internal topics,
// which it exists for, are written that way; a compressed batch is kept whole.
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "storage/records.h"

namespace myelin::storage {

enum class EmptyBatch : std::uint8_t { Drop, KeepHeader };

// The batch with the records that `keep` wants; offsets stay. Empty when nothing is left and `when_empty` says Drop.
// nullopt when the batch is to stay as it is: all kept, compressed, control, or unreadable.
[[nodiscard]] std::optional<ByteBuffer> filter_batch(ByteSpan batch, const std::function<bool(const RecordView&)>& keep,
                                                     EmptyBatch when_empty);

// The batch without its records, or empty bytes.
[[nodiscard]] ByteBuffer emptied(ByteSpan batch, EmptyBatch when_empty);

}  // namespace myelin::storage
