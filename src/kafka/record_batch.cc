#include "kafka/record_batch.h"

#include <algorithm>

#include "base/check.h"
#include "base/checked_sum.h"
#include "base/crc32c.h"
#include "base/varint.h"

namespace myelin::kafka {
namespace {

constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLengthEndsAt = 12;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kCrcFrom = kAttributesAt;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::int16_t kLogAppendTimeBit = 0x08;
constexpr std::int32_t kLengthMin = static_cast<std::int32_t>(kBatchHeaderSize - kBatchLengthPrefix);
constexpr std::size_t kRecordSizeMin = 7;  // length, attributes, two deltas, key, value, header count: a byte each

std::unexpected<RefusedBatch> refuse(BatchFault fault, std::string message) {
  return std::unexpected<RefusedBatch>(RefusedBatch{fault, std::move(message)});
}

// Reads a record's parts; the first problem sticks.
class RecordCursor {
 public:
  explicit RecordCursor(ByteSpan bytes) : rest_(bytes) {}

  std::int64_t varlong() {
    const auto decoded = decode_unsigned_varint<std::uint64_t>(rest_);
    if (!decoded) return broken();
    rest_ = rest_.subspan(decoded->size);
    return unzigzag(decoded->value);
  }
  std::int32_t varint() {
    const auto decoded = decode_unsigned_varint<std::uint32_t>(rest_);
    if (!decoded) return static_cast<std::int32_t>(broken());
    rest_ = rest_.subspan(decoded->size);
    return unzigzag(decoded->value);
  }
  std::int8_t int8() {
    if (rest_.empty()) return static_cast<std::int8_t>(broken());
    const auto value = static_cast<std::int8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  ByteSpan take(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
      broken();
      return {};
    }
    const auto taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::optional<ByteSpan> nullable() {
    const auto size = varint();
    if (size == -1) return std::nullopt;
    return take(size);
  }
  void reject() { broken(); }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::int64_t broken() {
    failed_ = true;
    rest_ = {};
    return 0;
  }
  ByteSpan rest_;
  bool failed_ = false;
};

void read_headers(RecordCursor& cursor, Record& record) {
  record.headers.clear();
  const auto count = cursor.varint();
  if (count < 0 || count > kRecordHeadersMax) {
    cursor.reject();
    return;
  }
  for (std::int32_t index = 0; index < count && !cursor.failed(); ++index) {
    RecordHeader header;
    header.key = cursor.take(cursor.varint());
    header.value = cursor.nullable();
    record.headers.push_back(header);
  }
}

void seal(std::span<std::byte> batch) {
  store_big_endian(batch.data() + kCrcAt, crc32c(ByteSpan(batch).subspan(kCrcFrom)));
}

void put_varint(ByteBuffer& to, std::int64_t value) {
  std::byte encoded[kVarint64SizeMax];
  const auto size = encode_unsigned_varint(encoded, zigzag(value));
  to.insert(to.end(), encoded, encoded + size);
}

void put_nullable(ByteBuffer& to, std::optional<std::string_view> value) {
  put_varint(to, value ? static_cast<std::int64_t>(value->size()) : -1);
  if (!value) return;
  const auto bytes = as_bytes(*value);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

Result<BatchHeader> parse_batch_header(ByteSpan bytes) {
  if (bytes.size() < kBatchHeaderSize) {
    return fail(Code::Corrupt, "{} bytes are too few for a record batch, which has at least {}", bytes.size(),
                kBatchHeaderSize);
  }
  const auto* at = bytes.data();
  BatchHeader header;
  header.base_offset = load_big_endian<std::int64_t>(at);
  header.length = load_big_endian<std::int32_t>(at + 8);
  header.leader_epoch = load_big_endian<std::int32_t>(at + 12);
  header.magic = static_cast<std::int8_t>(at[kMagicAt]);
  header.crc = load_big_endian<std::uint32_t>(at + kCrcAt);
  header.attributes = load_big_endian<std::int16_t>(at + 21);
  header.last_offset_delta = load_big_endian<std::int32_t>(at + 23);
  header.base_timestamp = load_big_endian<std::int64_t>(at + 27);
  header.max_timestamp = load_big_endian<std::int64_t>(at + 35);
  header.producer_id = load_big_endian<std::int64_t>(at + 43);
  header.producer_epoch = load_big_endian<std::int16_t>(at + 51);
  header.base_sequence = load_big_endian<std::int32_t>(at + 53);
  header.record_count = load_big_endian<std::int32_t>(at + 57);
  if (header.length < kLengthMin) return fail(Code::Corrupt, "record batch of length {} is too short", header.length);
  return header;
}

std::expected<BatchHeader, RefusedBatch> check_produced(ByteSpan records) {
  if (records.size() <= kMagicAt) return refuse(BatchFault::Invalid, "not one whole batch was sent");
  const auto magic = static_cast<std::int8_t>(records[kMagicAt]);
  if (magic < 0 || magic > kBatchMagic) return refuse(BatchFault::Corrupt, fmt::format("magic {} is unknown", magic));
  if (const std::int64_t length = load_big_endian<std::int32_t>(records.data() + kLengthAt);
      length > static_cast<std::int64_t>(records.size() - kLengthEndsAt)) {
    return refuse(BatchFault::Invalid, "the batch is longer than what was sent");
  }
  if (magic != kBatchMagic) return refuse(BatchFault::OldMagic, "message format v0 and v1 are not accepted; use v2");
  auto header = parse_batch_header(records);
  if (!header) return refuse(BatchFault::Corrupt, std::move(header).error().message);
  if (header->size() < records.size()) {
    // Something follows: a second batch is the client's mistake, anything else is damage.
    const bool is_batch = parse_batch_header(records.subspan(header->size())).has_value();
    return is_batch ? refuse(BatchFault::Invalid, "one batch per partition is accepted, found more")
                    : refuse(BatchFault::Corrupt, "bytes are left over after the batch");
  }
  if (crc32c(records.subspan(kCrcFrom)) != header->crc) return refuse(BatchFault::Corrupt, "CRC-32C does not match");
  if (header->base_offset != 0) {
    return refuse(BatchFault::Invalid, fmt::format("base offset is {}, expected 0", header->base_offset));
  }
  if (header->producer_id >= 0 && header->base_sequence < 0) {
    return refuse(BatchFault::Invalid, fmt::format("a producer's batch has the sequence {}", header->base_sequence));
  }
  if (header->is_control()) return refuse(BatchFault::Invalid, "clients can't write control batches");
  if (header->record_count <= 0 || header->record_count != static_cast<std::int64_t>(header->last_offset_delta) + 1) {
    return refuse(BatchFault::Invalid, fmt::format("{} records do not fit a last offset delta of {}",
                                                   header->record_count, header->last_offset_delta));
  }
  if ((header->attributes & 0x07) > 4) {
    return refuse(BatchFault::UnknownCodec, fmt::format("compression codec {} is unknown", header->attributes & 0x07));
  }
  const auto body = records.size() - kBatchHeaderSize;
  if (header->compression() == Compression::None &&
      static_cast<std::size_t>(header->record_count) * kRecordSizeMin > body) {
    return refuse(BatchFault::Invalid, fmt::format("{} bytes can't hold {} records", body, header->record_count));
  }
  return *header;
}

Result<void> each_record(ByteSpan batch, const std::function<bool(const Record&)>& sink, std::size_t decompressed_max) {
  const auto header = parse_batch_header(batch);
  if (!header) return std::unexpected<Error>(header.error());
  if (header->size() > batch.size())
    return fail(Code::Corrupt, "record batch at offset {} is cut", header->base_offset);
  ByteSpan body = batch.subspan(kBatchHeaderSize, header->size() - kBatchHeaderSize);
  ByteBuffer plain;
  if (header->compression() != Compression::None) {
    auto decompressed = decompress(header->compression(), body, decompressed_max);
    if (!decompressed) return pass(decompressed);
    plain = std::move(*decompressed);
    body = plain;
  }
  RecordCursor outer(body);
  Record record;
  for (std::int32_t index = 0; index < header->record_count; ++index) {
    const auto size = outer.varint();
    RecordCursor cursor(outer.take(size));
    (void)cursor.int8();
    const auto timestamp = checked_sum(header->base_timestamp, cursor.varlong());
    const auto offset = checked_sum(header->base_offset, cursor.varint());
    record.timestamp = header->is_log_append_time() ? header->max_timestamp : timestamp.value_or(0);
    record.offset = offset.value_or(0);
    record.key = cursor.nullable();
    record.value = cursor.nullable();
    read_headers(cursor, record);
    if (outer.failed() || cursor.failed() || cursor.left() != 0 || !timestamp || !offset) {
      return fail(Code::Corrupt, "record {} of the batch at offset {} can't be read", index, header->base_offset);
    }
    if (!sink(record)) return {};
  }
  if (outer.left() != 0) {
    return fail(Code::Corrupt, "{} bytes follow the last record of the batch at offset {}", outer.left(),
                header->base_offset);
  }
  return {};
}

void BatchBuilder::add(std::int64_t timestamp, std::optional<std::string_view> key,
                       std::optional<std::string_view> value, const std::vector<HeaderField>& headers) {
  if (count_ == 0) first_timestamp_ = max_timestamp_ = timestamp;
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  ByteBuffer record;
  record.push_back(std::byte{0});
  put_varint(record, timestamp - first_timestamp_);
  put_varint(record, count_);
  put_nullable(record, key);
  put_nullable(record, value);
  put_varint(record, static_cast<std::int64_t>(headers.size()));
  for (const auto& header : headers) {
    put_nullable(record, header.key);
    put_nullable(record, header.value ? std::optional<std::string_view>(*header.value) : std::nullopt);
  }
  put_varint(records_, static_cast<std::int64_t>(record.size()));
  records_.insert(records_.end(), record.begin(), record.end());
  ++count_;
}

void BatchBuilder::set_producer(std::int64_t producer_id, std::int16_t epoch, std::int32_t base_sequence) {
  producer_id_ = producer_id;
  producer_epoch_ = epoch;
  base_sequence_ = base_sequence;
}

ByteBuffer BatchBuilder::finish() const {
  const auto compressed = compress(compression_, records_);
  CHECK(compressed.has_value());
  const auto& body = *compressed;
  ByteBuffer batch(kBatchHeaderSize + body.size());
  auto* at = batch.data();
  store_big_endian(at, base_offset_);
  store_big_endian(at + 8, static_cast<std::int32_t>(batch.size() - kBatchLengthPrefix));
  store_big_endian(at + 12, std::int32_t{-1});
  at[kMagicAt] = static_cast<std::byte>(kBatchMagic);
  store_big_endian(at + 21, static_cast<std::int16_t>(extra_attributes_ | static_cast<std::int16_t>(compression_)));
  store_big_endian(at + 23, count_ - 1);
  store_big_endian(at + 27, first_timestamp_);
  store_big_endian(at + 35, max_timestamp_);
  store_big_endian(at + 43, producer_id_);
  store_big_endian(at + 51, producer_epoch_);
  store_big_endian(at + 53, base_sequence_);
  store_big_endian(at + 57, count_);
  std::ranges::copy(body, batch.begin() + kBatchHeaderSize);
  seal(batch);
  return batch;
}

void place_batch(std::span<std::byte> batch, std::int64_t base_offset, std::int32_t leader_epoch) {
  CHECK(batch.size() >= kBatchHeaderSize);
  store_big_endian(batch.data(), base_offset);
  store_big_endian(batch.data() + kLeaderEpochAt, leader_epoch);
}

void set_max_timestamp(std::span<std::byte> batch, std::int64_t timestamp) {
  CHECK(batch.size() >= kBatchHeaderSize);
  store_big_endian(batch.data() + kMaxTimestampAt, timestamp);
  seal(batch);
}

void set_log_append_time(std::span<std::byte> batch, std::int64_t timestamp) {
  CHECK(batch.size() >= kBatchHeaderSize);
  const auto attributes = load_big_endian<std::int16_t>(batch.data() + kAttributesAt);
  store_big_endian(batch.data() + kAttributesAt, static_cast<std::int16_t>(attributes | kLogAppendTimeBit));
  set_max_timestamp(batch, timestamp);
}

}  // namespace myelin::kafka
