#pragma once
// One sequential executor: commands run one after another in the order in which they came, timers when the clock has
// reached them. What it runs needs no locks of its own. Commands never wait for the disk.
//
// Threads: post(), dispatch(), schedule() and cancel() may be called from any thread, commands included. A threaded
// loop runs what is posted on a thread of its own; a stepped one when run_due() is called, which makes a simulation
// repeatable.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"

namespace myelin::engine::broker {

class ControlLoop {
 public:
  enum class Drive { Threaded, Stepped };
  using Command = std::move_only_function<void()>;

  // The clock outlives the loop. With Threaded its monotonic reading must move at the pace of real time.
  ControlLoop(const Clock& clock, Drive drive);
  // Stops as stop() does.
  ~ControlLoop();
  ControlLoop(const ControlLoop&) = delete;
  ControlLoop& operator=(const ControlLoop&) = delete;

  void post(Command command);
  // As post(), but a threaded loop that does nothing else runs it at once, on this thread: waking another costs more
  // than what is brief. The caller holds no lock that a command takes. May also run others that were dispatched.
  void dispatch(Command command);

  struct Timer {
    MonotonicTime due{};
    std::uint64_t number = 0;
    auto operator<=>(const Timer&) const = default;
  };
  // Rung at the first full millisecond at or after `due`: many that are due at about the same time wake the thread
  // once.
  Timer schedule(MonotonicTime due, Command command);
  // True when the timer had not run and will not run.
  bool cancel(Timer timer);

  // Runs every posted command and due timer, also those they add, on the calling thread. Only for Stepped.
  void run_due();

  // Runs the commands that are queued, drops the timers, and ends the thread. Later commands are dropped.
  void stop();

 private:
  enum class Kind : std::uint8_t { Posted, Brief };
  struct Queued {
    Kind kind;
    Command command;
  };

  void run();
  // The next command to run, if one is ready. Called with the lock held.
  std::optional<Command> take_ready();
  std::optional<Command> take_brief();
  // Gives the lock back meanwhile.
  void carry_out(std::unique_lock<std::mutex>& lock, Command command);

  const Clock& clock_;
  const Drive drive_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Queued> commands_;
  std::map<Timer, Command> timers_;
  std::uint64_t next_timer_ = 0;
  bool running_ = false;          // a command, on whichever thread
  bool must_look_again_ = false;  // the thread, once no other runs: it came in vain, or there is an earlier timer
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace myelin::engine::broker
