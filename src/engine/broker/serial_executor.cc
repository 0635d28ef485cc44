#include "engine/broker/serial_executor.h"

#include <atomic>
#include <utility>

namespace myelin::engine::broker {

void SerialExecutor::submit(Job job) {
  {
    const std::scoped_lock lock(queue_->mutex);
    queue_->jobs.push_back(std::move(job));
    if (queue_->running) return;
    queue_->running = true;
  }
  executor_.submit([queue = queue_] { run(queue); });
}

void SerialExecutor::drain() {
  const auto done = std::make_shared<std::atomic<bool>>(false);
  submit([done] { *done = true; });
  executor_.wait_until([&] { return done->load(); });
}

void SerialExecutor::run(const std::shared_ptr<Queue>& queue) {
  std::unique_lock lock(queue->mutex);
  while (!queue->jobs.empty()) {
    auto job = std::move(queue->jobs.front());
    queue->jobs.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  queue->running = false;
}

}  // namespace myelin::engine::broker
