#pragma once
// Time is injected wherever a decision depends on it.
#include <chrono>
#include <cstdint>

namespace myelin {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// Both readings of time. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] MonotonicTime monotonic() const override { return std::chrono::steady_clock::now(); }
};

// Stands still until told otherwise; for tests and simulations. Not safe across threads.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const override { return wall_; }
  [[nodiscard]] MonotonicTime monotonic() const override { return monotonic_; }
  void advance(std::chrono::milliseconds by) {
    wall_ += by;
    monotonic_ += by;
  }
  void set_wall(WallTime to) { wall_ = to; }

 private:
  WallTime wall_{std::chrono::milliseconds(1'750'000'000'000)};
  MonotonicTime monotonic_{std::chrono::seconds(1)};
};

// Kafka's timestamps: milliseconds since 1970-01-01 UTC.
[[nodiscard]] inline std::int64_t unix_milliseconds(WallTime time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline WallTime from_unix_milliseconds(std::int64_t value) {
  return WallTime(std::chrono::milliseconds(value));
}

}  // namespace myelin
