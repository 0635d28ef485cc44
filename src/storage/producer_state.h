#pragma once
// What a partition remembers of producers: the last five batches of each, to tell a repeated batch from a missing one,
// and the transactions that are not decided yet. Snapshots are Kafka's `<offset>.snapshot`, version 1: version i16,
// CRC-32C u32 of everything from the array on, then an array of (producer id i64, epoch i16, last sequence i32, last
// offset i64, offset delta i32, timestamp i64, coordinator epoch i32, first offset of the open transaction i64).
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "storage/aborted_index.h"
#include "storage/batch_header.h"
#include "storage/transaction_marker.h"

namespace myelin::storage {

inline constexpr std::size_t kBatchesRemembered = 5;
inline constexpr std::int32_t kNoCoordinator = -1;
inline constexpr std::int64_t kNoTransaction = -1;

// Where a batch begins: in which segment, at which byte.
struct BatchPlace {
  static constexpr std::int64_t kUnknown = -1;
  std::int64_t segment_base = kUnknown;
  std::uint64_t position = 0;
  [[nodiscard]] bool is_known() const { return segment_base != kUnknown; }
};

// Who reads committed records may not pass it: it is open, or its marker is not visible yet.
struct UndecidedTransaction {
  static constexpr std::int64_t kOpen = -1;
  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
  std::int64_t marker_offset = kOpen;
  BatchPlace place;  // of its first batch; not known after a start
};

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
    std::uint8_t count = 0;  // of `batches` in use, oldest first; none after a marker of a new epoch
    std::int32_t coordinator_epoch = kNoCoordinator;
    std::int64_t last_seen_ms = 0;
    std::int64_t last_timestamp = 0;  // of the last batch or marker
    std::int64_t transaction_start = kNoTransaction;
    std::array<Batch, kBatchesRemembered> batches;
    // The newest batch; before there is one, a batch that sequence 0 follows.
    [[nodiscard]] const Batch& last() const {
      static constexpr Batch kNone{-1, -1, -1, 0, -1};
      return count == 0 ? kNone : batches[count - 1U];
    }
  };

  enum class Verdict : std::uint8_t { Append, Duplicate, OutOfOrder, StaleEpoch, StaleCoordinator, TransactionIsOpen };
  struct Check {
    Verdict verdict = Verdict::Append;
    std::int64_t base_offset = -1;       // where the batch lies already, for Duplicate
    std::int64_t timestamp = -1;         // its max timestamp, for Duplicate
    std::int32_t expected_sequence = 0;  // for OutOfOrder
    std::int32_t current_epoch = 0;      // of the producer for StaleEpoch, of the coordinator for StaleCoordinator
  };
  // What Kafka answers to `header`, with one exception: a batch of a transaction repeats only what is in the same
  // transaction. Batches without a producer id always append; those without a sequence, which the
  // broker writes for a producer, in any order.
  [[nodiscard]] Check check(const BatchHeader& header) const;
  [[nodiscard]] Check check(const TransactionMarker& marker) const;
  // Remembers an appended batch (offsets already fixed) or one met during recovery.
  void record(const BatchHeader& header, BatchPlace place, std::int64_t now_ms);
  // The same for a batch that is a marker. Says what belongs into the aborted index.
  std::optional<AbortedEntry> record(const BatchHeader& header, const TransactionMarker& marker, std::int64_t now_ms);

  // By first offset.
  [[nodiscard]] const std::vector<UndecidedTransaction>& undecided() const { return undecided_; }
  // Where the oldest open transaction begins.
  [[nodiscard]] std::optional<std::int64_t> open_from() const;
  // Markers below the high watermark are visible: what they ended is decided.
  void decide_below(std::int64_t high_watermark);
  // The place of an undecided transaction that had none.
  void set_place(std::int64_t first_offset, BatchPlace place);

  // Forgets producers not seen since `before_ms` that have no transaction open.
  void expire(std::int64_t before_ms);
  [[nodiscard]] const std::unordered_map<std::int64_t, Entry>& entries() const { return entries_; }

  [[nodiscard]] ByteBuffer snapshot() const;
  // nullopt when the bytes are not an intact snapshot.
  [[nodiscard]] static std::optional<ProducerState> restore(ByteSpan bytes, std::int64_t now_ms);

 private:
  Entry& touch(const BatchHeader& header, std::int64_t now_ms);

  std::unordered_map<std::int64_t, Entry> entries_;
  std::vector<UndecidedTransaction> undecided_;
};

}  // namespace myelin::storage
