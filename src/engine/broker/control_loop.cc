#include "engine/broker/control_loop.h"

#include <utility>

#include "base/check.h"

namespace myelin::engine::broker {
namespace {

// That a thread with other work runs for others before it leaves the rest to the loop's own.
constexpr int kBriefInTurn = 32;

}  // namespace

ControlLoop::ControlLoop(const Clock& clock, Drive drive) : clock_(clock), drive_(drive) {
  if (drive_ == Drive::Threaded) thread_ = std::thread([this] { run(); });
}

ControlLoop::~ControlLoop() { stop(); }

void ControlLoop::post(Command command) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    commands_.push_back({Kind::Posted, std::move(command)});
    if (running_) return;  // whoever runs looks for more
  }
  wake_.notify_one();
}

void ControlLoop::dispatch(Command command) {
  std::unique_lock lock(mutex_);
  if (stopping_) return;
  const bool is_idle = drive_ == Drive::Threaded && !running_ && commands_.empty();
  commands_.push_back({Kind::Brief, std::move(command)});
  if (!is_idle) return;  // somebody runs, or was woken to
  for (int turn = 0; turn < kBriefInTurn; ++turn) {
    auto next = take_brief();
    if (!next) break;
    carry_out(lock, std::move(*next));
  }
  // Under the lock: the loop may be gone as soon as its thread has seen that nothing runs.
  if (!commands_.empty() || std::exchange(must_look_again_, false)) wake_.notify_one();
}

void ControlLoop::carry_out(std::unique_lock<std::mutex>& lock, Command command) {
  running_ = true;
  lock.unlock();
  command();
  command = nullptr;
  lock.lock();
  running_ = false;
}

ControlLoop::Timer ControlLoop::schedule(MonotonicTime due, Command command) {
  bool is_next = false;
  Timer timer;
  {
    const std::scoped_lock lock(mutex_);
    timer = {std::chrono::ceil<std::chrono::milliseconds>(due), next_timer_++};
    if (stopping_) return timer;
    const auto added = timers_.emplace(timer, std::move(command)).first;
    is_next = added == timers_.begin();
    if (is_next && running_) {
      must_look_again_ = true;
      return timer;
    }
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
    auto command = std::move(commands_.front().command);
    commands_.pop_front();
    return command;
  }
  if (!timers_.empty() && !stopping_ && timers_.begin()->first.due <= clock_.monotonic()) {
    return std::move(timers_.extract(timers_.begin()).mapped());
  }
  return std::nullopt;
}

std::optional<ControlLoop::Command> ControlLoop::take_brief() {
  if (commands_.empty() || commands_.front().kind != Kind::Brief) return std::nullopt;
  return take_ready();
}

void ControlLoop::run_due() {
  CHECK(drive_ == Drive::Stepped);
  std::unique_lock lock(mutex_);
  while (auto command = take_ready()) carry_out(lock, std::move(*command));
}

void ControlLoop::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    must_look_again_ = running_;
    if (running_) {
      wake_.wait(lock);
    } else if (auto command = take_ready()) {
      carry_out(lock, std::move(*command));
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
    must_look_again_ = true;
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
