// Sessions and ids of fetches between a connection and an engine that the tests play.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "governance/path.h"
#include "governance/played_names.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using Lines = std::vector<std::string>;

// Has one high watermark for everything, and keeps what it was asked.
class PlayedLog final : public engine::Engine {
 public:
  [[nodiscard]] std::vector<engine::ApiRange> served() const override { return {{kafka::ApiKey::Fetch, 4, 16}}; }
  [[nodiscard]] std::shared_ptr<const engine::TopicNames> topic_names() const override { return names; }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    asked = std::get<kafka::FetchRequest>(request);
    kafka::FetchResponse response;
    for (const auto& topic : asked.topics) {
      auto& answer = response.responses.emplace_back();
      answer.topic = topic.topic;
      answer.topic_id = topic.topic_id;
      for (const auto& one : topic.partitions) {
        auto& part = answer.partitions.emplace_back();
        part.partition_index = one.partition;
        part.high_watermark = high_watermark;
      }
    }
    engine::Outcome outcome;
    outcome.response = std::move(response);
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  std::shared_ptr<PlayedNames> names = std::make_shared<PlayedNames>();
  std::int64_t high_watermark = 1;
  kafka::FetchRequest asked;
};

class PathFetch : public testing::Test {
 protected:
  // "topic-partition: error" of what is answered, where the topic is a name or what stands for it.
  Lines fetch(std::int16_t version, kafka::FetchRequest request) {
    Lines lines;
    (void)path_.handle(session_, {kafka::ApiKey::Fetch, version, "test", std::move(request)}, [&](Answer answer) {
      const auto& response = std::get<kafka::FetchResponse>(*answer.response);
      code_ = static_cast<kafka::ErrorCode>(response.error_code);
      session_id_ = response.session_id;
      for (const auto& topic : response.responses) {
        for (const auto& part : topic.partitions) {
          lines.push_back(fmt::format("{}-{}: {}", topic.topic, part.partition_index, part.error_code));
        }
      }
    });
    return lines;
  }
  static kafka::FetchRequest of(std::int32_t session, std::int32_t epoch) {
    kafka::FetchRequest request;
    request.session_id = session;
    request.session_epoch = epoch;
    request.max_wait_ms = 500;
    return request;
  }
  static void add(kafka::FetchRequest& request, const std::string& name, const TopicId& id = {}) {
    auto& topic = request.topics.emplace_back();
    topic.topic = name;
    topic.topic_id = id;
    topic.partitions.emplace_back();
  }

  ManualClock clock_;
  engine::MemoryInternalLog log_;
  PlayedLog engine_;
  DurableState state_ = DurableState::open(log_, engine_, clock_).value();
  PolicyHolder policy_{std::make_shared<const model::Model>(), {.dev_mode = true}};
  Path path_{engine_,
             policy_,
             *state_.credentials,
             *state_.quotas,
             *state_.grants,
             *state_.rule_counts,
             *state_.measurement,
             *state_.audit,
             clock_,
             {.dev_mode = true, .slow = {}}};
  std::shared_ptr<Session> session_ = path_.open({}, [] {}).value();
  kafka::ErrorCode code_{};
  std::int32_t session_id_ = 0;
};

TEST_F(PathFetch, GivesTheEngineNamesAndAnswersUnknownIdsItself) {
  const auto known = Uuid::random();
  engine_.names->names.emplace(known, TopicName("orders"));
  auto request = of(0, -1);
  add(request, "", Uuid::random());
  add(request, "", known);
  EXPECT_EQ(fetch(13, request), (Lines{"orders-0: 0", "-0: 100"}));
  ASSERT_EQ(engine_.asked.topics.size(), 1U);
  EXPECT_EQ(engine_.asked.topics[0].topic, "orders");
  EXPECT_EQ(engine_.asked.max_wait_ms, 0);
}

TEST_F(PathFetch, AsksTheEngineForEverythingAndTellsTheClientWhatIsNews) {
  auto full = of(0, 0);
  add(full, "orders");
  add(full, "returns");
  EXPECT_EQ(fetch(12, full), (Lines{"orders-0: 0", "returns-0: 0"}));
  const auto id = session_id_;
  EXPECT_GT(id, 0);
  EXPECT_EQ(fetch(12, of(id, 1)), Lines{});
  EXPECT_EQ(session_id_, id);
  EXPECT_EQ(engine_.asked.topics.size(), 2U);
  EXPECT_EQ(engine_.asked.session_id, 0);
  EXPECT_EQ(engine_.asked.session_epoch, -1);
  EXPECT_EQ(engine_.asked.max_wait_ms, 500);
  engine_.high_watermark = 2;
  EXPECT_EQ(fetch(12, of(id, 2)), (Lines{"orders-0: 0", "returns-0: 0"}));
}

TEST_F(PathFetch, RefusesAWrongNumberWithoutTheEngine) {
  auto full = of(0, 0);
  add(full, "orders");
  fetch(12, full);
  engine_.asked = {};
  EXPECT_EQ(fetch(12, of(session_id_, 7)), Lines{});
  EXPECT_EQ(code_, kafka::ErrorCode::InvalidFetchSessionEpoch);
  EXPECT_EQ(session_id_, 0);
  EXPECT_TRUE(engine_.asked.topics.empty());
  EXPECT_EQ(path_.counters().fetch_sessions.sessions, 1U);
}

}  // namespace
}  // namespace myelin::governance
