#include "storage/transaction_marker.h"

#include <array>

#include "storage/records.h"

namespace myelin::storage {
namespace {

constexpr std::int16_t kTransactionalControl = 0x30;
constexpr std::int16_t kAbort = 0;
constexpr std::int16_t kCommit = 1;
constexpr std::size_t kKeySize = 4;
constexpr std::size_t kValueSize = 6;
// Length 16, attributes, deltas, length 4, key, length 6, value, no headers; lengths are zigzag.
constexpr std::size_t kRecordSize = 17;
constexpr std::size_t kKeyAt = 5;
constexpr std::size_t kValueAt = 10;
// Nobody writes control batches of more than some hundred bytes.
constexpr std::int64_t kMarkerBytesMax = 4096;

}  // namespace

ByteBuffer encode(const TransactionMarker& marker, std::int64_t timestamp_ms) {
  ByteBuffer batch(kBatchHeaderSize + kRecordSize);
  auto* record = batch.data() + kBatchHeaderSize;
  record[0] = std::byte{2 * (kRecordSize - 1)};
  record[kKeyAt - 1] = std::byte{2 * kKeySize};
  store_big_endian(record + kKeyAt + 2, marker.commits ? kCommit : kAbort);
  record[kValueAt - 1] = std::byte{2 * kValueSize};
  store_big_endian(record + kValueAt + 2, marker.coordinator_epoch);
  put_batch_header(batch, {.leader_epoch = -1,
                           .attributes = kTransactionalControl,
                           .base_timestamp = timestamp_ms,
                           .max_timestamp = timestamp_ms,
                           .producer_id = marker.producer_id,
                           .producer_epoch = marker.producer_epoch,
                           .base_sequence = -1,
                           .count = 1});
  return batch;
}

std::optional<TransactionMarker> parse_marker(ByteSpan batch) {
  const auto header = parse_batch_header(batch);
  if (!header || !header->is_control() || header->producer_id < 0) return std::nullopt;
  std::optional<TransactionMarker> marker;
  const bool was_readable = for_each_record(batch, [&](const RecordView& record) {
    if (!record.key || record.key->size() < kKeySize || !record.value || record.value->size() < kValueSize) return;
    const auto type = load_big_endian<std::int16_t>(record.key->data() + 2);
    if (type != kAbort && type != kCommit) return;
    marker = {.producer_id = header->producer_id,
              .producer_epoch = header->producer_epoch,
              .coordinator_epoch = load_big_endian<std::int32_t>(record.value->data() + 2),
              .commits = type == kCommit};
  });
  return was_readable ? marker : std::nullopt;
}

Result<std::optional<TransactionMarker>> read_marker(const File& file, const LocatedBatch& batch) {
  if (batch.header.size() > kMarkerBytesMax) return std::nullopt;
  std::array<std::byte, kMarkerBytesMax> buffer;
  const auto bytes = std::span(buffer).first(static_cast<std::size_t>(batch.header.size()));
  auto got = file.read_at(batch.position, bytes);
  if (!got) return pass(got);
  if (*got != bytes.size() || !has_valid_crc(bytes)) {
    return fail(Code::Corrupt, "control batch at offset {} fails its check", batch.header.base_offset);
  }
  return parse_marker(bytes);
}

}  // namespace myelin::storage
