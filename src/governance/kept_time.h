#pragma once
// The clock that decisions go by, and how far time had come when it was last kept: DIR/state/clock, so that a start
// under a clock that went back gives nothing new life. Tells when the wall clock jumps.
//
// Threads: clock(), jumps() and ahead() any; watch() and keep() one.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/guarded_clock.h"
#include "base/result.h"

namespace myelin::governance {

class KeptTime {
 public:
  static constexpr std::chrono::minutes kKeepEvery{1};

  // `state_directory` is DIR/state; `inner` outlives this. Corrupt for a file that says no time.
  [[nodiscard]] static Result<std::unique_ptr<KeptTime>> open(const std::string& state_directory, const Clock& inner);

  [[nodiscard]] const GuardedClock& clock() const { return clock_; }
  // Tells of a jump when it is there and when it is over, once each; keeps the time when a minute has passed.
  [[nodiscard]] Result<void> watch();
  [[nodiscard]] Result<void> keep();
  [[nodiscard]] std::uint64_t jumps() const { return jumps_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  KeptTime(std::string path, const Clock& inner, WallTime kept) : path_(std::move(path)), clock_(inner, kept) {}

  std::string path_;
  GuardedClock clock_;
  MonotonicTime keep_at_;  // the first watch() keeps
  bool was_suspect_ = false;
  std::atomic<std::uint64_t> jumps_{0};
};

}  // namespace myelin::governance
