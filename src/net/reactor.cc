#include "net/reactor.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "net/fd_watch.h"
#include "net/socket.h"

namespace myelin::net {

namespace asio = boost::asio;
using boost::system::error_code;

struct Loop::Impl {
  // The hint promises one thread in run(), which spares Asio the wake-ups of other threads.
  asio::io_context context{1};
  std::atomic<std::thread::id> thread;
};

struct Timer::State {
  State(Loop& owner, Task what) : loop(owner), timer(owner.impl().context), task(std::move(what)) {}

  Loop& loop;
  asio::steady_timer timer;
  Task task;
  std::atomic<bool> cancelled = false;
};

// Cancelling allocates: without memory the process ends, here as anywhere.
// NOLINTNEXTLINE(bugprone-exception-escape)
Timer& Timer::operator=(Timer&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::move(other.state_);
  }
  return *this;
}

// NOLINTNEXTLINE(bugprone-exception-escape)
Timer::~Timer() { cancel(); }

void Timer::cancel() {
  if (!state_) return;
  const auto state = std::exchange(state_, nullptr);
  if (state->cancelled.exchange(true)) return;
  // The task is dropped on the loop, where the things it holds may be destroyed.
  state->loop.dispatch([state] {
    state->timer.cancel();
    state->task = nullptr;
  });
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::post(Task task) { asio::post(impl_->context, std::move(task)); }

void Loop::dispatch(Task task) {
  if (is_current()) {
    task();
  } else {
    post(std::move(task));
  }
}

bool Loop::is_current() const { return impl_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

Timer Loop::after(std::chrono::nanoseconds delay, Task task) {
  auto state = std::make_shared<Timer::State>(*this, std::move(task));
  const auto due = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() + delay);
  dispatch([state, due] {
    if (state->cancelled) return;
    state->timer.expires_at(due);
    state->timer.async_wait([state](const error_code& error) {
      if (error || state->cancelled.exchange(true)) return;
      auto due_task = std::exchange(state->task, nullptr);
      due_task();
    });
  });
  return Timer(std::move(state));
}

struct Reactor::Impl {
  using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

  std::vector<std::unique_ptr<Loop>> loops;
  std::vector<WorkGuard> guards;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> running = false;
};

Reactor::Reactor(std::size_t threads) : impl_(std::make_unique<Impl>()) {
  ignore_broken_pipes();
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t index = 0; index < threads; ++index) impl_->loops.push_back(std::make_unique<Loop>());
}

Reactor::~Reactor() { stop(); }

void Reactor::start() {
  CHECK(!impl_->running);
  for (const auto& loop : impl_->loops) {
    auto& context = loop->impl().context;
    context.restart();
    impl_->guards.emplace_back(context.get_executor());
    std::promise<void> started;
    impl_->threads.emplace_back([&loop = *loop, &context, &started] {
      loop.impl().thread = std::this_thread::get_id();
      started.set_value();
      context.run();
      loop.impl().thread = std::thread::id();
    });
    started.get_future().wait();
    const auto name = "loop-" + std::to_string(impl_->threads.size() - 1);
    ::pthread_setname_np(impl_->threads.back().native_handle(), name.c_str());
  }
  impl_->running = true;
}

void Reactor::stop() {
  for (const auto& loop : impl_->loops) {
    CHECK(!loop->is_current());
    loop->impl().context.stop();
  }
  for (auto& thread : impl_->threads) thread.join();
  impl_->threads.clear();
  impl_->guards.clear();
  impl_->running = false;
}

bool Reactor::running() const { return impl_->running; }
std::size_t Reactor::size() const { return impl_->loops.size(); }
Loop& Reactor::loop(std::size_t index) { return *impl_->loops[index]; }
Loop& Reactor::next_loop() { return loop(impl_->next.fetch_add(1, std::memory_order_relaxed) % size()); }

// Shared with the waits in flight, which Asio completes (as aborted) only after the watch has gone.
struct FdWatch::Impl {
  Impl(Loop& loop, int fd) : descriptor(loop.impl().context, fd) {}

  asio::posix::stream_descriptor descriptor;
  bool reading = false;
  bool writing = false;
  bool ended = false;
};

FdWatch::FdWatch(Loop& loop, int descriptor) : impl_(std::make_shared<Impl>(loop, descriptor)) {}

FdWatch::~FdWatch() {
  impl_->ended = true;
  impl_->descriptor.release();
}

void FdWatch::wait_readable(std::shared_ptr<FdEvents> receiver) {
  CHECK(!impl_->reading);
  impl_->reading = true;
  impl_->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                               [impl = impl_, receiver = std::move(receiver)](const error_code&) {
                                 impl->reading = false;
                                 if (!impl->ended) receiver->on_readable();
                               });
}

void FdWatch::wait_writable(std::shared_ptr<FdEvents> receiver) {
  CHECK(!impl_->writing);
  impl_->writing = true;
  impl_->descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                               [impl = impl_, receiver = std::move(receiver)](const error_code&) {
                                 impl->writing = false;
                                 if (!impl->ended) receiver->on_writable();
                               });
}

bool FdWatch::waiting_readable() const { return impl_->reading; }
bool FdWatch::waiting_writable() const { return impl_->writing; }

bool is_running(Loop& loop) { return loop.impl().thread.load() != std::thread::id(); }

void run_and_wait(Loop& loop, Task task) {
  if (!is_running(loop) || loop.is_current()) {
    task();
    return;
  }
  std::promise<void> ran;
  loop.post([&] {
    task();
    ran.set_value();
  });
  ran.get_future().wait();
}

}  // namespace myelin::net
