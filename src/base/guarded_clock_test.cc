#include "base/guarded_clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace myelin {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
constexpr auto kTenYears = std::chrono::days(3652);

class GuardedClockTest : public testing::Test {
 protected:
  // The wall clock jumps; no time passes.
  void jump(milliseconds by) { inner_.set_wall(inner_.wall() + by); }
  // Time passes, and the wall clock stands still.
  void pass_unseen(milliseconds time) {
    const auto wall = inner_.wall();
    inner_.advance(time);
    inner_.set_wall(wall);
  }
  bool has_begun(WallTime start) const { return start <= clock_.moment().reached; }
  bool is_over(WallTime end) const { return end <= clock_.moment().latest; }

  ManualClock inner_;
  const WallTime begun_ = inner_.wall();
  GuardedClock clock_{inner_, WallTime()};
};

TEST_F(GuardedClockTest, GoesWithTheWallClockThatIsRight) {
  inner_.advance(hours(30));
  EXPECT_EQ(clock_.moment().reached, begun_ + hours(30));
  EXPECT_EQ(clock_.moment().latest, begun_ + hours(30));
  EXPECT_FALSE(clock_.is_suspect());
}

TEST_F(GuardedClockTest, WhatIsOverStaysOverWhenTheWallClockGoesBack) {
  inner_.advance(hours(2));
  for (const milliseconds step : {milliseconds(hours(-1)), milliseconds(minutes(-4)), milliseconds(-kTenYears)}) {
    jump(step);
    EXPECT_TRUE(is_over(begun_ + hours(2)));
    EXPECT_TRUE(has_begun(begun_ + hours(2))) << "what began goes on";
    EXPECT_FALSE(is_over(begun_ + hours(3))) << "what is live is not lost";
  }
  EXPECT_TRUE(clock_.is_suspect());
  inner_.advance(hours(1));
  EXPECT_TRUE(is_over(begun_ + hours(3))) << "time passes under a wrong clock as well";
}

TEST_F(GuardedClockTest, NothingBeginsForAWallClockThatGoesAhead) {
  for (const milliseconds step : {milliseconds(minutes(4)), milliseconds(hours(1)), milliseconds(kTenYears)}) {
    jump(step);
    EXPECT_FALSE(has_begun(begun_ + minutes(1)));
  }
  inner_.advance(minutes(1));
  EXPECT_TRUE(has_begun(begun_ + minutes(1)));
}

TEST_F(GuardedClockTest, WhatAWallClockAheadSaysIsOverIsOverForAsLongAsItSaysSo) {
  jump(kTenYears);
  EXPECT_TRUE(is_over(begun_ + hours(24)));
  EXPECT_TRUE(clock_.is_suspect());
  EXPECT_EQ(clock_.ahead(), kTenYears);
  jump(-kTenYears);
  EXPECT_FALSE(is_over(begun_ + hours(24)));
  EXPECT_FALSE(clock_.is_suspect());
}

TEST_F(GuardedClockTest, WhatEndsIsOverThoughTheWallClockStopped) {
  pass_unseen(hours(1));
  EXPECT_TRUE(is_over(begun_ + hours(1)));
  EXPECT_TRUE(clock_.is_suspect());
  EXPECT_EQ(clock_.ahead(), hours(-1));
}

TEST_F(GuardedClockTest, BeginsWhereTimeHadComeBefore) {
  jump(-kTenYears);
  const GuardedClock later(inner_, begun_);
  EXPECT_EQ(later.moment().reached, begun_);
  EXPECT_TRUE(later.is_suspect());
}

TEST_F(GuardedClockTest, BelievesALaterWallClockAtItsStart) {
  jump(hours(1));
  const GuardedClock later(inner_, begun_);
  EXPECT_EQ(later.moment().reached, begun_ + hours(1));
  EXPECT_FALSE(later.is_suspect());
}

}  // namespace
}  // namespace myelin
