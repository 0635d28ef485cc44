#include "engine/broker/control_loop.h"

#include <utility>

#include "base/check.h"

namespace myelin::engine::broker {

ControlLoop::ControlLoop(const Clock& clock, Drive drive) : clock_(clock), drive_(drive) {
  if (drive_ == Drive::Threaded) thread_ = std::thread([this] { run(); });
}

ControlLoop::~ControlLoop() { stop(); }

void ControlLoop::post(Command command) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    commands_.push_back(std::move(command));
  }
  wake_.notify_one();
}

ControlLoop::Timer ControlLoop::schedule(MonotonicTime due, Command command) {
  bool is_next = false;
  Timer timer;
  {
    const std::scoped_lock lock(mutex_);
    timer = {due, next_timer_++};
    if (stopping_) return timer;
    const auto added = timers_.emplace(timer, std::move(command)).first;
    is_next = added == timers_.begin();
  }
  // The thread sleeps until the earliest timer, so a later one need not wake it.
  if (is_next) wake_.notify_one();
  return timer;
}

bool ControlLoop::cancel(Timer timer) {
  const std::scoped_lock lock(mutex_);
  return timers_.erase(timer) > 0;
}

std::optional<ControlLoop::Command> ControlLoop::take_ready() {
  if (!commands_.empty()) {
    auto command = std::move(commands_.front());
    commands_.pop_front();
    return command;
  }
  if (!timers_.empty() && !stopping_ && timers_.begin()->first.due <= clock_.monotonic()) {
    return std::move(timers_.extract(timers_.begin()).mapped());
  }
  return std::nullopt;
}

void ControlLoop::run_due() {
  CHECK(drive_ == Drive::Stepped);
  std::unique_lock lock(mutex_);
  while (auto command = take_ready()) {
    lock.unlock();
    (*command)();
    lock.lock();
  }
}

void ControlLoop::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (auto command = take_ready()) {
      lock.unlock();
      (*command)();
      command.reset();
      lock.lock();
    } else if (stopping_) {
      return;
    } else if (timers_.empty()) {
      wake_.wait(lock);
    } else {
      const MonotonicTime next = timers_.begin()->first.due;
      wake_.wait_until(lock, next);
    }
  }
}

void ControlLoop::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  std::map<Timer, Command> dropped;
  {
    const std::scoped_lock lock(mutex_);
    dropped.swap(timers_);
  }
}

}  // namespace myelin::engine::broker
