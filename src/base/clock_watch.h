#pragma once
// Whether the wall clock jumped. Whoever deletes by age asks first: after a jump an age is wrong, and what is deleted
// does not come back. Trusts the wall clock as it was at the begin.
#include "base/clock.h"

namespace myelin {

class ClockWatch {
 public:
  ClockWatch(WallTime wall, MonotonicTime monotonic) : begun_(wall), begun_monotonic_(monotonic) {}

  // The two clocks disagree by more than five minutes on how much time has passed.
  [[nodiscard]] bool is_suspect(WallTime wall, MonotonicTime monotonic) const {
    constexpr auto kDisagreementMax = std::chrono::minutes(5);
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(monotonic - begun_monotonic_);
    return std::chrono::abs(wall - begun_ - passed) > kDisagreementMax;
  }

 private:
  WallTime begun_;
  MonotonicTime begun_monotonic_;
};

}  // namespace myelin
