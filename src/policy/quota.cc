#include "policy/quota.h"

#include <algorithm>
#include <cmath>

namespace myelin::policy {
namespace {

using Seconds = std::chrono::duration<double>;

double capacity_of(std::uint64_t bytes_per_second) {
  return static_cast<double>(bytes_per_second) * Seconds(kQuotaWindow).count();
}

}  // namespace

TokenBucket::TokenBucket(std::uint64_t bytes_per_second, MonotonicTime now)
    : bytes_per_second_(std::max<std::uint64_t>(bytes_per_second, 1)),
      tokens_(capacity_of(bytes_per_second_)),
      refilled_at_(now) {}

void TokenBucket::refill(MonotonicTime now) {
  if (now <= refilled_at_) return;
  const double earned = Seconds(now - refilled_at_).count() * static_cast<double>(bytes_per_second_);
  tokens_ = std::min(capacity_of(bytes_per_second_), tokens_ + earned);
  refilled_at_ = now;
}

std::chrono::milliseconds TokenBucket::take(std::uint64_t bytes, MonotonicTime now) {
  refill(now);
  const double debt_max = Seconds(kThrottleTimeMax).count() * static_cast<double>(bytes_per_second_);
  tokens_ = std::max(tokens_ - static_cast<double>(bytes), -debt_max);
  if (tokens_ >= 0) return std::chrono::milliseconds(0);
  const double wait_ms = std::ceil(-tokens_ * 1'000.0 / static_cast<double>(bytes_per_second_));
  return std::chrono::milliseconds(static_cast<std::int64_t>(wait_ms));
}

void TokenBucket::set_rate(std::uint64_t bytes_per_second, MonotonicTime now) {
  refill(now);
  const double windows = tokens_ / capacity_of(bytes_per_second_);
  bytes_per_second_ = std::max<std::uint64_t>(bytes_per_second, 1);
  tokens_ = windows * capacity_of(bytes_per_second_);
}

}  // namespace myelin::policy
