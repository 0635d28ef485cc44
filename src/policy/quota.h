#pragma once
// How long to hold a client back (KIP-219): the answer goes out at once with a throttle time, then the connection is
// mute for that long. A token bucket of whatever is limited (bytes, time, connections): its owner saves up at most one
// window of its rate, and a request larger than what is saved puts the bucket in debt, which time pays back. Pure; the
// owner serialises calls.
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace myelin::policy {

inline constexpr std::chrono::milliseconds kQuotaWindow{1'000};
// Longer debts are cut to this, so that one huge request cannot mute its sender for hours.
inline constexpr std::chrono::milliseconds kThrottleTimeMax{30'000};

class TokenBucket {
 public:
  // Starts full; `rate` is what it earns a second, at least 1.
  TokenBucket(std::uint64_t rate, MonotonicTime now);

  // Counts `amount` and says how long the sender must wait: zero while the bucket is not in debt.
  [[nodiscard]] std::chrono::milliseconds take(std::uint64_t amount, MonotonicTime now);
  // Counts `amount` if that leaves no debt; false: it counts nothing.
  [[nodiscard]] bool try_take(std::uint64_t amount, MonotonicTime now);
  // What is saved (or owed, when negative) is kept in proportion.
  void set_rate(std::uint64_t rate, MonotonicTime now);
  [[nodiscard]] std::uint64_t rate() const { return rate_; }
  // As good as new: nothing is lost when it is forgotten.
  [[nodiscard]] bool is_full(MonotonicTime now) const;

 private:
  [[nodiscard]] double tokens_at(MonotonicTime now) const;
  void refill(MonotonicTime now);
  std::uint64_t rate_;
  double tokens_;
  MonotonicTime refilled_at_;
};

}  // namespace myelin::policy
