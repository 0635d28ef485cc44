#include "storage/executor.h"

#include <pthread.h>
#include <sys/resource.h>

#include <string>

#include "base/check.h"

namespace myelin::storage {

namespace {
// The pool whose job runs on this thread.
thread_local const StoragePool* pool_of_this_thread = nullptr;

constexpr int kBelow = 5;  // of nice(2): about a third of a thread of equal rank, when both want to run
}  // namespace

StoragePool::StoragePool(std::size_t threads, std::string_view name, Rank rank) : rank_(rank) {
  CHECK(threads > 0);
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(Worker::Permanent); });
    const auto thread_name = std::string(name) + '-' + std::to_string(i);
    ::pthread_setname_np(threads_.back().native_handle(), thread_name.c_str());
  }
}

StoragePool::~StoragePool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return substitutes_ == 0; });
}

void StoragePool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  work_.notify_one();
}

void StoragePool::submit_last(Job job) {
  if (pool_of_this_thread != this) return submit(std::move(job));
  // Nobody is woken: this thread looks for work next, and takes what has waited for longest.
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
}

void StoragePool::run(Worker kind) {
  pool_of_this_thread = this;
  // On Linux this is of the calling thread alone. Without it the work is done as well.
  if (rank_ == Rank::Below) static_cast<void>(::setpriority(PRIO_PROCESS, 0, kBelow));
  std::unique_lock lock(mutex_);
  while (true) {
    const auto is_dismissed = [&] { return kind == Worker::Substitute && dismissed_ > 0; };
    work_.wait(lock, [&] { return stopping_ || !jobs_.empty() || is_dismissed(); });
    if (is_dismissed() || jobs_.empty()) break;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    ++finished_count_;
    if (waiting_ > 0) finished_.notify_all();
  }
  if (kind == Worker::Permanent) return;
  if (dismissed_ > 0) --dismissed_;
  --substitutes_;
  // A wake-up meant for a job may have come here.
  if (!jobs_.empty()) work_.notify_one();
  finished_.notify_all();
}

void StoragePool::wait_until(const std::function<bool()>& done) {
  const bool is_job = pool_of_this_thread == this;
  std::unique_lock lock(mutex_);
  ++waiting_;
  if (is_job) {
    ++substitutes_;
    std::thread([this] { run(Worker::Substitute); }).detach();
  }
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
  if (is_job) {
    ++dismissed_;
    work_.notify_all();
  }
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
