// Fetches of topics by id, and by the name that an id had.
#include <gtest/gtest.h>

#include "engine/broker/stepped_broker.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using enum kafka::ErrorCode;

class FetchById : public testing::Test {
 protected:
  // Makes the topic and writes a record to it.
  TopicId make() {
    const auto made = broker.ask<kafka::CreateTopicsResponse>(creation("orders"), 7);
    broker.ask<kafka::ProduceResponse>(production("orders"), 9);
    return made.topics.at(0).topic_id;
  }
  void remove() {
    kafka::DeleteTopicsRequest request;
    request.topic_names = {"orders"};
    EXPECT_EQ(broker.ask<kafka::DeleteTopicsResponse>(request, 5).responses.at(0).error_code, 0);
  }
  Outcome fetch(const std::string& name, const TopicId& id, std::int16_t version = 13, std::int32_t epoch = -1) {
    kafka::FetchRequest request;
    request.max_bytes = 1 << 20;
    auto& topic = request.topics.emplace_back();
    topic.topic = name;
    topic.topic_id = id;
    auto& asked = topic.partitions.emplace_back();
    asked.partition_max_bytes = 1 << 20;
    asked.current_leader_epoch = epoch;
    const auto answers = broker.begin(std::move(request), version);
    broker.settle();
    return std::move(answers->at(0));
  }
  static const kafka::FetchResponse& response(const Outcome& outcome) {
    return std::get<kafka::FetchResponse>(outcome.response);
  }
  static kafka::ErrorCode code(const Outcome& outcome) {
    return static_cast<kafka::ErrorCode>(response(outcome).responses.at(0).partitions.at(0).error_code);
  }

  storage::MemoryFileSystem files;
  SteppedBroker broker{files};
};

TEST_F(FetchById, IsAnsweredWithTheIdAndCountedByName) {
  const auto id = make();
  const auto outcome = fetch("", id);
  EXPECT_EQ(code(outcome), None);
  EXPECT_EQ(response(outcome).responses.at(0).topic_id, id);
  ASSERT_EQ(outcome.served.size(), 1U);
  EXPECT_EQ(outcome.served[0].topic.text(), "orders");
}

TEST_F(FetchById, OfNoTopicIsUnknown) {
  make();
  EXPECT_EQ(code(fetch("", Uuid::random())), UnknownTopicId);
}

TEST_F(FetchById, NeverReadsTheTopicThatGotTheNameOfADeletedOne) {
  const auto first = make();
  remove();
  EXPECT_EQ(code(fetch("", first)), UnknownTopicId);
  EXPECT_EQ(code(fetch("orders", first)), UnknownTopicOrPartition);
  make();
  EXPECT_EQ(code(fetch("", first)), UnknownTopicId);
  EXPECT_EQ(code(fetch("orders", first)), InconsistentTopicId);
  EXPECT_TRUE(fetch("orders", first).served.empty());
}

TEST_F(FetchById, TellsWhereTheLeaderIsToWhoFollowsAnEarlierOne) {
  const auto id = make();
  for (const std::int16_t version : {15, 16}) {
    const auto outcome = fetch("", id, version, -2);
    EXPECT_EQ(code(outcome), FencedLeaderEpoch);
    EXPECT_EQ(response(outcome).node_endpoints.size(), version == 16 ? 1U : 0U);
    EXPECT_EQ(response(outcome).responses.at(0).partitions.at(0).current_leader.leader_id, version == 16 ? 1 : -1);
  }
  EXPECT_TRUE(response(fetch("", id, 16)).node_endpoints.empty());
}

}  // namespace
}  // namespace myelin::engine::broker
