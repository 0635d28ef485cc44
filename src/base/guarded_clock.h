#pragma once
// A clock whose moments no jump of the wall clock makes wider. From its start on time passes as the monotonic clock
// says: nothing begins before that much time has passed, and nothing that has ended begins again. A wall clock that is
// ahead may be right (a machine that was asleep), so what ends by it is over for as long as it says so.
//
// Threads: any; nothing changes after the start.
#include <algorithm>

#include "base/clock.h"
#include "base/clock_watch.h"

namespace myelin {

class GuardedClock final : public Clock {
 public:
  // Begins with the wall clock, but not before `kept`: a time that had been reached at an earlier start. `inner`
  // outlives this.
  GuardedClock(const Clock& inner, WallTime kept)
      : inner_(inner),
        begun_(std::max(inner.wall(), kept)),
        begun_monotonic_(inner.monotonic()),
        watch_(begun_, begun_monotonic_) {}

  [[nodiscard]] WallTime wall() const override { return inner_.wall(); }
  [[nodiscard]] MonotonicTime monotonic() const override { return inner_.monotonic(); }
  [[nodiscard]] Moment moment_of(WallTime wall, MonotonicTime monotonic) const override {
    const auto reached = begun_ + std::chrono::duration_cast<std::chrono::milliseconds>(monotonic - begun_monotonic_);
    return {reached, std::max(reached, wall)};
  }

  // How far the wall clock is ahead of the time that has been reached; negative: behind.
  [[nodiscard]] std::chrono::milliseconds ahead() const { return wall() - moment().reached; }
  [[nodiscard]] bool is_suspect() const { return watch_.is_suspect(wall(), monotonic()); }

 private:
  const Clock& inner_;
  WallTime begun_;
  MonotonicTime begun_monotonic_;
  ClockWatch watch_;
};

}  // namespace myelin
