#include "governance/held_back.h"

#include <gtest/gtest.h>

#include "base/log.h"

namespace myelin::governance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SquadName kWeb("web-shop");
const WallTime kBegin = from_unix_milliseconds(1'750'000'000'000);

TEST(HeldBackLog, MakesOneTimeOfAnswersThatFollowEachOther) {
  HeldBackLog log;
  log.note(kWeb, "produce_bytes_per_second", milliseconds(2000), kBegin);
  log.note(kWeb, "produce_bytes_per_second", milliseconds(500), kBegin + seconds(61));
  const auto all = log.newest_first();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].squad, kWeb);
  EXPECT_EQ(all[0].quota, "produce_bytes_per_second");
  EXPECT_EQ(all[0].began, kBegin);
  EXPECT_EQ(all[0].until, kBegin + milliseconds(61'500));
  EXPECT_EQ(all[0].answers, 2u);
  EXPECT_EQ(all[0].longest, milliseconds(2000));
}

TEST(HeldBackLog, BeginsAnewAfterAMinuteWithoutAny) {
  HeldBackLog log;
  log.note(kWeb, "produce_bytes_per_second", milliseconds(2000), kBegin);
  log.note(kWeb, "produce_bytes_per_second", milliseconds(100), kBegin + seconds(63));
  const auto all = log.newest_first();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].began, kBegin + seconds(63));
  EXPECT_EQ(all[1].began, kBegin);
}

TEST(HeldBackLog, KeepsSquadsAndQuotasApart) {
  HeldBackLog log;
  log.note(kWeb, "produce_bytes_per_second", milliseconds(1), kBegin);
  log.note(kWeb, "fetch_bytes_per_second", milliseconds(1), kBegin);
  log.note(SquadName(), "fetch_bytes_per_second", milliseconds(1), kBegin);
  EXPECT_EQ(log.newest_first().size(), 3u);
}

TEST(HeldBackLog, ForgetsTheOldestOfMany) {
  log::set_level(log::Level::Warn);
  HeldBackLog held_back;
  for (std::size_t i = 0; i < HeldBackLog::kRemembered + 5; ++i) {
    held_back.note(kWeb, "produce_bytes_per_second", milliseconds(1), kBegin + std::chrono::hours(i));
  }
  const auto all = held_back.newest_first();
  log::set_level(log::Level::Info);
  EXPECT_EQ(all.size(), HeldBackLog::kRemembered + 1);
  EXPECT_EQ(all.back().began, kBegin + std::chrono::hours(4));
}

}  // namespace
}  // namespace myelin::governance
