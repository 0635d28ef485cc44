#include "lineage/recent_bytes.h"

#include <algorithm>

namespace myelin::lineage {
namespace {

std::int64_t second_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

void RecentBytes::add(WallTime time, std::int64_t bytes) {
  const auto slots = static_cast<std::int64_t>(bytes_.size());
  const auto second = second_of(time);
  if (second <= newest_ - slots) return;
  for (auto stale = std::max(newest_ + 1, second - slots + 1); stale <= second; ++stale) {
    bytes_[static_cast<std::size_t>(stale % slots)] = 0;
  }
  newest_ = std::max(newest_, second);
  bytes_[static_cast<std::size_t>(second % slots)] += bytes;
}

double RecentBytes::per_second(WallTime now) const {
  const auto slots = static_cast<std::int64_t>(bytes_.size());
  const auto end = second_of(now);
  std::int64_t sum = 0;
  for (auto second = std::max<std::int64_t>(0, newest_ - slots + 1); second <= newest_; ++second) {
    if (second < end - kWindow.count() || second >= end) continue;
    sum += bytes_[static_cast<std::size_t>(second % slots)];
  }
  return static_cast<double>(sum) / static_cast<double>(kWindow.count());
}

}  // namespace myelin::lineage
