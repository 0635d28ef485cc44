#pragma once
// Jobs that may wait for the disk, one after another, on threads of a storage executor.
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "storage/executor.h"

namespace myelin::engine::broker {

// Threads: submit() may be called from any thread. Jobs run in the order of their submission, never two at a time.
class SerialExecutor {
 public:
  using Job = storage::Executor::Job;

  // The executor outlives this object and every job submitted to it.
  explicit SerialExecutor(storage::Executor& executor) : executor_(executor), queue_(std::make_shared<Queue>()) {}

  void submit(Job job);
  // Returns when everything submitted before has run. Not from a job.
  void drain();

 private:
  struct Queue {
    std::mutex mutex;
    std::deque<Job> jobs;
    bool running = false;
  };
  static void run(const std::shared_ptr<Queue>& queue);

  storage::Executor& executor_;
  std::shared_ptr<Queue> queue_;
};

}  // namespace myelin::engine::broker
