#include "storage/executor.h"

#include "base/check.h"

namespace myelin::storage {

StoragePool::StoragePool(std::size_t threads) {
  CHECK(threads > 0);
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

StoragePool::~StoragePool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void StoragePool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  work_.notify_one();
}

void StoragePool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    ++finished_count_;
    if (waiting_ > 0) finished_.notify_all();
  }
}

void StoragePool::wait_until(const std::function<bool()>& done) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  while (true) {
    const auto finished_before = finished_count_;
    lock.unlock();
    const bool is_done = done();
    lock.lock();
    if (is_done) break;
    // What `done` asks for may also be brought about by a thread that is none of ours.
    finished_.wait_for(lock, std::chrono::milliseconds(5), [&] { return finished_count_ != finished_before; });
  }
  --waiting_;
}

void QueuedExecutor::wait_until(const std::function<bool()>& done) {
  while (!done()) CHECK(run_one());
}

bool QueuedExecutor::run_one() {
  if (jobs_.empty()) return false;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  job();
  return true;
}

void QueuedExecutor::run_all() {
  while (run_one()) {
  }
}

}  // namespace myelin::storage
