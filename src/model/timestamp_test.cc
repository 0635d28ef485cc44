#include "model/timestamp.h"

#include <gtest/gtest.h>

namespace myelin::model {
namespace {

std::optional<std::int64_t> milliseconds(std::string_view text, DateMeans means = DateMeans::StartOfDay) {
  const auto time = parse_timestamp(text, means);
  return time ? std::optional(unix_milliseconds(*time)) : std::nullopt;
}

TEST(Timestamp, ReadsInstantsWithZoneAndFraction) {
  EXPECT_EQ(milliseconds("2026-07-01T08:30:00Z"), 1'782'894'600'000);
  EXPECT_EQ(milliseconds("2026-07-01T08:30:00.25Z"), 1'782'894'600'250);
  EXPECT_EQ(milliseconds("2026-07-01T10:30:00+02:00"), 1'782'894'600'000);
  EXPECT_EQ(milliseconds("2026-07-01T06:30:00-02:00"), 1'782'894'600'000);
  EXPECT_EQ(milliseconds("1970-01-01 00:00:00z"), 0);
}

TEST(Timestamp, TakesADateAsItsFirstInstantOrTheNextDays) {
  EXPECT_EQ(milliseconds("1970-01-02"), 86'400'000);
  EXPECT_EQ(milliseconds("1970-01-02", DateMeans::EndOfDay), 172'800'000);
}

TEST(Timestamp, RefusesDaysAndTimesThatDoNotExist) {
  for (const char* text : {"", "2026", "2026-02-30", "2026-13-01", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00Z", "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00Zx", "2026-1-01", "-026-01-01", "2026-01-01T00:00:00+25:00", "soon"}) {
    EXPECT_EQ(milliseconds(text), std::nullopt) << text;
  }
}

TEST(Timestamp, ReadsTheLeapDay) { EXPECT_EQ(milliseconds("2024-02-29"), 1'709'164'800'000); }

TEST(Timestamp, WritesADateAndTheTimeOnlyWhenItMatters) {
  EXPECT_EQ(short_timestamp(from_unix_milliseconds(1'782'894'600'000)), "2026-07-01 08:30 UTC");
  EXPECT_EQ(short_timestamp(from_unix_milliseconds(86'400'000)), "1970-01-02");
}

}  // namespace
}  // namespace myelin::model
