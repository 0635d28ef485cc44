#pragma once
// The inside of PartitionLog: its state, one lock, and the parts that work on it, each in a file of its own:
// partition_append.cc, partition_copy.cc, partition_transactions.cc, partition_flush.cc, partition_read.cc,
// partition_damage.cc, partition_time.cc, partition_cleanup.cc, partition_compaction.cc, partition_open.cc. Names
// ending in _locked need the lock held.
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/batch_header.h"
#include "storage/leader_epochs.h"
#include "storage/partition_log.h"
#include "storage/producer_state.h"
#include "storage/segment.h"
#include "storage/segment_scan.h"
#include "storage/sparse_index.h"
#include "storage/storage_context.h"

namespace myelin::storage {

inline constexpr std::string_view kMetadataFile = "partition.metadata";
inline constexpr std::string_view kEpochsFile = "leader-epoch-checkpoint";

// What open() of one partition found.
struct PartitionRecovery {
  bool was_scanned = false;
  std::int64_t torn_bytes = 0;
  std::int64_t lost_provenance = 0;
  std::vector<std::string> damaged;
  // Entries to write once the journal accepts them: stretches of the log that no entry covers.
  struct Uncovered {
    std::int64_t base_offset = 0;
    std::int64_t count = 0;
    std::int64_t log_bytes = 0;
    std::int32_t leader_epoch = 0;
    Attribution writer;
  };
  std::vector<Uncovered> uncovered;
};

class PartitionLog::Core : public std::enable_shared_from_this<Core> {
 public:
  struct Identity {
    TopicPartition name;
    TopicId topic_id;
    std::string directory;
  };
  Core(StorageContext& context, Identity identity, const LogConfig& config);

  // --- partition_open.cc
  // Files of a new, empty partition; durable on return.
  [[nodiscard]] Result<void> create_files();
  struct OpenRequest {
    JournaledPartition journaled;
    bool verify_everything = false;
    bool page_cache_was_lost = false;  // another kernel run than the one that wrote the log
  };
  [[nodiscard]] Result<PartitionRecovery> recover(OpenRequest request);
  // What the journal's slot begins with.
  [[nodiscard]] provenance::StateFrame journal_state() const;
  void attach(ProvenanceJournal::Slot* slot) { slot_ = slot; }
  [[nodiscard]] ProvenanceJournal::Slot* slot() const { return slot_; }

  // --- partition_append.cc
  void append(AppendRequest request, AppendDone done);
  [[nodiscard]] Result<void> roll();

  // --- partition_copy.cc
  void copy(CopyRequest request, AppendDone done);
  void fill_to(std::int64_t offset, const std::shared_ptr<const Attribution>& filler, AppendDone done);

  // --- partition_transactions.cc
  void append_marker(MarkerRequest request, AppendDone done);

  // --- partition_flush.cc
  // Starts a flush when one is due by time. Returns the time until the next will be.
  std::chrono::milliseconds flush_when_due();
  static constexpr auto kUnlimitedAge = std::chrono::milliseconds::max();
  [[nodiscard]] std::chrono::milliseconds unsynced_age_max() const;
  // No more appends and reads. What waits for a sync gets it; is_flushing() tells when all is answered.
  void shut();
  [[nodiscard]] bool is_flushing() const;
  // After shut(), when the files have another name: nothing of them stays open, so that deleting gives their room back.
  void forget_files();
  // After shut(): everything to disk, indexes and producer snapshot included, so that the next open need not scan.
  [[nodiscard]] Result<void> finish();

  // --- partition_read.cc
  [[nodiscard]] ReadOutcome read(const ReadRequest& request);

  // --- partition_damage.cc
  [[nodiscard]] std::vector<Quarantine> quarantined() const;
  [[nodiscard]] std::vector<provenance::QuarantineFrame> quarantine_frames() const;
  [[nodiscard]] Result<void> skip_quarantine(std::int64_t first_offset);
  [[nodiscard]] Result<std::vector<Quarantine>> verify(const ReadStep& step);

  // --- partition_time.cc
  [[nodiscard]] Result<std::optional<SharedBytes>> batch_for_timestamp(std::int64_t timestamp);
  [[nodiscard]] Result<std::optional<SharedBytes>> batch_with_max_timestamp();

  // --- partition_cleanup.cc
  [[nodiscard]] Result<std::int64_t> delete_records_before(std::int64_t offset);
  struct CleanupRequest {
    WallTime now;
    bool clock_is_trusted = true;
    std::chrono::milliseconds producer_expiry;
  };
  void apply_retention(const CleanupRequest& request);

  // --- partition_compaction.cc
  // Latest record per key in the closed segments, when the topic's cleanup policy says so.
  void compact(WallTime now, bool clock_is_trusted);

  // --- partition_log.cc
  // For the high watermark, or the last stable offset when reading committed.
  PartitionLog::Watch watch(Isolation isolation, std::int64_t offset, std::move_only_function<void()> moved);
  bool unwatch(PartitionLog::Watch watch);
  [[nodiscard]] LogConfig config() const;
  void set_config(const LogConfig& config);
  [[nodiscard]] std::int32_t leader_epoch() const;
  [[nodiscard]] EpochEnd end_offset_for_epoch(std::int32_t leader_epoch) const;
  [[nodiscard]] std::vector<PartitionLog::Producer> producers() const;
  struct Offsets {
    std::int64_t log_start = 0;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable = 0;
    std::int64_t log_end = 0;
    std::int64_t synced = 0;
  };
  [[nodiscard]] Offsets offsets() const;
  [[nodiscard]] std::int64_t log_bytes() const;
  [[nodiscard]] const Identity& identity() const { return identity_; }
  [[nodiscard]] std::string label() const;  // "topic-3" for messages

 private:
  // A place between two batches.
  struct Place {
    std::int64_t offset = 0;
    std::int64_t segment_base = 0;
    std::uint64_t position = 0;
  };
  struct Pending {
    std::int64_t end_offset = 0;
    AppendResult result;
    AppendDone done;
  };
  struct Watcher {
    PartitionLog::Watch id = 0;
    Isolation isolation = Isolation::ReadUncommitted;
    std::int64_t offset = 0;
    std::move_only_function<void()> moved;
  };
  struct Flush {
    Place target;
    std::vector<std::shared_ptr<Segment>> segments;
    bool directory_too = false;
    std::uint64_t journal_position = 0;
  };
  struct FlushState;
  struct DamageAt {
    DamagedRange range;
    std::int64_t segment_base = 0;
    bool skipped = false;
  };
  // What has to happen once the lock is released.
  struct Aftermath {
    std::vector<std::pair<AppendDone, AppendOutcome>> answers;
    std::vector<std::move_only_function<void()>> moved;
    std::optional<Flush> flush;
  };
  using Accepted = std::expected<AppendResult, AppendError>;

  void settle(Aftermath aftermath);

  // partition_append.cc
  void answer_locked(Accepted accepted, AppendDone done, Aftermath& aftermath);
  [[nodiscard]] Accepted append_locked(const AppendRequest& request);
  [[nodiscard]] std::optional<AppendError> closed_refusal_locked() const;
  [[nodiscard]] std::optional<AppendError> producer_refusal(const BatchHeader& header,
                                                            const ProducerState::Check& check) const;
  [[nodiscard]] Result<void> make_room_locked(const BatchHeader& header, std::int64_t timestamp);
  [[nodiscard]] std::optional<AppendError> refusal_locked(const AppendRequest& request,
                                                          const std::optional<BatchHeader>& header) const;
  [[nodiscard]] std::optional<AppendError> timestamp_refusal_locked(const BatchHeader& header, WallTime now) const;
  // Of a copied batch the time is the one it was given where it came from.
  enum class Stamp : std::uint8_t { ByTopic, Kept };
  [[nodiscard]] Accepted write_locked(const AppendRequest& request, BatchHeader header, WallTime now,
                                      Stamp stamp = Stamp::ByTopic);
  [[nodiscard]] AppendError retry_later(const Error& error) const;
  AppendError stop_writing_locked(const Error& error);
  [[nodiscard]] bool must_roll_locked(const BatchHeader& header, std::int64_t timestamp) const;
  // What its max timestamp will be in the log.
  [[nodiscard]] std::int64_t timestamp_in_log(const BatchHeader& header, WallTime now) const;
  [[nodiscard]] Result<void> roll_locked();
  [[nodiscard]] Result<std::shared_ptr<Segment>> make_segment(std::int64_t base_offset);
  void spill_index_locked();
  void reserve_locked(File& file, std::size_t batch_bytes);
  void give_back_room_locked();
  void after_write_locked(std::int64_t records, std::int64_t bytes, Aftermath& aftermath);

  // partition_copy.cc
  [[nodiscard]] Accepted copy_locked(const CopyRequest& request);
  [[nodiscard]] Accepted fill_locked(std::int64_t offset, const std::shared_ptr<const Attribution>& filler);
  [[nodiscard]] std::optional<AppendError> copy_refusal_locked(const SharedBytes& batch,
                                                               const std::optional<BatchHeader>& header) const;
  [[nodiscard]] Accepted place_locked(const AppendRequest& request, const BatchHeader& header);
  [[nodiscard]] Result<void> begin_epoch_locked(std::int32_t leader_epoch);

  // partition_transactions.cc
  [[nodiscard]] Accepted append_marker_locked(MarkerRequest request);
  void note_marker_locked(const BatchHeader& header, const TransactionMarker& marker, std::int64_t now_ms);
  [[nodiscard]] std::int64_t last_stable_locked() const;
  // Some segments in a row, the one in question last, and the damage known in them.
  struct LogView {
    std::vector<std::shared_ptr<Segment>> segments;
    std::vector<DamageAt> damage;
  };
  struct Aborted {
    AbortedIndex index;
    std::int64_t open_from = AbortedSummary::kNoneOpen;  // as in AbortedSummary
  };
  struct AbortedInSegment {
    std::shared_ptr<const AbortedIndex> index;
    std::int64_t open_from = AbortedSummary::kNoneOpen;
  };
  [[nodiscard]] LogView view_locked(const std::shared_ptr<Segment>& last) const;
  [[nodiscard]] std::optional<ProducerState> stored_producers(std::int64_t offset) const;
  [[nodiscard]] Result<AbortedIndex> replay_segment(const Segment& segment, std::span<const DamageAt> damage,
                                                    ProducerState& producers) const;
  [[nodiscard]] Result<Aborted> survey_aborted(LogView& view) const;
  void add_damaged_locked(const Segment& segment, AbortedIndex& index) const;
  std::shared_ptr<const AbortedIndex> keep_aborted_locked(const std::shared_ptr<Segment>& segment, Aborted aborted);
  [[nodiscard]] Result<AbortedInSegment> rebuild_aborted(const std::shared_ptr<Segment>& segment);
  [[nodiscard]] Result<AbortedInSegment> aborted_in(const std::shared_ptr<Segment>& segment, DiskWait wait);
  // Transactions with batches in [first_offset, next_offset) that were aborted, by a marker in `segment`, where the
  // range begins, or behind it. All that began below next_offset must be decided.
  struct AbortedRequest {
    std::shared_ptr<Segment> segment;
    std::int64_t first_offset = 0;
    std::int64_t next_offset = 0;
    DiskWait wait = DiskWait::Allowed;
  };
  [[nodiscard]] Result<std::vector<AbortedEntry>> aborted_between(const AbortedRequest& request);

  // partition_flush.cc
  void start_flush_locked(Aftermath& aftermath);
  enum class From : std::uint8_t { Append, EndOfFlush };
  void launch(Flush flush, From from);
  void finish_flush(FlushState& state);
  [[nodiscard]] Result<void> sync_segments(const Flush& flush);
  void move_high_watermark_locked(const Place& to, Aftermath& aftermath);
  // Those that what they watch has passed.
  void wake_watchers_locked(Aftermath& aftermath);

  // partition_read.cc
  struct ReadPlan;
  [[nodiscard]] std::expected<ReadPlan, ReadError> plan_read(const ReadRequest& request);
  [[nodiscard]] static ReadError read_error(const ReadPlan& plan, ReadFailure failure, std::string message);
  [[nodiscard]] static ReadResult result_of(const ReadPlan& plan, Payload records, std::int64_t first,
                                            std::int64_t next);
  [[nodiscard]] ReadOutcome read_planned(const ReadPlan& plan, const ReadRequest& request);
  [[nodiscard]] Result<Payload> payload_of(const File& file, std::uint64_t position, std::uint32_t length) const;
  [[nodiscard]] ReadError read_error_locked(ReadFailure failure, std::string message) const;
  [[nodiscard]] std::optional<std::uint64_t> hint_locked(std::int64_t offset, std::int64_t segment_base) const;
  void remember_place(const Place& place, std::int64_t came_from);
  [[nodiscard]] std::shared_ptr<Segment> segment_for_locked(std::int64_t offset) const;
  enum class By : std::uint8_t { Offset, Position };
  // A segment, its open file, and how it may be read.
  struct Source {
    const Segment& segment;
    const File& file;
    DiskWait wait = DiskWait::Allowed;
  };
  // Where the plan's limit_offset begins.
  [[nodiscard]] Result<std::optional<std::uint64_t>> limit_of(const ReadPlan& plan, const Source& source);
  // A position at or before the one asked for where a batch begins, checked against the log.
  [[nodiscard]] Result<std::uint64_t> indexed_position(const Source& source, By by, std::int64_t value);
  [[nodiscard]] Result<std::optional<OffsetEntry>> index_entry(const Source& source, By by, std::int64_t value);
  // How many entries the files of the segment's index must have.
  [[nodiscard]] std::size_t stored_offsets(const Segment& segment) const;
  [[nodiscard]] std::shared_ptr<const SparseIndex> cached_index(const Segment& segment) const;
  [[nodiscard]] std::shared_ptr<const SparseIndex> stored_index(const Segment& segment);
  [[nodiscard]] std::shared_ptr<const SparseIndex> rebuild_index(const Segment& segment);
  [[nodiscard]] Result<std::optional<LocatedBatch>> find_batch(const Source& source, std::int64_t offset,
                                                               std::uint64_t limit);
  [[nodiscard]] Result<Place> batches_end(const Source& source, const Place& start, const ReadRequest& request,
                                          std::uint64_t limit);
  [[nodiscard]] Result<std::shared_ptr<File>> file_of(const Segment& segment) const;

  // partition_damage.cc
  [[nodiscard]] Result<void> verify_segment(const std::shared_ptr<Segment>& segment, const File& file);
  void add_damage_locked(const DamagedRange& range, std::int64_t segment_base, bool skipped = false);
  // Every batch header of a segment, in order, except in the damage; ends early at bytes that are none.
  using BatchVisit = std::function<void(const LocatedBatch&)>;
  [[nodiscard]] static Result<void> walk(const Segment& segment, const File& file, std::span<const DamageAt> damage,
                                         const BatchVisit& visit);
  [[nodiscard]] Result<void> walk_locked(const Segment& segment, const File& file, const BatchVisit& visit) const;
  [[nodiscard]] provenance::QuarantineFrame frame_of(const DamageAt& damage) const;

  // partition_time.cc
  // The part of a segment that readers may see.
  struct TimeSearch {
    std::shared_ptr<Segment> segment;
    std::uint64_t limit = 0;
    std::int64_t limit_offset = 0;
    std::int64_t log_start = 0;
    bool is_closed = false;
  };
  // Nothing before `position` is younger than `timestamp`.
  struct TimePoint {
    std::uint64_t position = 0;
    std::int64_t timestamp = kNoTimestamp;
  };
  [[nodiscard]] std::vector<TimeSearch> visible_segments() const;
  [[nodiscard]] Result<TimePoint> point_before_time(const Segment& segment, const File& file, std::int64_t timestamp,
                                                    std::int64_t offset_end);
  [[nodiscard]] Result<std::int64_t> max_timestamp_of(const TimeSearch& search);
  [[nodiscard]] Result<std::optional<SharedBytes>> first_batch_from(const TimeSearch& search, std::int64_t timestamp);

  // partition_cleanup.cc
  [[nodiscard]] bool is_expired(const std::shared_ptr<Segment>& oldest, const CleanupRequest& request,
                                std::int64_t retention_ms);
  [[nodiscard]] bool take_oldest_locked(const std::shared_ptr<Segment>& oldest,
                                        std::vector<std::shared_ptr<Segment>>& taken);
  void remove_segments(std::vector<std::shared_ptr<Segment>> segments);
  [[nodiscard]] std::vector<std::shared_ptr<Segment>> take_segments_below_start_locked();

  // partition_compaction.cc
  struct CompactionPlan;
  struct CleanedSegment;
  [[nodiscard]] std::size_t compactable_locked() const;
  [[nodiscard]] Result<void> compact_now(WallTime now, bool clock_is_trusted);
  [[nodiscard]] CompactionPlan plan_compaction(WallTime now, bool clock_is_trusted);
  [[nodiscard]] Result<CleanedSegment> begin_cleaned(const std::shared_ptr<Segment>& first);
  [[nodiscard]] Result<void> survey_keys(CompactionPlan& plan);
  [[nodiscard]] Result<void> rewrite(const Segment& source, CompactionPlan& plan, CleanedSegment& into);
  [[nodiscard]] Result<void> swap_in(CleanedSegment& cleaned);

  // partition_open.cc
  friend class PartitionOpening;
  [[nodiscard]] Result<void> write_epochs() const;
  // The producers as of `offset`, which they are at, unless a snapshot says so already.
  [[nodiscard]] Result<void> write_snapshot_locked(std::int64_t offset);
  // Index state of an active segment that was opened without reading it.
  [[nodiscard]] Result<void> load_active_tail_locked();

  [[nodiscard]] Segment& active_locked() const { return *segments_.back(); }
  [[nodiscard]] Place log_end_place_locked() const {
    return {log_end_, segments_.back()->base_offset, segments_.back()->bytes.load()};
  }

  StorageContext& context_;
  const Identity identity_;
  const std::shared_ptr<const std::string> directory_;
  ProvenanceJournal::Slot* slot_ = nullptr;

  mutable std::mutex mutex_;
  LogConfig config_;
  std::vector<std::shared_ptr<Segment>> segments_;  // ascending and never empty once open; the last one is active
  IndexBuilder builder_{0};                         // of the active segment
  bool is_tail_loaded_ = true;                      // builder_ and the next three say how the segment really is
  std::size_t spilled_offsets_ = 0;                 // index entries of the active segment that are in its files
  std::size_t spilled_times_ = 0;
  std::int64_t first_timestamp_ = kNoTimestamp;  // of the active segment's first batch: its age counts from there
  ProducerState producers_;
  std::int64_t last_snapshot_ = 0;  // log end when the producers were last written down
  LeaderEpochs epochs_;
  std::int32_t leader_epoch_ = 0;
  std::int64_t log_start_ = 0;
  std::int64_t log_end_ = 0;
  Place high_watermark_;
  Place synced_;
  std::int64_t covered_end_ = 0;  // of the journal, as of the last open
  std::vector<DamageAt> damage_;  // by offset

  bool is_shut_ = false;
  bool is_read_only_ = false;
  std::string read_only_reason_;
  bool is_compacting_ = false;
  std::int64_t compacted_to_ = 0;

  bool flush_is_running_ = false;
  bool directory_is_unsynced_ = false;
  std::int64_t unsynced_bytes_ = 0;
  std::int64_t unsynced_records_ = 0;
  MonotonicTime unsynced_since_;
  std::uint64_t journal_position_ = 0;
  std::vector<Pending> pending_;
  std::vector<Watcher> watchers_;
  PartitionLog::Watch next_watch_ = 1;

  // Where readers that go on from read to read will begin next.
  struct Hint {
    std::int64_t offset = -1;
    std::int64_t segment_base = 0;
    std::uint64_t position = 0;
  };
  std::array<Hint, 8> hints_;
  std::size_t next_hint_ = 0;
};

}  // namespace myelin::storage
