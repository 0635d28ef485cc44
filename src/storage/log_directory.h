#pragma once
// A data directory: DIR/log (Kafka's format and nothing else), DIR/provenance (who wrote what), DIR/state (lock and
// format version). Opens it alone, recovers every partition, and keeps what partitions share: open files, the journal,
// the housekeeping of retention, compaction, interval syncs and watermarks.
//
// Threads: every function may be called from any thread. Lifetime: the file system, clock and executor outlive it;
// partitions handed out may outlive it but answer Gone after close().
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/executor.h"
#include "storage/file_system.h"
#include "storage/partition_log.h"
#include "storage/provenance_journal.h"

namespace myelin::storage {

inline constexpr std::uint32_t kDataFormatVersion = 1;

struct LogDirectoryOptions {
  std::size_t open_files_max = 4096;
  std::chrono::days journal_retention{400};
  std::uint32_t journal_segment_bytes = 16U << 20;
  std::uint32_t journal_write_ahead_bytes = 256U << 10;
  std::chrono::milliseconds cleanup_interval{std::chrono::minutes(5)};  // retention, compaction, expiry
  std::chrono::milliseconds producer_expiry{std::chrono::hours(24)};
  // Settings of a topic found on disk; asked once per partition during open(), from several threads at a time.
  std::function<LogConfig(const TopicName&)> config_of;
  // A thread that runs housekeep() when it is due. Off in tests, which call it themselves.
  bool background_housekeeping = true;
  // Check every batch of every segment while opening, however the last run ended.
  bool verify_everything = false;
  // kernel_boot_id(); another value than at the last open means that unsynced page cache is gone.
  std::string boot_id;
};

// What open() found and did.
struct RecoveryReport {
  bool was_clean = false;
  std::size_t partitions = 0;
  std::size_t scanned = 0;           // partitions whose log had to be read
  std::int64_t torn_bytes = 0;       // cut from the ends of logs
  std::int64_t lost_provenance = 0;  // records that got an entry "(lost in power cut)"
  std::vector<std::string> damaged;  // one line per quarantined range, with topic, partition and offsets
  std::vector<std::string> ignored;  // names in DIR/log that are no partition
};

class LogDirectory {
 public:
  // Fails with a message for the operator when the directory is locked, read-only, of a newer format, or unreadable.
  // Creates what is missing; `path` itself must exist or be creatable in an existing parent.
  [[nodiscard]] static Result<std::unique_ptr<LogDirectory>> open(const std::string& path, FileSystem& files,
                                                                  const Clock& clock, Executor& executor,
                                                                  LogDirectoryOptions options = {});
  // Without close() before it this is as abrupt as a kill: nothing is synced, and the next open() recovers.
  ~LogDirectory();
  LogDirectory(const LogDirectory&) = delete;
  LogDirectory& operator=(const LogDirectory&) = delete;

  // Syncs everything, writes indexes and snapshots, leaves the mark of a clean stop. Appends and reads answer Gone
  // from here on.
  [[nodiscard]] Result<void> close();

  // Durable on return. Exists when the partition is there already.
  [[nodiscard]] Result<std::shared_ptr<PartitionLog>> create(const TopicPartition& name, TopicId topic_id,
                                                             const LogConfig& config);
  // All of them or none, and much faster than one by one.
  [[nodiscard]] Result<std::vector<std::shared_ptr<PartitionLog>>> create_all(const std::vector<TopicPartition>& names,
                                                                              TopicId topic_id,
                                                                              const LogConfig& config);
  // Null when there is none.
  [[nodiscard]] std::shared_ptr<PartitionLog> find(const TopicPartition& name) const;
  // Sorted by name.
  [[nodiscard]] std::vector<std::shared_ptr<PartitionLog>> partitions() const;
  // The name is free again on return; files are unlinked later on the executor. Its journal entries stay.
  [[nodiscard]] Result<void> remove(const TopicPartition& name);

  // Everything that is due by the clock: interval syncs, idle watermarks, segment age, retention, producer expiry,
  // compaction, journal retention. Returns how long nothing more will be due.
  std::chrono::milliseconds housekeep();

  // Calls `sink` for each surviving journal entry, oldest first: the last entry for an offset wins, entries at or
  // beyond the end of their log are left out. Appends made meanwhile may or may not be seen.
  [[nodiscard]] Result<void> replay_provenance(const ProvenanceSink& sink) const;
  // Checks that the surviving entries of every partition cover [its first entry, log end) without a gap; that no two
  // overlap is the rule by which they survive. Those of deleted partitions take memory for each that there ever was.
  enum class Checked : std::uint8_t { ThoseThatExist, DeletedOnesToo };
  [[nodiscard]] Result<std::vector<CoverageFault>> check_provenance(Checked which = Checked::DeletedOnesToo) const;
  [[nodiscard]] JournalSize journal_size() const;
  // Where the partitions lie, and the room on that disk. Blocks for the disk.
  [[nodiscard]] const std::string& log_path() const;
  [[nodiscard]] Result<DiskSpace> space() const;

  [[nodiscard]] const RecoveryReport& recovery() const;
  // True while the wall clock and the monotonic clock disagree by more than five minutes since open(): no segment is
  // deleted by age then.
  [[nodiscard]] bool clock_is_suspect() const;

 private:
  class Core;
  explicit LogDirectory(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace myelin::storage
