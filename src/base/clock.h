#pragma once
// Time is injected wherever a decision depends on it.
#include <chrono>
#include <cstdint>

namespace myelin {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// A time as decisions about what begins and ends go by it. Where the clocks agree both are the wall clock's, but for
// milliseconds; after a jump they are apart, and whoever decides takes the one that allows less.
struct Moment {
  Moment() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a time that nothing contradicts is a moment
  Moment(WallTime time) : reached(time), latest(time) {}
  Moment(WallTime reached_for_sure, WallTime latest_reading) : reached(reached_for_sure), latest(latest_reading) {}

  WallTime reached{};  // what begins by then has begun
  WallTime latest{};   // what ends by then is over; never before `reached`
};

// Both readings of time. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const = 0;
  [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
  // What two readings taken together mean for decisions; most clocks have no reason to doubt the wall's.
  [[nodiscard]] virtual Moment moment_of(WallTime wall, MonotonicTime /*monotonic*/) const { return wall; }
  [[nodiscard]] Moment moment() const { return moment_of(wall(), monotonic()); }
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
