// Quotas of clients on the path: who may set them, and whom they hold back.
#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "governance/path.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

// Appends nothing, serves so many bytes to a fetch, and takes its time.
class ServingEngine final : public engine::Engine {
 public:
  explicit ServingEngine(ManualClock& clock) : clock_(clock) {}
  [[nodiscard]] std::vector<engine::ApiRange> served() const override {
    return {{kafka::ApiKey::Produce, 3, 9}, {kafka::ApiKey::Fetch, 4, 12}, {kafka::ApiKey::Metadata, 0, 12}};
  }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    clock_.advance(takes);
    engine::Outcome outcome;
    outcome.response = kafka::MetadataResponse();
    if (std::holds_alternative<kafka::ProduceRequest>(request)) outcome.response = kafka::ProduceResponse();
    if (std::holds_alternative<kafka::FetchRequest>(request)) {
      outcome.response = kafka::FetchResponse();
      auto& fact = outcome.served.emplace_back();
      fact.topic = TopicName("sales");
      fact.bytes = serves;
    }
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  std::chrono::milliseconds takes{0};
  std::int64_t serves = 0;

 private:
  ManualClock& clock_;
};

class PathQuotasTest : public testing::Test {
 protected:
  struct Answered {
    std::int64_t throttle_ms = 0;  // -1: there was no answer
    std::int64_t mute_ms = 0;
    Path::Next next{};
  };
  template <typename Response, typename Request>
  Answered ask(kafka::ApiKey key, Request request, const std::string& client_id) {
    Answered answered;
    answered.next = path_.handle(session_, {key, 8, client_id, std::move(request)}, [&](Answer answer) {
      answered.mute_ms = answer.mute.count();
      answered.throttle_ms = answer.response ? std::get<Response>(*answer.response).throttle_time_ms : -1;
    });
    return answered;
  }
  Answered produce(std::size_t bytes, const std::string& client_id = "till") {
    kafka::ProduceRequest request;
    request.acks = -1;
    auto& topic = request.topic_data.emplace_back();
    topic.name = "sales";
    topic.partition_data.emplace_back().records = SharedBytes(ByteBuffer(bytes));
    return ask<kafka::ProduceResponse>(kafka::ApiKey::Produce, std::move(request), client_id);
  }
  Answered fetch(const std::string& client_id = "till") {
    return ask<kafka::FetchResponse>(kafka::ApiKey::Fetch, kafka::FetchRequest(), client_id);
  }
  Answered metadata() {
    return ask<kafka::MetadataResponse>(kafka::ApiKey::Metadata, kafka::MetadataRequest(), "till");
  }
  Result<std::shared_ptr<Session>> open(const std::string& host) {
    Peer peer;
    peer.host = host;
    return path_.open(std::move(peer), [] {});
  }
  void limit(const policy::QuotaEntity& entity, policy::QuotaKey key, std::optional<double> value) {
    ASSERT_TRUE(state_.quotas->change({{entity, {{key, value}}}}));
  }

  // Of whoever belongs to no squad, as the anonymous client here.
  void limit_squads(const std::function<void(model::Quota&)>& change) {
    auto model = std::make_shared<model::Model>();
    change(model->policy.default_quota);
    policy_.use_model(std::move(model));
  }

  using enum policy::EntityType;
  ManualClock clock_;
  engine::MemoryInternalLog log_;
  ServingEngine engine_{clock_};
  DurableState state_ = DurableState::open(log_, engine_, clock_).value();
  std::vector<std::move_only_function<void()>> later_;
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
             {.dev_mode = true, .slow = [this](auto task) { later_.push_back(std::move(task)); }}};
  std::shared_ptr<Session> session_ = open("10.0.0.1").value();
  const policy::QuotaEntity every_till_{{ClientId, "till"}};
};

TEST_F(PathQuotasTest, AProducerOverItsRateIsHeldBackUntilTheQuotaIsTakenAway) {
  EXPECT_EQ(produce(3'000).throttle_ms, 0);
  limit(every_till_, policy::QuotaKey::ProducerByteRate, 1'000);
  EXPECT_EQ(produce(1'000).throttle_ms, 0);
  const auto over = produce(500);
  EXPECT_EQ(over.throttle_ms, 500);
  EXPECT_EQ(over.mute_ms, 500);
  EXPECT_EQ(over.next, Path::Next::AfterTheAnswer);
  EXPECT_EQ(produce(3'000, "scan").throttle_ms, 0);
  limit(every_till_, policy::QuotaKey::ProducerByteRate, std::nullopt);
  EXPECT_EQ(produce(3'000).throttle_ms, 0);
}

TEST_F(PathQuotasTest, WhatIsServedIsCountedWithTheAnswerAndNothingOvertakesIt) {
  engine_.serves = 1'500;
  EXPECT_EQ(fetch().next, Path::Next::AtOnce);
  limit(every_till_, policy::QuotaKey::ConsumerByteRate, 1'000);
  const auto first = fetch();
  EXPECT_EQ(first.throttle_ms, 500);
  EXPECT_EQ(first.next, Path::Next::AfterTheAnswer);
  EXPECT_EQ(fetch("scan").throttle_ms, 0);
}

TEST_F(PathQuotasTest, TimeOfTheLoopIsOwedByTheNextRequestWhateverItAsks) {
  limit(every_till_, policy::QuotaKey::RequestPercentage, 10);
  engine_.takes = std::chrono::milliseconds(150);  // 10 % is 100 ms a second
  EXPECT_EQ(metadata().throttle_ms, 0);
  engine_.takes = {};
  const auto next = metadata();
  // 50 ms over are paid back in 500 ms, of which 0 have passed.
  EXPECT_EQ(next.throttle_ms, 500);
  EXPECT_EQ(next.next, Path::Next::AfterTheAnswer);
  clock_.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(metadata().throttle_ms, 0);
}

TEST_F(PathQuotasTest, TimeIsOwedByEverybodyOfTheSquad) {
  limit_squads([](model::Quota& quota) { quota.request_time_percent = 10; });
  const auto other = open("10.0.0.2").value();
  engine_.takes = std::chrono::milliseconds(150);  // 10 % is 100 ms a second
  EXPECT_EQ(metadata().throttle_ms, 0);
  engine_.takes = {};
  session_ = other;
  EXPECT_EQ(metadata().throttle_ms, 500);
  clock_.advance(std::chrono::milliseconds(500));
  EXPECT_EQ(metadata().throttle_ms, 0);
}

TEST_F(PathQuotasTest, TheLongestOfWhatAppliesIsTold) {
  limit(every_till_, policy::QuotaKey::ProducerByteRate, 1'000);
  limit({{User, std::nullopt}}, policy::QuotaKey::RequestPercentage, 10);
  engine_.takes = std::chrono::milliseconds(150);
  EXPECT_EQ(produce(1'000).throttle_ms, 0);
  engine_.takes = {};
  EXPECT_EQ(produce(400).throttle_ms, 500);  // 250 by bytes: 150 ms passed
}

TEST_F(PathQuotasTest, AnAddressOpensNoMoreConnectionsThanItMay) {
  limit({{Ip, "10.0.0.1"}}, policy::QuotaKey::ConnectionCreationRate, 2);
  const auto opens = [this](const std::string& host) { return open(host).has_value(); };
  EXPECT_TRUE(opens("10.0.0.1"));
  EXPECT_TRUE(opens("::ffff:10.0.0.1"));
  EXPECT_FALSE(opens("10.0.0.1"));
  EXPECT_TRUE(opens("10.0.0.2"));
  clock_.advance(std::chrono::milliseconds(500));
  EXPECT_TRUE(opens("10.0.0.1"));
  EXPECT_FALSE(opens("10.0.0.1"));
}

TEST_F(PathQuotasTest, AChangeIsAnsweredHereAndAudited) {
  kafka::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  auto& part = entry.entity.emplace_back();
  part.entity_type = "client-id";
  part.entity_name = "till";
  auto& op = entry.ops.emplace_back();
  op.key = "producer_byte_rate";
  op.value = 1'000;
  std::int16_t code = -1;
  (void)path_.handle(session_, {kafka::ApiKey::AlterClientQuotas, 1, "admin", std::move(request)}, [&](Answer answer) {
    code = std::get<kafka::AlterClientQuotasResponse>(answer.response.value()).entries.at(0).error_code;
  });
  EXPECT_EQ(produce(1'500).throttle_ms, 0) << "before the change was made";
  ASSERT_EQ(later_.size(), 1u);
  later_.front()();
  EXPECT_EQ(code, kafka::code_of(kafka::ErrorCode::None));
  EXPECT_EQ(produce(1'500).throttle_ms, 500);
  const auto records = state_.audit->newest(2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].operation, "AlterClientQuotas");
  EXPECT_EQ(records[0].resource, "quota of client-id till: producer_byte_rate 1000");
  EXPECT_EQ(records[0].result, "done");
  EXPECT_EQ(records[1].kind, state::AuditKind::Intent);
}

}  // namespace
}  // namespace myelin::governance
