#pragma once
// Which transactions were aborted in a segment: Kafka's `.txnindex`, entries of 34 bytes in the order of their markers:
// version i16 = 0, producer id i64, first offset i64, last offset i64 (of the marker), last stable offset i64 (when the
// marker was written: no transaction that was decided later begins before it). Big-endian. Like every index a cache.
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "storage/batch_header.h"

namespace myelin::storage {

inline constexpr std::size_t kAbortedEntrySize = 34;

struct AbortedEntry {
  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t last_stable_offset = 0;
  bool operator==(const AbortedEntry&) const = default;
};

struct AbortedIndex {
  std::vector<AbortedEntry> entries;
  [[nodiscard]] std::size_t memory_bytes() const {
    return entries.size() * sizeof(AbortedEntry) + sizeof(AbortedIndex);
  }
};

[[nodiscard]] ByteBuffer encode(const AbortedIndex& index);
// nullopt unless the bytes are whole entries of version 0 whose last offsets rise.
[[nodiscard]] std::optional<AbortedIndex> decode_aborted_index(ByteSpan bytes);

// Tells the batches of aborted transactions from others.
class AbortedBatches {
 public:
  explicit AbortedBatches(const std::vector<AbortedEntry>& entries);
  [[nodiscard]] bool contains(const BatchHeader& header) const;

 private:
  std::unordered_map<std::int64_t, std::vector<AbortedEntry>> by_producer_;  // ascending
};

}  // namespace myelin::storage
