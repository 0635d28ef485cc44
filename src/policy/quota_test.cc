#include "policy/quota.h"

#include <gtest/gtest.h>

namespace myelin::policy {
namespace {

using std::chrono::milliseconds;

class Bucket : public testing::Test {
 protected:
  milliseconds take(std::uint64_t bytes) { return bucket_.take(bytes, clock_.monotonic()); }
  ManualClock clock_;
  TokenBucket bucket_{1'000, clock_.monotonic()};  // bytes per second; the window is one second
};

TEST_F(Bucket, LetsOneWindowPassAtOnce) {
  EXPECT_EQ(take(600), milliseconds(0));
  EXPECT_EQ(take(400), milliseconds(0));
  EXPECT_EQ(take(1), milliseconds(1));
}

TEST_F(Bucket, HoldsBackUntilTheDebtIsPaid) {
  EXPECT_EQ(take(1'500), milliseconds(500));
  clock_.advance(milliseconds(200));
  EXPECT_EQ(take(0), milliseconds(300));
  clock_.advance(milliseconds(300));
  EXPECT_EQ(take(0), milliseconds(0));
}

TEST_F(Bucket, AllowsTheRateInTheLongRun) {
  EXPECT_EQ(take(1'000), milliseconds(0));
  std::uint64_t bytes = 0;
  for (int step = 0; step < 600; ++step) {
    clock_.advance(milliseconds(100));
    if (take(0) == milliseconds(0)) {
      static_cast<void>(take(150));
      bytes += 150;
    }
  }
  EXPECT_NEAR(static_cast<double>(bytes), 60'000.0, 150.0);
}

TEST_F(Bucket, SavesUpNoMoreThanOneWindow) {
  static_cast<void>(take(1'000));
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(take(1'001), milliseconds(1));
}

TEST_F(Bucket, CutsDebtsToTheLongestThrottleTime) {
  EXPECT_EQ(take(1'000'000'000), kThrottleTimeMax);
  clock_.advance(kThrottleTimeMax);
  EXPECT_EQ(take(0), milliseconds(0));
}

TEST_F(Bucket, KeepsTheShareOfTheWindowWhenTheRateChanges) {
  static_cast<void>(take(500));
  bucket_.set_rate(10'000, clock_.monotonic());
  EXPECT_EQ(bucket_.rate(), 10'000U);
  EXPECT_EQ(take(5'000), milliseconds(0));
  EXPECT_EQ(take(10), milliseconds(1));
}

TEST_F(Bucket, TakesNothingThatWouldBeADebt) {
  EXPECT_TRUE(bucket_.try_take(900, clock_.monotonic()));
  EXPECT_FALSE(bucket_.try_take(101, clock_.monotonic()));
  EXPECT_TRUE(bucket_.try_take(100, clock_.monotonic()));
  EXPECT_EQ(take(0), milliseconds(0));
}

TEST_F(Bucket, IsFullAgainWhenAllIsPaidBackAndSaved) {
  EXPECT_TRUE(bucket_.is_full(clock_.monotonic()));
  static_cast<void>(take(1'500));
  clock_.advance(milliseconds(1'499));
  EXPECT_FALSE(bucket_.is_full(clock_.monotonic()));
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(bucket_.is_full(clock_.monotonic()));
}

TEST_F(Bucket, IgnoresAClockThatStandsStill) {
  static_cast<void>(take(1'000));
  EXPECT_EQ(bucket_.take(100, clock_.monotonic() - std::chrono::seconds(5)), milliseconds(100));
}

}  // namespace
}  // namespace myelin::policy
