#include "storage/compaction.h"

#include <algorithm>

namespace myelin::storage {
namespace {

constexpr std::int16_t kCompressionBits = 0x07;

}  // namespace

ByteBuffer emptied(ByteSpan batch, EmptyBatch when_empty) {
  if (when_empty == EmptyBatch::Drop) return {};
  ByteBuffer head(batch.begin(), batch.begin() + kBatchHeaderSize);
  auto header = *parse_batch_header(batch);
  header.attributes = static_cast<std::int16_t>(header.attributes & ~kCompressionBits);
  header.count = 0;
  put_batch_header(head, header);
  return head;
}

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
  if (kept == 0) return emptied(batch, when_empty);
  auto changed = *header;
  changed.count = kept;
  if (!header->is_log_append_time()) changed.max_timestamp = max_timestamp;
  put_batch_header(filtered, changed);
  return filtered;
}

}  // namespace myelin::storage
