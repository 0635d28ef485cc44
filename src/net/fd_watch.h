#pragma once
// Readiness of one descriptor on a loop. Private to this module.
#include <memory>

#include "net/reactor.h"

namespace myelin::net {

// Told once per wait. Spurious calls are possible: the receiver tries its system call and waits again.
class FdEvents {
 public:
  virtual ~FdEvents() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

// Does not own the descriptor, which must be non-blocking and stay open while the watch exists. Loop thread only.
class FdWatch {
 public:
  FdWatch(Loop& loop, int descriptor);
  ~FdWatch();  // no call is made after this
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // At most one wait of each kind at a time; the wait keeps `receiver` alive.
  void wait_readable(std::shared_ptr<FdEvents> receiver);
  void wait_writable(std::shared_ptr<FdEvents> receiver);
  [[nodiscard]] bool waiting_readable() const;
  [[nodiscard]] bool waiting_writable() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

[[nodiscard]] bool is_running(Loop& loop);
// Runs `task` on the loop and returns when it has run. Inline on the loop itself, and when the loop does not run.
void run_and_wait(Loop& loop, Task task);

}  // namespace myelin::net
