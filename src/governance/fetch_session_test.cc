// One session: what it makes of incremental requests, and what it leaves of answers.
#include "governance/fetch_session.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "governance/played_names.h"

namespace myelin::governance {
namespace {

using Lines = std::vector<std::string>;
using Extent = FetchSession::Extent;

struct Read {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

kafka::FetchRequest request(const std::vector<Read>& reads, const std::vector<Read>& forgotten = {}) {
  kafka::FetchRequest made;
  for (const auto& read : reads) {
    auto& topic = made.topics.emplace_back();
    topic.topic = read.topic;
    auto& partition = topic.partitions.emplace_back();
    partition.partition = read.partition;
    partition.fetch_offset = read.offset;
    partition.partition_max_bytes = 100;
  }
  for (const auto& read : forgotten) {
    auto& topic = made.forgotten_topics_data.emplace_back();
    topic.topic = read.topic;
    topic.partitions = {read.partition};
  }
  return made;
}

struct Found {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t high_watermark = 0;
  std::string records = {};
  std::int16_t error = 0;
  std::int64_t log_start = 0;
};

kafka::FetchResponse response(const std::vector<Found>& all) {
  kafka::FetchResponse made;
  for (const auto& found : all) {
    auto& topic = made.responses.emplace_back();
    topic.topic = found.topic;
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = found.partition;
    partition.high_watermark = found.high_watermark;
    partition.log_start_offset = found.log_start;
    partition.error_code = found.error;
    partition.records = SharedBytes::copy_of(as_bytes(found.records));
  }
  return made;
}

class FetchSessionTest : public testing::Test {
 protected:
  // "topic-partition offset" of everything that the engine is asked for, in this order.
  Lines asked() const {
    kafka::FetchRequest whole;
    session.make_whole(whole);
    Lines lines;
    for (const auto& topic : whole.topics) {
      for (const auto& one : topic.partitions) {
        lines.push_back(fmt::format("{}-{} {}", topic.topic, one.partition, one.fetch_offset));
      }
    }
    return lines;
  }
  // "topic-partition" of everything that the client is told.
  Lines told(const std::vector<Found>& all, Extent extent = Extent::News) {
    auto answer = response(all);
    session.tell(answer, extent);
    return parts(answer);
  }
  static Lines parts(const kafka::FetchResponse& answer) {
    Lines lines;
    for (const auto& topic : answer.responses) {
      for (const auto& one : topic.partitions) lines.push_back(fmt::format("{}-{}", topic.topic, one.partition_index));
    }
    return lines;
  }

  FetchSession session{false};
};

TEST_F(FetchSessionTest, MakesARequestWholeWithWhatWasAddedChangedAndForgotten) {
  session.update(request({{"b", 1, 5}, {"a", 7, 1}, {"b", 0, 9}}));
  EXPECT_EQ(asked(), (Lines{"a-7 1", "b-0 9", "b-1 5"}));
  session.update(request({{"b", 1, 6}, {"c", 0, 2}}, {{"a", 7}, {"a", 8}, {"never there", 0}}));
  EXPECT_EQ(asked(), (Lines{"b-0 9", "b-1 6", "c-0 2"}));
  EXPECT_EQ(session.size(), 3U);
}

TEST_F(FetchSessionTest, TakesTheLastOfWhatIsNamedTwiceAndForgetsWhatIsAddedAndForgotten) {
  session.update(request({{"a", 0, 1}, {"a", 0, 2}, {"b", 0, 1}}));
  EXPECT_EQ(asked(), (Lines{"a-0 2", "b-0 1"}));
  session.update(request({{"a", 0, 3}, {"a", 0, 4}, {"b", 0, 2}, {"c", 0, 1}}, {{"b", 0}, {"c", 0}}));
  EXPECT_EQ(asked(), (Lines{"a-0 4"}));
  session.update(request({}, {{"a", 0}}));
  EXPECT_EQ(session.size(), 0U);
  EXPECT_EQ(asked(), Lines{});
}

TEST_F(FetchSessionTest, KeepsEveryFieldOfAPartition) {
  auto full = request({{"a", 3, 5}});
  auto& sent = full.topics[0].partitions[0];
  sent.current_leader_epoch = 11;
  sent.last_fetched_epoch = 12;
  sent.log_start_offset = 13;
  session.update(full);
  kafka::FetchRequest whole;
  session.make_whole(whole);
  const auto& kept = whole.topics.at(0).partitions.at(0);
  EXPECT_EQ(kept.current_leader_epoch, 11);
  EXPECT_EQ(kept.last_fetched_epoch, 12);
  EXPECT_EQ(kept.log_start_offset, 13);
  EXPECT_EQ(kept.partition_max_bytes, 100);
}

TEST_F(FetchSessionTest, TellsOnlyWhatIsNews) {
  session.update(request({{"a", 0, 0}, {"a", 1, 0}, {"b", 0, 0}}));
  EXPECT_EQ(told({{"a", 0, 5}, {"a", 1, 5}, {"b", 0, 5}}, Extent::Whole), (Lines{"a-0", "a-1", "b-0"}));
  EXPECT_EQ(told({{"a", 0, 5}, {"a", 1, 5}, {"b", 0, 5}}), Lines{});
  EXPECT_EQ(told({{"a", 0, 5}, {"a", 1, 6}, {"b", 0, 5}}), (Lines{"a-1"}));
  EXPECT_EQ(told({{"a", 0, 5}, {"a", 1, 6}, {"b", 0, 5, "records"}}), (Lines{"b-0"}));
  EXPECT_EQ(told({{"a", 0, 5, "", 0, 2}, {"a", 1, 6}, {"b", 0, 5}}), (Lines{"a-0"}));
  EXPECT_EQ(told({{"a", 0, 5, "", 0, 2}, {"a", 1, 6}, {"b", 0, 5}}), Lines{});
}

TEST_F(FetchSessionTest, TellsAnErrorEachTimeAndThePartitionWhenItIsOver) {
  session.update(request({{"a", 0, 0}}));
  EXPECT_EQ(told({{"a", 0, 5}}, Extent::Whole), (Lines{"a-0"}));
  EXPECT_EQ(told({{"a", 0, 5, "", 29}}), (Lines{"a-0"}));
  EXPECT_EQ(told({{"a", 0, 5, "", 29}}), (Lines{"a-0"}));
  EXPECT_EQ(told({{"a", 0, 5}}), (Lines{"a-0"}));
  EXPECT_EQ(told({{"a", 0, 5}}), Lines{});
}

TEST_F(FetchSessionTest, TellsADivergingLog) {
  session.update(request({{"a", 0, 0}}));
  EXPECT_EQ(told({{"a", 0, 5}}, Extent::Whole), (Lines{"a-0"}));
  auto answer = response({{"a", 0, 5}});
  answer.responses[0].partitions[0].diverging_epoch.epoch = 1;
  session.tell(answer, Extent::News);
  EXPECT_EQ(parts(answer), (Lines{"a-0"}));
}

TEST_F(FetchSessionTest, LeavesOutOfAnAnswerWhatWasForgottenSinceItWasAskedFor) {
  session.update(request({{"a", 0, 0}, {"b", 0, 0}}));
  session.update(request({}, {{"a", 0}}));
  EXPECT_EQ(told({{"a", 0, 5, "records"}, {"b", 0, 5, "records"}}), (Lines{"b-0"}));
}

TEST_F(FetchSessionTest, AnAnswerThatWasOvertakenIsToldAgain) {
  session.update(request({{"a", 0, 0}}));
  EXPECT_EQ(told({{"a", 0, 5}}, Extent::Whole), (Lines{"a-0"}));
  for (int twice = 0; twice < 2; ++twice) {
    auto overtaken = response({{"a", 0, 6}});
    session.keep_news(overtaken);
    EXPECT_EQ(parts(overtaken), (Lines{"a-0"}));
  }
  EXPECT_EQ(told({{"a", 0, 6}}), (Lines{"a-0"}));
}

TEST_F(FetchSessionTest, BeginsBehindThePartitionThatWasServedLast) {
  session.update(request({{"a", 0}, {"a", 1}, {"a", 2}, {"b", 0}}));
  EXPECT_EQ(asked(), (Lines{"a-0 0", "a-1 0", "a-2 0", "b-0 0"}));
  (void)told({{"a", 0, 5, "records"}, {"a", 1, 5, "records"}, {"a", 2, 5}, {"b", 0, 5}});
  EXPECT_EQ(asked(), (Lines{"a-2 0", "b-0 0", "a-0 0", "a-1 0"}));
  (void)told({{"a", 2, 5}, {"b", 0, 5, "records"}, {"a", 0, 5}, {"a", 1, 5}});
  EXPECT_EQ(asked(), (Lines{"a-0 0", "a-1 0", "a-2 0", "b-0 0"}));
}

TEST_F(FetchSessionTest, RefusesNamesThatNoTopicCanHave) {
  EXPECT_TRUE(FetchSession::can_keep(request({{std::string(249, 'x'), 0}})));
  EXPECT_FALSE(FetchSession::can_keep(request({{"a", 0}, {std::string(250, 'x'), 0}})));
}

TEST(FetchSessionById, LearnsANameOnceAndKeepsIt) {
  FetchSession session(true);
  const auto id = Uuid::random();
  auto asked = request({{"", 0}});
  asked.topics[0].topic_id = id;
  session.update(asked);
  PlayedNames names;
  const auto name = [&] {
    session.learn_names(names);
    kafka::FetchRequest whole;
    session.make_whole(whole);
    EXPECT_EQ(whole.topics.at(0).topic_id, id);
    return whole.topics.at(0).topic;
  };
  EXPECT_EQ(name(), "");
  names.names.emplace(id, TopicName("orders"));
  EXPECT_EQ(name(), "orders");
  names.names.clear();
  EXPECT_EQ(name(), "orders");
}

}  // namespace
}  // namespace myelin::governance
