// The path between a session and an engine that the tests play.
#include "governance/path.h"

#include <gtest/gtest.h>

#include <deque>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"

namespace myelin::governance {
namespace {

// Answers as the test says, and keeps what it was told of the client.
class PlayedEngine final : public engine::Engine {
 public:
  [[nodiscard]] std::vector<engine::ApiRange> served() const override { return {{kafka::ApiKey::CreateTopics, 2, 7}}; }
  void handle(engine::Call call, kafka::Request, engine::Reply reply) override {
    connection = call.connection;
    engine::Outcome outcome;
    outcome.response = kafka::CreateTopicsResponse();
    outcome.close = gives_no_answer;
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  bool gives_no_answer = false;
  std::weak_ptr<const void> connection;
};

// Says that something is durable only when the test asks, as a disk does: later.
class LateLog final : public engine::InternalLog {
 public:
  Result<void> open(const TopicName& topic, engine::InternalCleanup cleanup) override {
    return kept_.open(topic, cleanup);
  }
  void append(const TopicName& topic, std::vector<engine::InternalRecord> records, Durable durable) override {
    kept_.append(topic, std::move(records), [](const Result<void>&) {});
    if (is_late) {
      waiting_.push_back(std::move(durable));
    } else {
      durable({});
    }
  }
  Result<void> replay(const TopicName& topic, const Sink& sink) const override { return kept_.replay(topic, sink); }

  void all_durable() {
    for (; !waiting_.empty(); waiting_.pop_front()) waiting_.front()({});
  }

  bool is_late = false;

 private:
  engine::MemoryInternalLog kept_;
  std::deque<Durable> waiting_;
};

class PathTest : public testing::Test {
 protected:
  Answer create_topic(const std::shared_ptr<Session>& session) {
    kafka::CreateTopicsRequest request;
    request.topics.emplace_back().name = "stores.sales";
    Answer answered;
    log_.is_late = true;
    (void)path_.handle(session, {kafka::ApiKey::CreateTopics, 5, "test", std::move(request)},
                       [&](Answer answer) { answered = std::move(answer); });
    log_.all_durable();
    return answered;
  }
  std::shared_ptr<Session> open() {
    return path_.open({}, [] {}).value();
  }

  ManualClock clock_;
  LateLog log_;
  PlayedEngine engine_;
  DurableState state_ = DurableState::open(log_, engine_, clock_).value();
  PolicyHolder policy_{std::make_shared<const model::Model>(), {.dev_mode = true}};
  Path path_{engine_,       policy_, *state_.credentials,           *state_.measurement,
             *state_.audit, clock_,  {.dev_mode = true, .slow = {}}};
};

TEST_F(PathTest, AChangeThatIsAnsweredIsRecordedAsDone) {
  EXPECT_FALSE(create_topic(open()).close_after);
  const auto records = state_.audit->newest(2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].kind, state::AuditKind::Outcome);
  EXPECT_EQ(records[0].resource, "topic stores.sales");
  EXPECT_EQ(records[0].result, "done");
}

TEST_F(PathTest, AChangeWithoutAnAnswerIsNotRecordedAsDone) {
  engine_.gives_no_answer = true;
  EXPECT_TRUE(create_topic(open()).close_after);
  const auto records = state_.audit->newest(2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].kind, state::AuditKind::Outcome);
  EXPECT_EQ(records[0].result, "unknown: no answer");
}

TEST_F(PathTest, AnEngineSeesWhenTheClientHasGone) {
  auto session = open();
  (void)create_topic(session);
  EXPECT_FALSE(engine_.connection.expired());
  path_.close(*session);
  session.reset();
  EXPECT_TRUE(engine_.connection.expired());
}

}  // namespace
}  // namespace myelin::governance
