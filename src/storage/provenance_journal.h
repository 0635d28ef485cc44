#pragma once
// Who appended what: an append-only journal next to the log, written before it, keyed by topic id, kept for 400 days
// whatever happens to the topic. It also carries what recovery must know and Kafka's files do not say: up to where each
// partition is known to be on stable storage, and which stretches are damaged.
// Format: docs/formats/provenance-journal.md.
//
// Threads: any. One journal serves all partitions of a data directory. Its lock is taken inside a partition's lock and
// never the other way round.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/attribution.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "storage/executor.h"
#include "storage/file_system.h"
#include "storage/journal_cover.h"
#include "storage/journal_file.h"
#include "storage/provenance_format.h"

namespace myelin::storage {

class CoalescedFile;

struct ProvenanceEntry {
  std::uint64_t sequence = 0;
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = 0;
  std::int64_t base_offset = 0;
  std::int64_t count = 0;
  std::int64_t log_bytes = 0;
  WallTime time;
  WallTime last_time;  // another than `time` for neighbouring appends of one attribution, joined: all within its hour
  [[nodiscard]] std::int64_t next_offset() const { return base_offset + count; }
};

using ProvenanceSink = std::function<void(const Attribution&, const ProvenanceEntry&)>;

// A stretch of a partition's log that no entry covers.
struct CoverageFault {
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
};

struct JournalSize {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t next_sequence = 0;
};

// What the journal's newest files say about one partition.
struct JournaledPartition {
  bool has_state = false;
  bool was_removed = false;
  provenance::StateFrame state;
  std::int64_t known_until = 0;                  // what was synced when the state was written
  std::int64_t covered_before = 0;               // every entry up to here was in files that were safe
  std::vector<provenance::AppendFrame> appends;  // written after the state, in order, with offsets beyond known_until
  std::vector<provenance::QuarantineFrame> quarantines;
};
struct JournalRecovery {
  bool was_clean = false;
  std::uint64_t damaged_bytes = 0;  // of journal files that could not be read
  std::map<JournalKey, JournaledPartition> partitions;
};

class ProvenanceJournal {
 public:
  struct Options {
    std::uint32_t segment_bytes = 16U << 20;
    std::uint32_t write_ahead_bytes = 256U
                                      << 10;  // zeros kept in front of the writer, in memory; 0: none, and no window
    std::chrono::days retention{400};
  };
  // One partition as the journal tracks it: the state that the next file will begin with. Guarded by the journal.
  struct Slot {
    provenance::StateFrame state;
    std::vector<provenance::QuarantineFrame> quarantines;
    bool is_dirty = false;  // synced_offset moved and no frame says so yet
    MonotonicTime touched;
  };
  struct Append {
    std::int32_t leader_epoch = 0;
    std::int64_t base_offset = 0;
    std::int64_t count = 0;
    std::int64_t log_bytes = 0;
    WallTime time;
    const std::shared_ptr<const Attribution>& attribution;
  };
  using SyncDone = std::move_only_function<void(const Result<void>&)>;

  // Reads what recovery needs. Nothing is written before begin().
  [[nodiscard]] static Result<std::unique_ptr<ProvenanceJournal>> open(std::string directory, FileSystem& files,
                                                                       const Clock& clock, Executor& executor,
                                                                       const Options& options);
  ~ProvenanceJournal();
  ProvenanceJournal(const ProvenanceJournal&) = delete;
  ProvenanceJournal& operator=(const ProvenanceJournal&) = delete;

  // What open() read, for the recovery of partitions; moved out.
  [[nodiscard]] JournalRecovery take_recovery() { return std::move(recovery_); }
  // Records of a log that no entry covers.
  struct Uncovered {
    const Slot* slot = nullptr;
    std::int32_t leader_epoch = 0;
    std::int64_t base_offset = 0;
    std::int64_t count = 0;
    std::int64_t log_bytes = 0;
    Attribution writer;  // "(lost in power cut)" unless it can have been nobody else
  };
  // Starts a new file with the states of all slots added so far, and an entry for each of `uncovered`, all at once. To
  // be called once, before append().
  [[nodiscard]] Result<void> begin(const std::vector<Uncovered>& uncovered);

  // `state` is what recovery found, or a new partition. The slot lives until removed. A slot added after begin() is
  // written at once.
  [[nodiscard]] Result<Slot*> add(const provenance::StateFrame& state,
                                  std::vector<provenance::QuarantineFrame> quarantines);
  // The partition was deleted; the slot is gone.
  [[nodiscard]] Result<void> remove(Slot* slot, std::int64_t log_end_offset);

  // Writes one entry. Returns the position that sync() must reach to make it durable.
  [[nodiscard]] Result<std::uint64_t> append(Slot& slot, const Append& entry);
  [[nodiscard]] Result<void> write_quarantine(Slot& slot, const provenance::QuarantineFrame& quarantine);
  // What is true of the partition now; reaches the disk with later entries, or write_idle_states().
  void set_synced(Slot& slot, std::int64_t synced_offset, std::int64_t segment_base, std::uint64_t segment_bytes);
  // As set_synced().
  void set_leader_epoch(Slot& slot, std::int32_t leader_epoch, std::int64_t start_offset);
  // Writes the state at once; durable after sync_all().
  [[nodiscard]] Result<void> set_log_start(Slot& slot, std::int64_t log_start_offset);
  [[nodiscard]] std::int64_t covered_end(const Slot& slot) const;

  // Group commit: `done` runs on the executor (or at once when already so) after everything up to `position` is on
  // stable storage. The next flush starts when the last one ends. After a failed flush every later call fails.
  void sync(std::uint64_t position, SyncDone done);
  // Blocks until everything written so far is on stable storage.
  [[nodiscard]] Result<void> sync_all();
  [[nodiscard]] std::uint64_t written() const;

  // States of partitions whose watermark moved and that were left alone for `idle`; synced in the background. Returns
  // whether partitions remain that will need it.
  bool write_idle_states(std::chrono::milliseconds idle);
  // Seals the current file when it has grown old and deletes, oldest first, the sealed ones whose entries are all older
  // than the retention, but none that recovery may need. Blocks for the disk and for whoever replays.
  [[nodiscard]] Result<void> expire();
  // Joins entries in sealed files that were not coalesced yet and that recovery will not need. Blocks for the disk and
  // for whoever replays; asks `shall_stop` before each file. At any moment a file is the old one or the new one, whole.
  [[nodiscard]] Result<void> coalesce(const std::function<bool()>& shall_stop);
  // All states and the mark of a clean stop, synced. Nothing may follow.
  [[nodiscard]] Result<void> close();

  // `log_end_of` says where the log of a living partition ends; nullopt for one that does not exist.
  using LogEndOf = JournalCover::LogEndOf;
  [[nodiscard]] Result<void> replay(const LogEndOf& log_end_of, const ProvenanceSink& sink) const;
  // Which offsets of the `wanted` partitions the entries that replay() tells of cover.
  [[nodiscard]] Result<JournalCover::Covers> covers(const LogEndOf& log_end_of,
                                                    const std::function<bool(const JournalKey&)>& wanted) const;
  [[nodiscard]] JournalSize size() const;

 private:
  struct Waiter {
    std::uint64_t position;
    SyncDone done;
  };
  struct SealedFile {
    std::uint64_t first_sequence;
    std::uint64_t bytes;
    std::int64_t created_ms;
    bool is_coalesced = false;  // or can't be
  };

  ProvenanceJournal(std::string directory, FileSystem& files, const Clock& clock, Executor& executor, Options options);
  [[nodiscard]] Result<void> read_files();
  [[nodiscard]] Result<std::size_t> first_file_of_recovery(const std::vector<std::uint64_t>& sequences) const;
  [[nodiscard]] Result<void> read_file_into_recovery(const std::string& name);
  [[nodiscard]] Result<void> start_file(const std::vector<Uncovered>& uncovered);
  // Returns the ids that it gave.
  using AttributionIds = std::map<Attribution, std::uint32_t>;
  [[nodiscard]] AttributionIds encode_uncovered(ByteBuffer& to, const std::vector<Uncovered>& uncovered,
                                                std::int64_t now_ms);
  [[nodiscard]] Result<void> write(ByteSpan bytes);
  [[nodiscard]] Result<void> open_window(std::size_t first_bytes);
  [[nodiscard]] Result<std::uint32_t> attribution_id(const std::shared_ptr<const Attribution>& attribution,
                                                     ByteBuffer& definition);
  void start_sync_locked();
  void run_sync(std::uint64_t target, const std::vector<std::shared_ptr<File>>& files, bool directory_too);
  void say_older_synced();
  // Behind it a frame may be half copied.
  struct WrittenEnd {
    std::uint64_t first_sequence = 0;  // of the current file
    std::uint64_t position = 0;
  };
  [[nodiscard]] WrittenEnd written_end() const;
  // What was written when this was made. Sealed files stay as they are as long as it lives.
  struct Snapshot {
    std::shared_lock<std::shared_mutex> files_lock;
    WrittenEnd written;
    std::vector<std::uint64_t> sequences;  // of its files, ascending
  };
  [[nodiscard]] Result<Snapshot> snapshot() const;
  // For each file, from the newest to the oldest, which entries count.
  [[nodiscard]] Result<std::vector<std::vector<bool>>> judge(const Snapshot& snapshot, JournalCover& cover) const;
  [[nodiscard]] Result<JournalFile> open_until(const WrittenEnd& end, std::uint64_t first_sequence) const;
  void mark_dirty(Slot& slot);
  [[nodiscard]] std::string path_of(std::uint64_t first_sequence) const;
  [[nodiscard]] Result<void> settle_begin();
  [[nodiscard]] Result<void> seal_by_age();
  [[nodiscard]] std::optional<std::string> oldest_expired() const;
  // First sequences of the sealed files from the oldest on that is to be coalesced, ascending.
  struct CoalescingPlan {
    std::vector<std::uint64_t> sealed;
    std::uint64_t current = 0;
  };
  [[nodiscard]] CoalescingPlan plan_coalescing() const;
  [[nodiscard]] bool is_coalesced(std::uint64_t first_sequence) const;
  [[nodiscard]] Result<void> replace_by(const CoalescedFile& coalesced, std::uint64_t first_sequence);
  void set_coalesced(std::uint64_t first_sequence, std::uint64_t bytes);

  const std::string directory_;
  FileSystem& files_;
  const Clock& clock_;
  Executor& executor_;
  const Options options_;
  JournalRecovery recovery_;

  std::mutex housekeeping_mutex_;  // expiry or coalescing, one at a time: who waits holds a thread; taken first
  // Held by whoever needs sealed files to stay as they are, exclusively by whoever changes them. Taken before mutex_.
  mutable std::shared_mutex files_mutex_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> dirty_;
  std::vector<SealedFile> sealed_;
  bool has_begun_ = false;
  bool has_closed_ = false;
  bool says_older_synced_ = false;  // the current file does
  std::shared_ptr<File> file_;
  std::uint64_t file_first_sequence_ = 0;
  std::int64_t file_created_ms_ = 0;
  std::uint64_t file_position_ = 0;
  std::unique_ptr<FileWindow> window_;  // of file_, from somewhere before file_position_ to window_end_
  std::uint64_t window_end_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::uint64_t written_ = 0;    // bytes, over all files of this run
  std::uint64_t begin_end_ = 0;  // of those, where the states that begin the current file end
  // Ids in the current file. By value for what is defined, by address for a fast answer; the addresses stay alive.
  AttributionIds attributions_;
  std::unordered_map<const Attribution*, std::pair<std::shared_ptr<const Attribution>, std::uint32_t>> known_;

  std::vector<std::shared_ptr<File>> unsynced_;  // sealed while not yet synced
  bool directory_is_unsynced_ = false;
  bool sync_is_running_ = false;
  bool has_failed_ = false;
  std::uint64_t synced_ = 0;
  std::vector<Waiter> waiters_;
};

}  // namespace myelin::storage
