#include "storage/compaction.h"

#include <algorithm>

namespace myelin::storage {

std::optional<ByteBuffer> filter_batch(ByteSpan batch, const std::function<bool(const RecordView&)>& keep,
                                       EmptyBatch when_empty) {
  const auto header = parse_batch_header(batch);
  if (!header || header->is_control()) return std::nullopt;
  ByteBuffer filtered(batch.begin(), batch.begin() + kBatchHeaderSize);
  std::int32_t kept = 0;
  auto max_timestamp = header->base_timestamp;
  const bool was_readable = for_each_record(batch, [&](const RecordView& record) {
    if (!keep(record)) return;
    filtered.insert(filtered.end(), record.bytes.begin(), record.bytes.end());
    max_timestamp = kept == 0 ? record.timestamp : std::max(max_timestamp, record.timestamp);
    ++kept;
  });
  if (!was_readable || kept == header->count) return std::nullopt;
  if (kept == 0 && when_empty == EmptyBatch::Drop) return ByteBuffer{};
  auto changed = *header;
  changed.count = kept;
  if (!header->is_log_append_time() && kept > 0) changed.max_timestamp = max_timestamp;
  put_batch_header(filtered, changed);
  return filtered;
}

}  // namespace myelin::storage
