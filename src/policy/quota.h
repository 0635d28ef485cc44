#pragma once
// How long to hold a client back (KIP-219): the answer goes out at once with a throttle time, then the connection is
// mute for that long. A token bucket: a squad saves up at most one window of its rate, and a request larger than what
// is saved puts the bucket in debt, which time pays back. Pure; the owner serialises calls.
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace myelin::policy {

inline constexpr std::chrono::milliseconds kQuotaWindow{1'000};
// Longer debts are cut to this, so that one huge request cannot mute a squad for hours.
inline constexpr std::chrono::milliseconds kThrottleTimeMax{30'000};

class TokenBucket {
 public:
  // Starts full.
  TokenBucket(std::uint64_t bytes_per_second, MonotonicTime now);

  // Counts `bytes` and says how long the sender must wait: zero while the bucket is not in debt.
  [[nodiscard]] std::chrono::milliseconds take(std::uint64_t bytes, MonotonicTime now);
  // What is saved (or owed, when negative) is kept in proportion.
  void set_rate(std::uint64_t bytes_per_second, MonotonicTime now);
  [[nodiscard]] std::uint64_t bytes_per_second() const { return bytes_per_second_; }

 private:
  void refill(MonotonicTime now);
  std::uint64_t bytes_per_second_;
  double tokens_;
  MonotonicTime refilled_at_;
};

}  // namespace myelin::policy
