#include "policy/quota.h"

#include <algorithm>
#include <cmath>

namespace myelin::policy {
namespace {

using Seconds = std::chrono::duration<double>;

double capacity_of(std::uint64_t rate) { return static_cast<double>(rate) * Seconds(kQuotaWindow).count(); }

}  // namespace

TokenBucket::TokenBucket(std::uint64_t rate, MonotonicTime now)
    : rate_(std::max<std::uint64_t>(rate, 1)), tokens_(capacity_of(rate_)), refilled_at_(now) {}

double TokenBucket::tokens_at(MonotonicTime now) const {
  if (now <= refilled_at_) return tokens_;
  const double earned = Seconds(now - refilled_at_).count() * static_cast<double>(rate_);
  return std::min(capacity_of(rate_), tokens_ + earned);
}

void TokenBucket::refill(MonotonicTime now) {
  tokens_ = tokens_at(now);
  refilled_at_ = std::max(refilled_at_, now);
}

std::chrono::milliseconds TokenBucket::take(std::uint64_t amount, MonotonicTime now) {
  refill(now);
  const double debt_max = Seconds(kThrottleTimeMax).count() * static_cast<double>(rate_);
  tokens_ = std::max(tokens_ - static_cast<double>(amount), -debt_max);
  if (tokens_ >= 0) return std::chrono::milliseconds(0);
  const double wait_ms = std::ceil(-tokens_ * 1'000.0 / static_cast<double>(rate_));
  return std::chrono::milliseconds(static_cast<std::int64_t>(wait_ms));
}

bool TokenBucket::try_take(std::uint64_t amount, MonotonicTime now) {
  refill(now);
  if (tokens_ < static_cast<double>(amount)) return false;
  tokens_ -= static_cast<double>(amount);
  return true;
}

bool TokenBucket::is_full(MonotonicTime now) const { return tokens_at(now) >= capacity_of(rate_); }

void TokenBucket::set_rate(std::uint64_t rate, MonotonicTime now) {
  refill(now);
  const double windows = tokens_ / capacity_of(rate_);
  rate_ = std::max<std::uint64_t>(rate, 1);
  tokens_ = windows * capacity_of(rate_);
}

}  // namespace myelin::policy
