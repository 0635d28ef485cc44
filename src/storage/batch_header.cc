#include "storage/batch_header.h"

#include "base/crc32c.h"

namespace myelin::storage {
namespace {
constexpr std::int8_t kMagicV2 = 2;
constexpr std::size_t kCrcStart = 21;

template <typename Integer>
Integer load(ByteSpan bytes, std::size_t at) {
  return load_big_endian<Integer>(bytes.data() + at);
}
}  // namespace

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return base_sequence;
  const auto last = std::int64_t{base_sequence} + last_offset_delta;
  return static_cast<std::int32_t>(last > INT32_MAX ? last - INT32_MAX - 1 : last);
}

std::optional<BatchHeader> parse_batch_header(ByteSpan bytes) {
  if (bytes.size() < kBatchHeaderSize) return std::nullopt;
  BatchHeader header;
  header.base_offset = load<std::int64_t>(bytes, 0);
  header.length = load<std::int32_t>(bytes, 8);
  header.leader_epoch = load<std::int32_t>(bytes, 12);
  header.magic = static_cast<std::int8_t>(bytes[16]);
  header.crc = load<std::uint32_t>(bytes, 17);
  header.attributes = load<std::int16_t>(bytes, 21);
  header.last_offset_delta = load<std::int32_t>(bytes, 23);
  header.base_timestamp = load<std::int64_t>(bytes, 27);
  header.max_timestamp = load<std::int64_t>(bytes, 35);
  header.producer_id = load<std::int64_t>(bytes, 43);
  header.producer_epoch = load<std::int16_t>(bytes, 51);
  header.base_sequence = load<std::int32_t>(bytes, 53);
  header.count = load<std::int32_t>(bytes, 57);
  const bool is_possible = header.magic == kMagicV2 && header.length >= static_cast<std::int32_t>(kBatchLengthMin) &&
                           header.base_offset >= 0 && header.last_offset_delta >= 0 && header.count >= 0 &&
                           header.base_offset <= INT64_MAX - header.last_offset_delta - 1;
  if (!is_possible) return std::nullopt;
  return header;
}

void put_batch_header(std::span<std::byte> batch, BatchHeader header) {
  auto* at = batch.data();
  header.length = static_cast<std::int32_t>(batch.size() - kBatchLengthOverhead);
  store_big_endian(at, header.base_offset);
  store_big_endian(at + 8, header.length);
  store_big_endian(at + 12, header.leader_epoch);
  at[16] = static_cast<std::byte>(kMagicV2);
  store_big_endian(at + 21, header.attributes);
  store_big_endian(at + 23, header.last_offset_delta);
  store_big_endian(at + 27, header.base_timestamp);
  store_big_endian(at + 35, header.max_timestamp);
  store_big_endian(at + 43, header.producer_id);
  store_big_endian(at + 51, header.producer_epoch);
  store_big_endian(at + 53, header.base_sequence);
  store_big_endian(at + 57, header.count);
  store_big_endian(at + 17, crc32c(ByteSpan(batch).subspan(kCrcStart)));
}

bool has_valid_crc(ByteSpan batch) {
  const auto header = parse_batch_header(batch);
  if (!header || header->size() != static_cast<std::int64_t>(batch.size())) return false;
  return crc32c(batch.subspan(kCrcStart)) == header->crc;
}

}  // namespace myelin::storage
