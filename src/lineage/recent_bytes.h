#pragma once
// How fast an edge moves bytes now: a ring of one-second counters over the last few seconds. What is told late is
// counted in its own second, what is told too late in none.
#include <array>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace myelin::lineage {

class RecentBytes {
 public:
  static constexpr std::chrono::seconds kWindow{5};

  void add(WallTime time, std::int64_t bytes);
  // Over the last kWindow whole seconds before `now`.
  [[nodiscard]] double per_second(WallTime now) const;

 private:
  // One slot more than the window: the second that is still running.
  std::array<std::int64_t, kWindow.count() + 1> bytes_{};
  std::int64_t newest_ = 0;  // second since 1970
};

}  // namespace myelin::lineage
