#include "storage/compaction.h"

#include <algorithm>

#include "base/checked_sum.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kCountAt = 57;

// Takes numbers and byte strings off the front of a record.
class RecordReader {
 public:
  explicit RecordReader(ByteSpan bytes) : rest_(bytes) {}

  std::optional<std::int64_t> number() {
    const auto decoded = decode_unsigned_varint<std::uint64_t>(rest_);
    if (!decoded) return std::nullopt;
    rest_ = rest_.subspan(decoded->size);
    return unzigzag(decoded->value);
  }
  std::optional<ByteSpan> bytes(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) return std::nullopt;
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  ByteSpan rest() const { return rest_; }

 private:
  ByteSpan rest_;
};

std::optional<RecordView> read_record(ByteSpan body, const BatchHeader& header) {
  RecordReader from(body);
  if (!from.bytes(1)) return std::nullopt;
  const auto timestamp_delta = from.number();
  const auto offset_delta = from.number();
  const auto key_size = from.number();
  if (!timestamp_delta || !offset_delta || !key_size) return std::nullopt;
  const auto offset = checked_sum(header.base_offset, *offset_delta);
  const auto timestamp = checked_sum(header.base_timestamp, *timestamp_delta);
  if (!offset || !timestamp) return std::nullopt;
  RecordView record{.offset = *offset, .timestamp = *timestamp, .key = std::nullopt, .bytes = {}};
  if (*key_size >= 0) {
    record.key = from.bytes(*key_size);
    if (!record.key) return std::nullopt;
  }
  const auto value_size = from.number();
  if (!value_size) return std::nullopt;
  record.is_tombstone = *value_size < 0;
  return record;
}

}  // namespace

bool for_each_record(ByteSpan batch, const std::function<void(const RecordView&)>& visit) {
  const auto header = parse_batch_header(batch);
  if (!header || header->is_compressed()) return false;
  RecordReader from(batch.subspan(kBatchHeaderSize));
  for (std::int32_t i = 0; i < header->count; ++i) {
    const auto before = from.rest();
    const auto size = from.number();
    const auto body = size ? from.bytes(*size) : std::nullopt;
    auto record = body ? read_record(*body, *header) : std::nullopt;
    if (!record) return false;
    record->bytes = before.first(before.size() - from.rest().size());
    visit(*record);
  }
  return from.rest().empty();
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
  if (kept == 0 && when_empty == EmptyBatch::Drop) return ByteBuffer{};
  if (header->is_log_append_time() || kept == 0) max_timestamp = header->max_timestamp;
  store_big_endian(filtered.data() + kLengthAt, static_cast<std::int32_t>(filtered.size() - kBatchLengthOverhead));
  store_big_endian(filtered.data() + kMaxTimestampAt, max_timestamp);
  store_big_endian(filtered.data() + kCountAt, kept);
  store_big_endian(filtered.data() + kCrcAt, crc32c(ByteSpan(filtered).subspan(kAttributesAt)));
  return filtered;
}

}  // namespace myelin::storage
