#pragma once
// One partition: an append-only sequence of record batches in segment files, with the rules of Kafka's log (idempotent
// producers, leader epochs, time index) and Myelin's order of writing (journal entry first, then the log; visible when
// its durability level says so). Made and found through LogDirectory, which owns what partitions share.
//
// Threads: every function may be called from any thread. Appends to one partition are serialised by its own lock; a
// page-cache write happens inside append(), a sync never does. Callbacks run without locks held.
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/attribution.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "storage/file_system.h"
#include "storage/log_config.h"
#include "storage/pooled_file.h"

namespace myelin::storage {

struct TopicPartition {
  TopicName topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

inline constexpr std::int32_t kAnyLeaderEpoch = -1;

// Whether the transaction of a producer includes a partition. Asked under the partition's lock, so that a gate which is
// closed before a marker is appended lets nothing in behind the marker. Threads: any.
class TransactionGate {
 public:
  virtual ~TransactionGate() = default;
  [[nodiscard]] virtual bool lets_in(const TopicPartition& partition, std::int64_t producer_id,
                                     std::int16_t producer_epoch) const = 0;
};

struct AppendRequest {
  // Exactly one record batch v2 whose CRC and records have been checked. Its base offset and leader epoch are not
  // looked at: the log writes its own (and, under LogAppendTime, timestamp and CRC). The bytes are not copied.
  SharedBytes batch;
  std::shared_ptr<const Attribution> attribution;
  std::int32_t expected_leader_epoch = kAnyLeaderEpoch;
  // Asked about a transactional batch; null: the caller vouches for it.
  const TransactionGate* gate = nullptr;
};

// A batch of another log that lies here as it lay there.
struct CopyRequest {
  // Exactly one record batch v2, whose base offset and leader epoch are kept: neither may be below what the log has.
  SharedBytes batch;
  std::shared_ptr<const Attribution> attribution;
  // Whose the empty batches are that stand for offsets which the other log has no more.
  std::shared_ptr<const Attribution> filler;
};

// The end of a producer's transaction in this partition.
struct MarkerRequest {
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t coordinator_epoch = 0;
  bool commits = false;  // else it aborts
  WallTime timestamp;
  std::shared_ptr<const Attribution> attribution;
};

struct AppendResult {
  std::int64_t base_offset = 0;
  std::int64_t log_append_time = -1;  // milliseconds; -1 unless the topic stamps LogAppendTime
  std::int64_t log_start_offset = 0;
  std::int64_t records = 0;    // 0 for a duplicate: nothing was appended
  std::int64_t log_bytes = 0;  // 0 for a duplicate
  bool duplicate = false;      // the batch had been appended before; base_offset is where
  WallTime time;               // of the append, as in the provenance journal
};

enum class AppendFailure : std::uint8_t {
  OutOfOrderSequence,            // OUT_OF_ORDER_SEQUENCE_NUMBER
  InvalidProducerEpoch,          // INVALID_PRODUCER_EPOCH
  InvalidTransactionState,       // INVALID_TXN_STATE: not part of the transaction that the producer has open
  TransactionCoordinatorFenced,  // TRANSACTION_COORDINATOR_FENCED: a later coordinator wrote a marker already
  InvalidTimestamp,              // INVALID_TIMESTAMP
  TooLarge,                      // MESSAGE_TOO_LARGE, or RECORD_LIST_TOO_LARGE beyond segment.bytes
  Malformed,                     // CORRUPT_MESSAGE: not one batch v2, or a control batch
  FencedLeaderEpoch,             // FENCED_LEADER_EPOCH
  UnknownLeaderEpoch,            // UNKNOWN_LEADER_EPOCH
  DiskFull,                      // nothing was written, a retry may succeed: KAFKA_STORAGE_ERROR
  ReadOnly,                      // a write or sync failed earlier, or now: KAFKA_STORAGE_ERROR until restart
  Gone,                          // the partition was deleted or storage is closing: NOT_LEADER_OR_FOLLOWER
};

struct AppendError {
  AppendFailure failure = AppendFailure::Malformed;
  std::string message;
};

using AppendOutcome = std::expected<AppendResult, AppendError>;
// Called exactly once: inside append() for Interval, Os, duplicates of durable batches and every refusal; on a storage
// thread after the sync for Synced. When it is called with success the high watermark covers the batch.
using AppendDone = std::move_only_function<void(AppendOutcome)>;

enum class Isolation : std::uint8_t {
  ReadUncommitted,  // everything below the high watermark
  ReadCommitted,    // only what is below the last stable offset, with the transactions in it that were aborted
};

struct ReadRequest {
  std::int64_t offset = 0;
  std::uint32_t bytes_max = 1 << 20;
  // At least one whole batch is returned, however large, unless this is false (Kafka's rule for later partitions of
  // a fetch: only what fits).
  bool at_least_one = true;
  // Refused: ReadFailure::WouldWait rather than a wait for what finds the batches, or a check of damage just met.
  DiskWait disk_wait = DiskWait::Allowed;
  Isolation isolation = Isolation::ReadUncommitted;
};

// The batches of this producer from the offset on, up to its next marker, are not for readers of committed records.
struct AbortedTransaction {
  std::int64_t producer_id = 0;
  std::int64_t first_offset = 0;
  bool operator==(const AbortedTransaction&) const = default;
};

struct ReadResult {
  // Whole batches, the first of which contains the offset asked for (and may begin before it). Empty SharedBytes when
  // there is nothing to read yet.
  Payload records;
  std::int64_t first_offset = 0;  // base offset of the first batch returned; the offset asked for when empty
  std::int64_t next_offset = 0;   // where the next read goes on; the offset asked for when empty
  std::int64_t high_watermark = 0;
  std::int64_t last_stable_offset = 0;
  std::int64_t log_start_offset = 0;
  // Those that overlap what is returned, by the offsets of their markers. Empty unless asked for committed records.
  std::vector<AbortedTransaction> aborted;
};

enum class ReadFailure : std::uint8_t {
  OffsetOutOfRange,  // below the log start or beyond the log end
  Rot,               // the batch there is damaged and quarantined: KAFKA_STORAGE_ERROR; later offsets are served
  Io,                // the disk refused: KAFKA_STORAGE_ERROR
  Gone,              // the partition was deleted
  WouldWait,         // only the disk can tell: ask again where waiting for it is fine
};

struct ReadError {
  ReadFailure failure = ReadFailure::Io;
  std::string message;
  // Also filled on failure: what a fetch response shows.
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start_offset = -1;
  std::int64_t resume_offset = -1;  // first readable offset after the damage, for Rot
};

using ReadOutcome = std::expected<ReadResult, ReadError>;

// Offsets [first, next) whose bytes failed their check. Never served, never deleted before retention takes the segment.
struct Quarantine {
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  bool skipped = false;           // an operator decided that readers pass over it
  std::int64_t segment_base = 0;  // which names the segment's file
  std::uint64_t position = 0;     // of the bytes in that file
  std::uint64_t end_position = 0;
};

struct EpochEnd {
  std::int32_t leader_epoch = -1;
  std::int64_t end_offset = -1;
};

class PartitionLog {
 public:
  ~PartitionLog();
  PartitionLog(const PartitionLog&) = delete;
  PartitionLog& operator=(const PartitionLog&) = delete;

  [[nodiscard]] const TopicPartition& name() const;
  [[nodiscard]] TopicId topic_id() const;
  [[nodiscard]] LogConfig config() const;
  void set_config(const LogConfig& config);

  // A transactional batch opens a transaction of its producer in this partition, unless one is open.
  void append(AppendRequest request, AppendDone done);
  // Appends Kafka's control batch, of one offset, and ends the producer's open transaction; when there is none, it is
  // written all the same. A later producer epoch than the last one begins with sequence 0. May use the disk's reserve.
  void append_marker(MarkerRequest request, AppendDone done);
  // Appends what was accepted elsewhere, control batches included: sizes, timestamps and sequences are not judged
  // again. Empty batches fill the offsets from the log end to the batch's own.
  void copy(CopyRequest request, AppendDone done);
  // The log end becomes `offset`, by empty batches; nothing when it is there or beyond.
  void fill_to(std::int64_t offset, std::shared_ptr<const Attribution> filler, AppendDone done);
  // Never returns anything at or beyond the high watermark, or the last stable offset when it reads committed. May wait
  // for the disk when the index or batch headers it needs are not in memory, unless told not to; whether the records
  // themselves are is for the sender of the range to find out.
  [[nodiscard]] ReadOutcome read(const ReadRequest& request) const;

  [[nodiscard]] std::int64_t log_start_offset() const;
  [[nodiscard]] std::int64_t high_watermark() const;
  // Where the oldest transaction begins that is open or whose marker is not below the high watermark, else the high
  // watermark. Not below the log start: a transaction that began before it counts from there.
  [[nodiscard]] std::int64_t last_stable_offset() const;
  [[nodiscard]] std::int64_t log_end_offset() const;
  [[nodiscard]] std::int64_t synced_offset() const;
  [[nodiscard]] std::int64_t log_bytes() const;  // of all segments
  [[nodiscard]] std::int32_t leader_epoch() const;
  // The last epoch at or below the one asked for, and where it ends; {-1, -1} when the log knows none.
  [[nodiscard]] EpochEnd end_offset_for_epoch(std::int32_t leader_epoch) const;

  // The first batch below the high watermark with a record at or after `timestamp`: its max timestamp says so. The
  // record in it is for the caller to find, who can decompress.
  [[nodiscard]] Result<std::optional<SharedBytes>> batch_for_timestamp(std::int64_t timestamp) const;
  // The earliest batch that holds the largest timestamp of the log.
  [[nodiscard]] Result<std::optional<SharedBytes>> batch_with_max_timestamp() const;

  // One-shot: `moved` runs once when the high watermark is beyond `offset`, or the partition is deleted; at once,
  // inside the call, when it is already. A waiter that lost interest takes itself back.
  using Watch = std::uint64_t;
  Watch watch_high_watermark(std::int64_t offset, std::move_only_function<void()> moved);
  // The same for the last stable offset.
  Watch watch_last_stable_offset(std::int64_t offset, std::move_only_function<void()> moved);
  // True when `moved` will not be called any more; false when it was or is being called.
  bool unwatch(Watch watch);

  // DeleteRecords: moves the log start, at most to the high watermark. Returns the new log start. Durable on return.
  [[nodiscard]] Result<std::int64_t> delete_records_before(std::int64_t offset);
  // Closes the active segment and begins a new one, when it holds anything.
  [[nodiscard]] Result<void> roll();

  [[nodiscard]] std::vector<Quarantine> quarantined() const;
  // `topics repair --skip`: readers at these offsets go on behind the damage. NotFound when none begins there.
  [[nodiscard]] Result<void> skip_quarantine(std::int64_t first_offset);
  // Reads every segment, each read a job of the executor, and checks every batch; what is damaged is quarantined from
  // now on. Returns all that is quarantined. Blocks for long; not to be called from a job. Unavailable when `step` said
  // no: what was found until then stays.
  [[nodiscard]] Result<std::vector<Quarantine>> verify(const ReadStep& step = [](std::uint64_t) { return true; });

  // One producer as the partition remembers it, for DescribeProducers and tests.
  struct Producer {
    std::int64_t producer_id = 0;
    std::int16_t epoch = 0;
    std::int32_t last_sequence = -1;  // -1: sequence 0 comes next
    std::int64_t last_offset = -1;
    std::int64_t last_timestamp = 0;
    std::int32_t coordinator_epoch = -1;  // of the last marker
    std::int64_t transaction_start = -1;  // first offset of the open transaction
  };
  [[nodiscard]] std::vector<Producer> producers() const;

  class Core;
  explicit PartitionLog(std::shared_ptr<Core> core);
  [[nodiscard]] Core& core() const { return *core_; }

 private:
  std::shared_ptr<Core> core_;
};

// The bytes of a payload, read from its file when it is a range. Blocks when they are not in memory.
[[nodiscard]] Result<SharedBytes> read_bytes(const Payload& payload);

}  // namespace myelin::storage
