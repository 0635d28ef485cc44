#pragma once
// Requests that wait for the disk, on the threads of a storage executor: several at a time, and none is forgotten.
#include <atomic>
#include <cstddef>

#include "storage/executor.h"

namespace myelin::engine::broker {

// Threads: submit() may be called from any thread, also from a job.
class DiskJobs {
 public:
  using Job = storage::Executor::Job;

  // The executor outlives this object.
  explicit DiskJobs(storage::Executor& executor) : executor_(executor) {}

  void submit(Job job);
  // Returns when every job submitted so far, and by those jobs, has run and is destroyed. Not from a job, and not on a
  // thread that jobs wait for.
  void drain();

 private:
  storage::Executor& executor_;
  std::atomic<std::size_t> under_way_{0};
};

}  // namespace myelin::engine::broker
