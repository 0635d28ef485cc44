// The path between a session and an engine that the tests play.
#include "governance/path.h"

#include <gtest/gtest.h>

#include <deque>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "kafka/error_code.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

// Answers as the test says, and keeps what it was told of the client.
class PlayedEngine final : public engine::Engine {
 public:
  [[nodiscard]] std::vector<engine::ApiRange> served() const override { return ranges; }
  void handle(engine::Call call, kafka::Request request, engine::Reply reply) override {
    connection = call.connection;
    engine::Outcome outcome;
    outcome.response = kafka::CreateTopicsResponse();
    if (const auto* asked = std::get_if<kafka::MetadataRequest>(&request)) {
      kafka::MetadataResponse metadata;
      kafka::refuse_each(*asked->topics, code_of_names, metadata.topics);
      outcome.response = std::move(metadata);
    }
    outcome.close = gives_no_answer;
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  std::vector<engine::ApiRange> ranges = {{kafka::ApiKey::CreateTopics, 2, 7}, {kafka::ApiKey::Metadata, 0, 12}};
  bool gives_no_answer = false;
  std::int16_t code_of_names = 0;  // what it answers instead of names
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

  // The highest version that ApiVersions advertises; -1: none.
  std::int16_t advertised(kafka::ApiKey key) {
    std::int16_t highest = -1;
    (void)path_.handle(open(), {kafka::ApiKey::ApiVersions, 0, "test", kafka::ApiVersionsRequest()},
                       [&](Answer answer) {
                         for (const auto& api : std::get<kafka::ApiVersionsResponse>(*answer.response).api_keys) {
                           if (api.api_key == std::to_underlying(key)) highest = api.max_version;
                         }
                       });
    return highest;
  }
  // What deleting a topic by its id is answered; nothing when the connection is closed instead.
  std::optional<std::int16_t> code_of_deletion() {
    kafka::DeleteTopicsRequest request;
    request.topics.emplace_back().topic_id = Uuid::random();
    request.topics.front().name.reset();
    std::optional<std::int16_t> code;
    (void)path_.handle(open(), {kafka::ApiKey::DeleteTopics, 6, "test", std::move(request)}, [&](Answer answer) {
      if (answer.response) code = std::get<kafka::DeleteTopicsResponse>(*answer.response).responses.at(0).error_code;
    });
    return code;
  }
  bool serves(kafka::ApiKey key, std::int16_t version) const { return path_.serves(std::to_underlying(key), version); }

  ManualClock clock_;
  LateLog log_;
  PlayedEngine engine_;
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

TEST_F(PathTest, CredentialsAreAlteredWithoutTheEngineAndAuditedByName) {
  EXPECT_TRUE(serves(kafka::ApiKey::AlterUserScramCredentials, 0));
  kafka::AlterUserScramCredentialsRequest request;
  request.deletions.emplace_back().name = "scan";
  request.deletions.back().mechanism = 2;
  auto& set = request.upsertions.emplace_back();
  set.name = "till";
  set.mechanism = 1;
  set.iterations = 4096;
  set.salt = SharedBytes::copy_of(as_bytes("salt"));
  set.salted_password = SharedBytes::copy_of(as_bytes("a secret of two and thirty bytes"));
  std::vector<std::int16_t> codes;
  log_.is_late = true;  // for the intent
  (void)path_.handle(
      open(), {kafka::ApiKey::AlterUserScramCredentials, 0, "test", std::move(request)}, [&](Answer answer) {
        for (const auto& result : std::get<kafka::AlterUserScramCredentialsResponse>(*answer.response).results) {
          codes.push_back(result.error_code);
        }
      });
  log_.is_late = false;
  log_.all_durable();
  EXPECT_EQ(codes, (std::vector{kafka::code_of(kafka::ErrorCode::ResourceNotFound), std::int16_t{0}}));
  EXPECT_TRUE(state_.credentials->knows(PrincipalName("till")));
  const auto records = state_.audit->newest(2);
  ASSERT_EQ(records.size(), 2u);
  for (const auto& record : records) {
    EXPECT_EQ(record.operation, "AlterUserScramCredentials");
    EXPECT_EQ(record.resource,
              "removal of SCRAM-SHA-512 of principal scan, setting of SCRAM-SHA-256 of principal till");
  }
  EXPECT_EQ(records[0].kind, state::AuditKind::Outcome);
  EXPECT_EQ(records[0].result, "RESOURCE_NOT_FOUND");
}

TEST_F(PathTest, AnEngineSeesWhenTheClientHasGone) {
  auto session = open();
  (void)create_topic(session);
  EXPECT_FALSE(engine_.connection.expired());
  path_.close(*session);
  session.reset();
  EXPECT_TRUE(engine_.connection.expired());
}

TEST_F(PathTest, VersionsThatTheEngineServesNoLongerAreNeitherAdvertisedNorTaken) {
  using enum kafka::ApiKey;
  EXPECT_TRUE(serves(CreateTopics, 7));
  EXPECT_EQ(advertised(CreateTopics), 7);
  engine_.ranges = {{CreateTopics, 2, 5}};
  path_.take_over_served();
  EXPECT_FALSE(serves(CreateTopics, 7));
  EXPECT_TRUE(serves(CreateTopics, 5));
  EXPECT_EQ(advertised(CreateTopics), 5);
  EXPECT_EQ(advertised(Metadata), -1);
  EXPECT_EQ(advertised(SaslHandshake), 1);
}

TEST_F(PathTest, AnIdWhoseNameCannotBeToldNowIsNotUnknown) {
  using enum kafka::ErrorCode;
  engine_.code_of_names = kafka::code_of(UnknownTopicId);
  EXPECT_EQ(code_of_deletion(), kafka::code_of(UnknownTopicId));
  engine_.code_of_names = kafka::code_of(LeaderNotAvailable);
  EXPECT_EQ(code_of_deletion(), kafka::code_of(RequestTimedOut));
  engine_.gives_no_answer = true;
  EXPECT_EQ(code_of_deletion(), std::nullopt);
}

}  // namespace
}  // namespace myelin::governance
