// All sessions: numbers, room, and who gives way.
#include "governance/fetch_sessions.h"

#include <gtest/gtest.h>

#include "governance/played_names.h"

namespace myelin::governance {
namespace {

using enum kafka::ErrorCode;
using namespace std::chrono_literals;

const PrincipalName kReader("reader");

class FetchSessionsTest : public testing::Test {
 protected:
  static kafka::FetchRequest request(std::int32_t id, std::int32_t epoch, std::int32_t partitions,
                                     std::int32_t first = 0) {
    kafka::FetchRequest made;
    made.session_id = id;
    made.session_epoch = epoch;
    if (partitions == 0) return made;
    auto& topic = made.topics.emplace_back();
    topic.topic = "orders";
    for (std::int32_t number = 0; number < partitions; ++number) {
      topic.partitions.emplace_back().partition = first + number;
    }
    return made;
  }
  // The session of a full fetch of so many partitions; 0: there was no room.
  std::int32_t open(std::int32_t partitions, const PrincipalName& who = kReader) {
    auto asked = request(0, 0, partitions);
    return answered(sessions.begin(who, nullptr, asked, now));
  }
  static std::int32_t answered(const FetchSessions::Turn& turn) {
    kafka::FetchResponse response;
    FetchSessions::end(turn, response);
    return response.session_id;
  }
  kafka::ErrorCode go_on(std::int32_t id, std::int32_t epoch, const PrincipalName& who = kReader) {
    auto asked = request(id, epoch, 0);
    return sessions.begin(who, nullptr, asked, now).refusal;
  }

  MonotonicTime now{1h};
  FetchSessions sessions{{.sessions = 2, .partitions = 100, .partitions_of_one = 60}};
};

TEST_F(FetchSessionsTest, GoesOnFromOneNumberToTheNext) {
  const auto id = open(3);
  EXPECT_GT(id, 0);
  EXPECT_EQ(go_on(id, 2), InvalidFetchSessionEpoch);
  EXPECT_EQ(go_on(id, 1), None);
  EXPECT_EQ(go_on(id, 1), InvalidFetchSessionEpoch);
  EXPECT_EQ(go_on(id, -2), InvalidFetchSessionEpoch);
  EXPECT_EQ(go_on(id, 2), None);
  EXPECT_EQ(go_on(id == 1 ? 2 : id - 1, 3), FetchSessionIdNotFound);
  EXPECT_EQ(go_on(0, 3), FetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, TakesTheSessionOutOfTheRequestAndMakesItWhole) {
  auto asked = request(open(3), 1, 1, 7);
  const auto turn = sessions.begin(kReader, nullptr, asked, now);
  EXPECT_EQ(turn.refusal, None);
  EXPECT_EQ(asked.session_id, 0);
  EXPECT_EQ(asked.session_epoch, -1);
  EXPECT_EQ(asked.topics.at(0).partitions.size(), 4U);
  EXPECT_EQ(sessions.counters().partitions, 4U);
}

TEST_F(FetchSessionsTest, AsksOnceForWhatTheFirstRequestNamesTwice) {
  auto asked = request(0, 0, 2);
  asked.topics.push_back(asked.topics.front());
  asked.topics.back().partitions.front().fetch_offset = 7;
  EXPECT_GT(answered(sessions.begin(kReader, nullptr, asked, now)), 0);
  ASSERT_EQ(asked.topics.size(), 1U);
  ASSERT_EQ(asked.topics[0].partitions.size(), 2U);
  EXPECT_EQ(asked.topics[0].partitions[0].fetch_offset, 7);
}

TEST_F(FetchSessionsTest, IsClosedByTheFinalNumberAndByAFullFetch) {
  const auto first = open(3);
  auto last = request(first, -1, 1);
  EXPECT_EQ(answered(sessions.begin(kReader, nullptr, last, now)), 0);
  EXPECT_EQ(go_on(first, 1), FetchSessionIdNotFound);
  const auto second = open(3);
  auto full = request(second, 0, 1);
  EXPECT_NE(answered(sessions.begin(kReader, nullptr, full, now)), second);
  EXPECT_EQ(go_on(second, 1), FetchSessionIdNotFound);
  EXPECT_EQ(sessions.counters().sessions, 1U);
  EXPECT_EQ(sessions.counters().partitions, 1U);
  EXPECT_EQ(sessions.counters().evictions, 0U);
}

TEST_F(FetchSessionsTest, OfSomebodyElseIsNotFoundAndStaysAsItIs) {
  const auto id = open(3);
  const PrincipalName other("other");
  EXPECT_EQ(go_on(id, 1, other), FetchSessionIdNotFound);
  EXPECT_EQ(go_on(id, 9, other), FetchSessionIdNotFound);
  for (const std::int32_t closing : {-1, 0}) {
    auto asked = request(id, closing, 1);
    EXPECT_EQ(sessions.begin(other, nullptr, asked, now).refusal, None);
  }
  EXPECT_EQ(go_on(id, 1), None);
}

TEST_F(FetchSessionsTest, ThatForgotEverythingIsClosed) {
  const auto id = open(1);
  auto asked = request(id, 1, 0);
  auto& forgotten = asked.forgotten_topics_data.emplace_back();
  forgotten.topic = "orders";
  forgotten.partitions = {0};
  const auto turn = sessions.begin(kReader, nullptr, asked, now);
  EXPECT_EQ(turn.refusal, None);
  EXPECT_EQ(answered(turn), 0);
  EXPECT_EQ(go_on(id, 2), FetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, OfNamesIsNotContinuedByIds) {
  const PlayedNames names;
  const auto id = open(1);
  auto by_id = request(id, 1, 0);
  EXPECT_EQ(sessions.begin(kReader, &names, by_id, now).refusal, FetchSessionTopicIdError);
  EXPECT_EQ(go_on(id, 1), None);
}

TEST_F(FetchSessionsTest, GivesWayWhenItWasNotUsedForTwoMinutes) {
  const auto unused = open(3);
  now += 1min;
  const auto used = open(3);
  EXPECT_EQ(open(50), 0);
  now += 1min;
  EXPECT_EQ(go_on(used, 1), None);
  EXPECT_EQ(open(3), 0);  // two minutes, and not more
  now += 1ms;
  const auto fresh = open(1);
  EXPECT_NE(fresh, 0);
  EXPECT_EQ(go_on(unused, 1), FetchSessionIdNotFound);
  EXPECT_EQ(go_on(used, 2), None);
  EXPECT_EQ(sessions.counters().evictions, 1U);
}

TEST_F(FetchSessionsTest, OfMoreThanTwoMinutesGivesWayToALargerOne) {
  const auto small = open(2);
  const auto large = open(5);
  for (std::int32_t epoch = 1; epoch <= 3; ++epoch) {
    EXPECT_EQ(open(10), 0);
    now += 50s;
    EXPECT_EQ(go_on(small, epoch), None);
    EXPECT_EQ(go_on(large, epoch), None);
  }
  EXPECT_EQ(open(2), 0);
  EXPECT_NE(open(3), 0);
  EXPECT_EQ(go_on(small, 4), FetchSessionIdNotFound);
  EXPECT_EQ(go_on(large, 4), None);
}

TEST_F(FetchSessionsTest, HoldAtMostSoManyPartitionsTogetherAndEachOfThem) {
  EXPECT_EQ(open(61), 0);
  EXPECT_NE(open(60), 0);
  EXPECT_EQ(open(41), 0);
  const auto last = open(40);
  EXPECT_NE(last, 0);
  auto growing = request(last, 1, 1, 50);
  EXPECT_EQ(sessions.begin(kReader, nullptr, growing, now).refusal, FetchSessionIdNotFound);
  EXPECT_EQ(sessions.counters().sessions, 1U);
  EXPECT_EQ(sessions.counters().partitions, 60U);
}

TEST_F(FetchSessionsTest, WithoutSlotsThereAreNone) {
  FetchSessions none({.sessions = 0});
  auto asked = request(0, 0, 1);
  EXPECT_EQ(answered(none.begin(kReader, nullptr, asked, now)), 0);
  EXPECT_EQ(asked.topics.size(), 1U);
}

}  // namespace
}  // namespace myelin::governance
