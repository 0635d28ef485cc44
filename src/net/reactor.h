#pragma once
// The threads that serve sockets: one event loop per core, each with its own queue and timers. A connection lives on
// one loop and is touched only there, so what runs on a loop needs no lock. Nothing that runs on a loop may block.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace myelin::net {

using Task = std::move_only_function<void()>;

// A pending call made by Loop::after. Destroying or cancelling it drops the call. On the loop's thread the call never
// runs after cancel() returned; elsewhere it may be running at that moment.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept;  // cancels what it held
  ~Timer();
  void cancel();

  struct State;

 private:
  friend class Loop;
  explicit Timer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// One thread's event queue. All functions may be called from any thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs `task` later on the loop's thread, after what was posted before it. After Reactor::stop it is dropped unrun.
  void post(Task task);
  // Runs `task` now when called on the loop's thread, otherwise posts it.
  void dispatch(Task task);
  [[nodiscard]] bool is_current() const;
  // Runs `task` at the first full millisecond at or after `delay`: what is due at about the same time wakes the thread
  // once.
  [[nodiscard]] Timer after(std::chrono::nanoseconds delay, Task task);

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }  // for this module's own files

 private:
  std::unique_ptr<Impl> impl_;
};

// Owns the loops and their threads. Servers and connections refer to it: destroy it last.
class Reactor {
 public:
  explicit Reactor(std::size_t threads);  // 0: one per core
  ~Reactor();                             // stops
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void start();
  // Ends the threads after the task each of them is running. Call it from outside the loops.
  void stop();
  [[nodiscard]] bool running() const;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Loop& loop(std::size_t index);
  // Round robin over the loops.
  [[nodiscard]] Loop& next_loop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace myelin::net
