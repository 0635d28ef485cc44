#include "storage/records.h"

#include "base/checked_sum.h"
#include "base/varint.h"

namespace myelin::storage {
namespace {

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
  RecordView record{
      .offset = *offset, .timestamp = *timestamp, .key = std::nullopt, .value = std::nullopt, .bytes = {}};
  if (*key_size >= 0) {
    record.key = from.bytes(*key_size);
    if (!record.key) return std::nullopt;
  }
  const auto value_size = from.number();
  if (!value_size) return std::nullopt;
  if (*value_size >= 0) {
    record.value = from.bytes(*value_size);
    if (!record.value) return std::nullopt;
  }
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

}  // namespace myelin::storage
