#include "api/map_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/parse.h"

namespace myelin::api {
namespace {

lineage::Map map_with(std::int64_t bytes, double rate = 0) {
  lineage::Map map;
  map.edges.push_back({.id = "write:till>sales",
                       .from = "application:till",
                       .to = "topic:sales",
                       .source = {},
                       .why = {},
                       .bytes = bytes,
                       .bytes_per_second = rate,
                       .first_seen = {},
                       .last_seen = {},
                       .libraries = {},
                       .groups = {},
                       .principals = {},
                       .route = {}});
  return map;
}

struct RecordedStream final : net::EventStream {
  std::vector<std::string> events;
  bool is_closed = false;
  bool send(std::string_view event, std::string_view data) override {
    if (is_closed) return false;
    events.push_back(std::string(event) + " " + std::string(data));
    return true;
  }
  [[nodiscard]] bool closed() const override { return is_closed; }
  void close() override { is_closed = true; }
};

TEST(MapFeed, TellsEveryBrowserWhatChangedAndThenIsQuiet) {
  ManualClock clock;
  std::int64_t bytes = 0;
  double rate = 0;
  MapFeed feed([&](const PrincipalName&) { return map_with(bytes, rate); }, clock);
  auto stream = std::make_shared<RecordedStream>();
  feed.add(PrincipalName("ada"), {stream, [] { return true; }});
  feed.tick();
  ASSERT_EQ(stream->events.size(), 1U);
  EXPECT_NE(stream->events[0].find("write:till>sales"), std::string::npos) << "a new browser hears of every edge once";
  bytes = 5000;
  rate = 1000;
  feed.tick();
  ASSERT_EQ(stream->events.size(), 2U);
  const auto data = document::parse_json(stream->events[1].substr(6)).value();
  EXPECT_EQ(data.find("edges")->items.at(0).find("id")->text, "write:till>sales");
  EXPECT_EQ(data.find("edges")->items.at(0).find("bytes_per_second")->text, "1000.0");
  EXPECT_EQ(data.find("edges")->items.at(0).find("bytes")->text, "5000");
  feed.tick();
  EXPECT_EQ(stream->events.size(), 2U) << "nothing changed";
  rate = 0;
  feed.tick();
  ASSERT_EQ(stream->events.size(), 3U) << "an edge that went quiet is told once";
  feed.tick();
  EXPECT_EQ(stream->events.size(), 3U);
}

TEST(MapFeed, AsksOncePerPrincipalAndNeverForNobody) {
  ManualClock clock;
  std::vector<std::string> asked;
  MapFeed feed(
      [&](const PrincipalName& asker) {
        asked.push_back(asker.text());
        return map_with(0);
      },
      clock);
  feed.tick();
  EXPECT_TRUE(asked.empty());
  auto first = std::make_shared<RecordedStream>();
  auto second = std::make_shared<RecordedStream>();
  feed.add(PrincipalName("ada"), {first, [] { return true; }});
  feed.add(PrincipalName("ada"), {second, [] { return true; }});
  feed.tick();
  EXPECT_THAT(asked, testing::ElementsAre("ada"));
  first->is_closed = second->is_closed = true;
  feed.tick();
  asked.clear();
  feed.tick();
  EXPECT_TRUE(asked.empty());
}

TEST(MapFeed, HasRoomForABoundedNumberOfBrowsers) {
  ManualClock clock;
  MapFeed feed([](const PrincipalName&) { return map_with(0); }, clock);
  for (std::size_t index = 0; index < MapFeed::kStreams; ++index) {
    ASSERT_TRUE(feed.has_room());
    feed.add(PrincipalName("ada"), {std::make_shared<RecordedStream>(), [] { return true; }});
  }
  EXPECT_FALSE(feed.has_room());
}

TEST(MapFeed, ClosesItsStreamsWhenItStops) {
  ManualClock clock;
  MapFeed feed([](const PrincipalName&) { return map_with(0); }, clock);
  auto stream = std::make_shared<RecordedStream>();
  feed.start();
  feed.add(PrincipalName("ada"), {stream, [] { return true; }});
  feed.stop();
  EXPECT_TRUE(stream->is_closed);
}

TEST(MapJson, ChangesItsVersionWithTheGraphAndNotWithTheFigures) {
  lineage::Map map = map_with(1);
  const auto version = version_of(map);
  map.edges[0].bytes = 2;
  EXPECT_EQ(version_of(map), version);
  map.edges[0].mark = lineage::Mark::Undeclared;
  EXPECT_NE(version_of(map), version);
}

TEST(MapFeed, SendsNothingToABrowserWhosePasswordWasRevoked) {
  ManualClock clock;
  double rate = 0;
  bool may_watch = true;
  MapFeed feed([&](const PrincipalName&) { return map_with(0, rate); }, clock);
  auto revoked = std::make_shared<RecordedStream>();
  auto other = std::make_shared<RecordedStream>();
  feed.add(PrincipalName("ada"), {revoked, [&] { return may_watch; }});
  feed.add(PrincipalName("ada"), {other, [] { return true; }});
  feed.tick();
  may_watch = false;
  rate = 500;
  feed.tick();
  EXPECT_TRUE(revoked->is_closed);
  EXPECT_EQ(revoked->events.size(), 1U);
  EXPECT_EQ(other->events.size(), 2U) << "another browser of the same principal watches on";
}

}  // namespace
}  // namespace myelin::api
