#pragma once
// Record batches, magic 2: the header's fields, the checks a broker makes before it stores one, its records, and a
// builder for internal topics and tests. Layout (all big-endian): base offset 8, length 4, leader epoch 4, magic 1,
// CRC-32C 4, attributes 2, last offset delta 4, base timestamp 8, max timestamp 8, producer id 8, producer epoch 2,
// base sequence 4, record count 4, then records. The CRC covers everything from the attributes on. Source: Kafka
// documentation, "Record Batch"; KIP-98.
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "kafka/compression.h"

namespace myelin::kafka {

inline constexpr std::size_t kBatchHeaderSize = 61;
inline constexpr std::size_t kBatchLengthPrefix = 12;  // base offset and length: not counted by the length
inline constexpr std::int8_t kBatchMagic = 2;
inline constexpr std::int32_t kRecordHeadersMax = 65'536;  // of one record; ours, Kafka has no bound

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t length = 0;  // bytes after the length field
  std::int32_t leader_epoch = -1;
  std::int8_t magic = kBatchMagic;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = 0;
  std::int64_t max_timestamp = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  [[nodiscard]] Compression compression() const { return static_cast<Compression>(attributes & 0x07); }
  [[nodiscard]] bool is_log_append_time() const { return (attributes & 0x08) != 0; }
  [[nodiscard]] bool is_transactional() const { return (attributes & 0x10) != 0; }
  [[nodiscard]] bool is_control() const { return (attributes & 0x20) != 0; }
  [[nodiscard]] bool has_producer_id() const { return producer_id >= 0; }
  [[nodiscard]] std::size_t size() const { return kBatchLengthPrefix + static_cast<std::size_t>(length); }
  [[nodiscard]] std::int64_t next_offset() const { return base_offset + last_offset_delta + 1; }
};

// Reads the header at the front of `bytes`; Corrupt when there are too few or the length can't be. Checks no CRC.
[[nodiscard]] Result<BatchHeader> parse_batch_header(ByteSpan bytes);

// Why a produced batch is refused; the broker makes Kafka's error codes of it.
enum class BatchFault : std::uint8_t {
  Corrupt,       // CRC, length, garbage: CORRUPT_MESSAGE
  OldMagic,      // magic 0 or 1: INVALID_RECORD, as in Kafka 4
  Invalid,       // counts, offsets, attributes: INVALID_RECORD
  UnknownCodec,  // UNSUPPORTED_COMPRESSION_TYPE
};
struct RefusedBatch {
  BatchFault fault = BatchFault::Corrupt;
  std::string message;
};

// What a client may send as one partition's records: exactly one batch, with base offset 0, right CRC, the right number
// of records for its offsets, no control attribute. Decompresses nothing.
[[nodiscard]] std::expected<BatchHeader, RefusedBatch> check_produced(ByteSpan records);

// Borrows from what it was read from.
struct RecordHeader {
  ByteSpan key;
  std::optional<ByteSpan> value;
};
struct Record {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<ByteSpan> key;
  std::optional<ByteSpan> value;
  std::vector<RecordHeader> headers;
};

// Calls `sink` for each record of one whole batch, decompressing at most `decompressed_max` bytes; stops early when it
// answers false. Record by record everything is checked against what is left.
[[nodiscard]] Result<void> each_record(ByteSpan batch, const std::function<bool(const Record&)>& sink,
                                       std::size_t decompressed_max = kDecompressedMax);

// Builds one batch. Timestamps are milliseconds; keys and values are copied.
class BatchBuilder {
 public:
  explicit BatchBuilder(Compression compression = Compression::None) : compression_(compression) {}
  struct HeaderField {
    std::string key;
    std::optional<std::string> value;
  };
  void add(std::int64_t timestamp, std::optional<std::string_view> key, std::optional<std::string_view> value,
           const std::vector<HeaderField>& headers = {});
  void set_producer(std::int64_t producer_id, std::int16_t epoch, std::int32_t base_sequence);
  void set_base_offset(std::int64_t base_offset) { base_offset_ = base_offset; }
  void set_attribute_bits(std::int16_t bits) { extra_attributes_ = bits; }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(count_); }
  [[nodiscard]] ByteBuffer finish() const;

 private:
  Compression compression_;
  ByteBuffer records_;
  std::int32_t count_ = 0;
  std::int64_t base_offset_ = 0;
  std::int64_t first_timestamp_ = 0;
  std::int64_t max_timestamp_ = 0;
  std::int64_t producer_id_ = -1;
  std::int16_t producer_epoch_ = -1;
  std::int32_t base_sequence_ = -1;
  std::int16_t extra_attributes_ = 0;
};

// Changes a valid batch in place. Where it lies in the log is outside the CRC; times are inside.
void place_batch(std::span<std::byte> batch, std::int64_t base_offset, std::int32_t leader_epoch);
void set_max_timestamp(std::span<std::byte> batch, std::int64_t timestamp);
void set_log_append_time(std::span<std::byte> batch, std::int64_t timestamp);

}  // namespace myelin::kafka
