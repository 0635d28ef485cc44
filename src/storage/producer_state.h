#pragma once
// What a partition remembers of idempotent producers: the last five batches of each, to tell a repeated batch from a
// missing one. Snapshots are Kafka's `<offset>.snapshot`, version 1: version i16, CRC-32C u32 of everything from the
// array on, then an array of (producer id i64, epoch i16, last sequence i32, last offset i64, offset delta i32,
// timestamp i64, coordinator epoch i32, first offset of the open transaction i64).
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "storage/batch_header.h"

namespace myelin::storage {

inline constexpr std::size_t kBatchesRemembered = 5;

class ProducerState {
 public:
  struct Batch {
    std::int32_t base_sequence = 0;
    std::int32_t last_sequence = 0;
    std::int64_t last_offset = 0;
    std::int32_t offset_delta = 0;
    std::int64_t timestamp = 0;
    [[nodiscard]] std::int64_t base_offset() const { return last_offset - offset_delta; }
  };
  struct Entry {
    std::int16_t epoch = 0;
    std::uint8_t count = 0;  // of `batches` in use, oldest first
    std::int64_t last_seen_ms = 0;
    std::array<Batch, kBatchesRemembered> batches;
    [[nodiscard]] const Batch& last() const { return batches[count - 1U]; }
  };

  enum class Verdict : std::uint8_t { Append, Duplicate, OutOfOrder, StaleEpoch };
  struct Check {
    Verdict verdict = Verdict::Append;
    std::int64_t base_offset = -1;       // where the batch lies already, for Duplicate
    std::int64_t timestamp = -1;         // its max timestamp, for Duplicate
    std::int32_t expected_sequence = 0;  // for OutOfOrder
    std::int16_t current_epoch = 0;      // for StaleEpoch
  };
  // What Kafka answers to `header`. Batches without a producer id always append.
  [[nodiscard]] Check check(const BatchHeader& header) const;
  // Remembers an appended batch (offsets already fixed) or one met during recovery.
  void record(const BatchHeader& header, std::int64_t now_ms);

  // Forgets producers not seen since `before_ms`.
  void expire(std::int64_t before_ms);
  void clear() { entries_.clear(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const std::unordered_map<std::int64_t, Entry>& entries() const { return entries_; }

  [[nodiscard]] ByteBuffer snapshot() const;
  // nullopt when the bytes are not an intact snapshot.
  [[nodiscard]] static std::optional<ProducerState> restore(ByteSpan bytes, std::int64_t now_ms);

 private:
  std::unordered_map<std::int64_t, Entry> entries_;
};

}  // namespace myelin::storage
