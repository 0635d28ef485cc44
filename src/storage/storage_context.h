#pragma once
// What the partitions of one data directory share.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "storage/aborted_index.h"
#include "storage/executor.h"
#include "storage/file_system.h"
#include "storage/index_cache.h"
#include "storage/open_files.h"
#include "storage/provenance_journal.h"
#include "storage/sparse_index.h"

namespace myelin::storage {

// A partition that is left alone for so long gets its synced watermark written down.
inline constexpr auto kStateIdle = std::chrono::milliseconds(100);

struct StorageContext {
  StorageContext(FileSystem& file_system, const Clock& time, Executor& pool, std::size_t open_files_max)
      : files(file_system), clock(time), executor(pool), open_files(file_system, open_files_max) {}

  FileSystem& files;
  const Clock& clock;
  Executor& executor;
  OpenFiles open_files;
  IndexCache<SparseIndex> indexes{kIndexCacheBytes};
  IndexCache<AbortedIndex> aborted_indexes{kAbortedIndexCacheBytes};
  std::unique_ptr<ProvenanceJournal> journal;
  // Free space is below the reserve: only topics that may use the reserve are written.
  std::atomic<bool> disk_is_low = false;
  // Called when housekeeping has something to do within that time, which it may not know yet. From any thread, any
  // number of times.
  std::function<void(std::chrono::milliseconds)> due_within = [](std::chrono::milliseconds) {};

  // To be called before the files of a segment are removed or replaced.
  void forget(std::uint64_t file_id) {
    open_files.forget(file_id);
    indexes.forget(file_id);
    aborted_indexes.forget(file_id);
  }

  // Like executor.submit, but wait_for_jobs() knows of it.
  void run(Executor::Job job) { executor.submit(counted(std::move(job))); }
  void run_last(Executor::Job job) { executor.submit_last(counted(std::move(job))); }
  void wait_for_jobs() {
    executor.wait_until([this] { return jobs.load() == 0; });
  }

  std::atomic<int> jobs = 0;

 private:
  Executor::Job counted(Executor::Job job) {
    jobs.fetch_add(1);
    return [this, job = std::move(job)]() mutable {
      job();
      job = nullptr;
      jobs.fetch_sub(1);
    };
  }

  static constexpr std::size_t kIndexCacheBytes = 8U << 20;
  static constexpr std::size_t kAbortedIndexCacheBytes = 2U << 20;
};

}  // namespace myelin::storage
