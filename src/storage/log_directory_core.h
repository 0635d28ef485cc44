#pragma once
// The inside of LogDirectory: the partitions by name, opening them, and the thread that keeps house.
#include <condition_variable>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "base/clock_watch.h"
#include "storage/log_directory.h"
#include "storage/partition_core.h"
#include "storage/storage_context.h"

namespace myelin::storage {

class LogDirectory::Core {
 public:
  Core(std::string path, FileSystem& files, const Clock& clock, Executor& executor, LogDirectoryOptions options);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> close();
  [[nodiscard]] Result<std::vector<std::shared_ptr<PartitionLog>>> create_all(const std::vector<TopicPartition>& names,
                                                                              TopicId topic_id,
                                                                              const LogConfig& config);
  [[nodiscard]] std::shared_ptr<PartitionLog> find(const TopicPartition& name) const;
  [[nodiscard]] std::vector<std::shared_ptr<PartitionLog>> partitions() const;
  [[nodiscard]] Result<void> remove(const TopicPartition& name);
  std::chrono::milliseconds housekeep();
  [[nodiscard]] Result<void> replay_provenance(const ProvenanceSink& sink) const;
  [[nodiscard]] Result<std::vector<CoverageFault>> check_provenance(Checked which) const;
  [[nodiscard]] JournalSize journal_size() const { return context_.journal->size(); }
  [[nodiscard]] const std::string& log_path() const { return log_path_; }
  [[nodiscard]] Result<DiskSpace> space() const { return context_.files.space(log_path_); }
  [[nodiscard]] const RecoveryReport& recovery() const { return recovery_; }
  [[nodiscard]] bool clock_is_suspect() const;

 private:
  struct Found {
    std::shared_ptr<PartitionLog> log;
    Result<PartitionRecovery> recovered;
  };

  [[nodiscard]] Result<void> make_directories();
  [[nodiscard]] Result<void> check_format();
  [[nodiscard]] Result<bool> note_boot();
  [[nodiscard]] Result<std::vector<Found>> find_partitions(const JournalRecovery& journaled);
  void recover_all(std::vector<Found>& found, JournalRecovery& journaled, bool page_cache_was_lost);
  [[nodiscard]] Result<void> take_in(std::vector<Found>& found);
  void discard(const std::vector<std::shared_ptr<PartitionLog>>& made);
  void delete_later(const std::string& directory);
  [[nodiscard]] Result<std::string> rename_for_deletion(const std::string& directory, const TopicPartition& name);
  void shut_all();
  void watch_space();
  void keep_house();
  void keep_journal(bool clock_is_suspect);
  void wake_within(std::chrono::milliseconds time);

  const std::string path_;
  const std::string log_path_;
  const std::string provenance_path_;
  const std::string state_path_;
  LogDirectoryOptions options_;
  std::unique_ptr<FileLock> lock_;
  StorageContext context_;
  RecoveryReport recovery_;
  ClockWatch clock_watch_;
  bool is_closed_ = false;

  std::mutex changes_;  // one creation or removal at a time
  mutable std::shared_mutex mutex_;
  std::map<TopicPartition, std::shared_ptr<PartitionLog>> partitions_;

  std::mutex house_mutex_;
  std::condition_variable house_wakes_;
  bool is_stopping_ = false;
  std::atomic<MonotonicTime> house_sleeps_until_{MonotonicTime::min()};  // written with house_mutex_ held
  std::optional<MonotonicTime> last_cleanup_;
  std::thread housekeeper_;
};

}  // namespace myelin::storage
