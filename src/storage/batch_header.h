#pragma once
// The fixed part of a Kafka record batch v2 (magic 2), as far as the log needs it.
// Layout: Kafka documentation, "Record Batch". All integers are big-endian.
//
//   0 base offset i64 · 8 batch length i32 (bytes after this field) · 12 partition leader epoch i32 · 16 magic i8
//   17 CRC-32C u32 (of everything from 21 on) · 21 attributes i16 · 23 last offset delta i32 · 27 base timestamp i64
//   35 max timestamp i64 · 43 producer id i64 · 51 producer epoch i16 · 53 base sequence i32 · 57 record count i32
//
// The CRC does not cover the first 21 bytes: base offset and leader epoch are written by the log.
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace myelin::storage {

inline constexpr std::size_t kBatchHeaderSize = 61;
inline constexpr std::size_t kBatchLengthOverhead = 12;  // base offset and length come before what the length counts
inline constexpr std::size_t kBatchLengthMin = kBatchHeaderSize - kBatchLengthOverhead;
inline constexpr std::int64_t kNoProducer = -1;

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t length = 0;
  std::int32_t leader_epoch = 0;
  std::int8_t magic = 0;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = 0;
  std::int64_t max_timestamp = 0;
  std::int64_t producer_id = kNoProducer;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t count = 0;

  [[nodiscard]] std::int64_t last_offset() const { return base_offset + last_offset_delta; }
  [[nodiscard]] std::int64_t next_offset() const { return last_offset() + 1; }
  [[nodiscard]] std::int64_t size() const { return length + std::int64_t{kBatchLengthOverhead}; }
  [[nodiscard]] bool is_compressed() const { return (attributes & 0x07) != 0; }
  [[nodiscard]] bool is_log_append_time() const { return (attributes & 0x08) != 0; }
  [[nodiscard]] bool is_transactional() const { return (attributes & 0x10) != 0; }
  [[nodiscard]] bool is_control() const { return (attributes & 0x20) != 0; }
  // Sequences wrap from the largest int32 to 0.
  [[nodiscard]] std::int32_t last_sequence() const;
};

// The header at the start of `bytes`; nullopt when they are too short or no batch v2 can begin this way (wrong magic,
// a length below the header, negative counts). Says nothing about the CRC.
[[nodiscard]] std::optional<BatchHeader> parse_batch_header(ByteSpan bytes);

// Puts `header` in front of the records that `batch` has behind its first kBatchHeaderSize bytes, with the length and
// the CRC that are right for both.
void put_batch_header(std::span<std::byte> batch, BatchHeader header);

// Whether `batch` is exactly one whole batch whose CRC holds.
[[nodiscard]] bool has_valid_crc(ByteSpan batch);

}  // namespace myelin::storage
