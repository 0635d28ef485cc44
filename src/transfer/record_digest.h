#pragma once
// What two logs are compared by: every record with its offset, and a digest of all that a reader can see of it. How
// records are gathered in batches and compressed is not part of it.
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace myelin::transfer {

struct RecordDigest {
  std::int64_t offset = 0;
  std::uint64_t digest = 0;  // FNV-1a of time, key, value, headers, producer and kind
};

inline constexpr std::uint64_t kDigestSeed = 0xcbf29ce484222325;
// Of bytes and of a number, continued from `seed`.
[[nodiscard]] std::uint64_t digest_of(ByteSpan bytes, std::uint64_t seed);
[[nodiscard]] std::uint64_t digest_of(std::int64_t number, std::uint64_t seed);

// Appends the records of one whole batch that have offsets in [first, end).
struct OffsetRange {
  std::int64_t first = 0;
  std::int64_t end = 0;
};
[[nodiscard]] Result<void> add_digests(ByteSpan batch, OffsetRange range, std::vector<RecordDigest>& into);

// The whole batches at the begin of `bytes`, one after another: their headers are those of Kafka's format v2.
[[nodiscard]] Result<std::vector<ByteSpan>> whole_batches(ByteSpan bytes);

}  // namespace myelin::transfer
