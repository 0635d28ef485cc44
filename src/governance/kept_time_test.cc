#include "governance/kept_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "governance/enrolment.h"
#include "governance/state_file.h"

namespace myelin::governance {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

class KeptTimeTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<KeptTime> open() {
    auto time = KeptTime::open(directory_, inner_);
    EXPECT_TRUE(time) << time.error().message;
    return *std::move(time);
  }
  std::string kept() const { return read_state_file(directory_ + "/clock")->value_or(""); }
  void jump(std::chrono::milliseconds by) { inner_.set_wall(inner_.wall() + by); }

  std::string directory_ = testing::TempDir() + "kept-time-XXXXXX";
  ManualClock inner_;  // begins at 1,750,000,000,000 ms
};

TEST_F(KeptTimeTest, IsKeptOnceAMinute) {
  const auto time = open();
  ASSERT_TRUE(time->watch());
  EXPECT_EQ(kept(), "1750000000000");
  inner_.advance(minutes(1) - std::chrono::seconds(1));
  ASSERT_TRUE(time->watch());
  EXPECT_EQ(kept(), "1750000000000");
  inner_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(time->watch());
  EXPECT_EQ(kept(), "1750000060000");
}

TEST_F(KeptTimeTest, GoesOnFromThereAfterAStartUnderAnEarlierClock) {
  ASSERT_TRUE(open()->keep());
  jump(-hours(1));
  const auto time = open();
  EXPECT_EQ(unix_milliseconds(time->clock().moment().reached), 1'750'000'000'000);
  ASSERT_TRUE(time->watch());
  EXPECT_EQ(time->jumps(), 1u);
  EXPECT_EQ(kept(), "1750000000000");
}

TEST_F(KeptTimeTest, AWallClockThatRunsAheadIsNotKept) {
  const auto time = open();
  jump(std::chrono::days(3652));
  ASSERT_TRUE(time->keep());
  EXPECT_EQ(kept(), "1750000000000");
}

TEST_F(KeptTimeTest, AJumpIsToldOnceAndSoIsTheNext) {
  const auto time = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(time->watch());
  EXPECT_EQ(time->jumps(), 0u);
  jump(hours(1));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(time->watch());
  EXPECT_EQ(time->jumps(), 1u);
  jump(-hours(1));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(time->watch());
  jump(-hours(1));
  ASSERT_TRUE(time->watch());
  EXPECT_EQ(time->jumps(), 2u);
}

TEST_F(KeptTimeTest, AFileThatSaysNoTimeStopsTheStart) {
  for (const auto* text : {"", "soon\n", "-5\n", "1750000000000 or so\n", "99999999999999999999\n"}) {
    std::ofstream(directory_ + "/clock") << text;
    const auto time = KeptTime::open(directory_, inner_);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, Code::Corrupt);
    EXPECT_THAT(time.error().message, HasSubstr("/clock says no time"));
  }
}

TEST_F(KeptTimeTest, AnEnrolmentTokenThatIsTooOldStaysSo) {
  const SystemClock system;
  GuardedClock clock(system, system.wall());
  const auto enrolment = Enrolment::open(directory_, true, clock);
  std::string token;
  std::ifstream(directory_ + "/enrol") >> token;
  EXPECT_TRUE(enrolment->check(token));
  const GuardedClock later(system, system.wall() + hours(25));  // the wall clock is 25 hours behind
  EXPECT_FALSE(Enrolment::open(directory_, true, later)->check(token));
}

}  // namespace
}  // namespace myelin::governance
