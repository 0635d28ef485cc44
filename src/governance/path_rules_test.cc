// Rules of the Policy on the path: one sequence of requests under report, and again under block.
#include <gtest/gtest.h>

#include <deque>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "governance/path.h"
#include "kafka/error_code.h"
#include "model/load.h"

namespace myelin::governance {
namespace {

// Says yes to whatever reaches it.
class AgreeableEngine final : public engine::Engine {
 public:
  [[nodiscard]] std::vector<engine::ApiRange> served() const override {
    return {{kafka::ApiKey::CreateTopics, 2, 7},
            {kafka::ApiKey::CreatePartitions, 0, 3},
            {kafka::ApiKey::IncrementalAlterConfigs, 0, 1}};
  }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    engine::Outcome outcome;
    if (const auto* created = std::get_if<kafka::CreateTopicsRequest>(&request)) {
      kafka::CreateTopicsResponse response;
      for (const auto& topic : created->topics) response.topics.emplace_back().name = topic.name;
      outcome.response = std::move(response);
    } else if (const auto* more = std::get_if<kafka::CreatePartitionsRequest>(&request)) {
      kafka::CreatePartitionsResponse response;
      for (const auto& topic : more->topics) response.results.emplace_back().name = topic.name;
      outcome.response = std::move(response);
    } else {
      kafka::IncrementalAlterConfigsResponse response;
      for (const auto& resource : std::get<kafka::IncrementalAlterConfigsRequest>(request).resources) {
        response.responses.emplace_back().resource_name = resource.resource_name;
      }
      outcome.response = std::move(response);
    }
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }
};

// Says that something is durable only after the call that wrote it, as a disk does.
class LateLog final : public engine::InternalLog {
 public:
  Result<void> open(const TopicName& topic, engine::InternalCleanup cleanup) override {
    return kept_.open(topic, cleanup);
  }
  void append(const TopicName& topic, std::vector<engine::InternalRecord> records, Durable durable) override {
    kept_.append(topic, std::move(records), [](const Result<void>&) {});
    if (!is_late) return durable({});
    waiting_.push_back(std::move(durable));
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

constexpr std::int16_t kPolicyViolation = kafka::code_of(kafka::ErrorCode::PolicyViolation);

// Names, sizes and clients, all at one rung.
std::shared_ptr<const model::Model> company(const std::string& rung) {
  const auto rule = [&](const std::string& name, const std::string& about, const std::string& must) {
    return "    - {name: " + name + ", about: " + about +
           ", owner: crew, principle: order, message: mend it, rung: " + rung + ",\n       must: \"" + must + "\"}\n";
  };
  auto loaded = model::load({{"org/org.yaml",
                              "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: retail}\n---\n"
                              "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
                              "metadata: {name: crew, annotations: {myelin.dev/domain: retail}}\nspec: {type: team}\n"},
                             {"myelin/policy.yaml",
                              "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: company}\nspec:\n"
                              "  rules:\n" +
                                  rule("names", "topic_creation", "topic.name.matches('^[a-z.]+$')") +
                                  rule("sizes", "topic_change", "!has(topic.partitions) || topic.partitions <= 12") +
                                  rule("kept", "topic_change", "!('retention.ms' in topic.configs)") +
                                  rule("clients", "connection", "!has(client.major) || client.major >= 3")}});
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::make_shared<const model::Model>(std::move(loaded.model));
}

class PathRulesTest : public testing::Test {
 protected:
  // The answer; nothing where the connection was closed instead.
  template <typename Response, typename Request>
  std::optional<Response> ask(const std::shared_ptr<Session>& session, kafka::ApiKey key, std::int16_t version,
                              Request request) {
    std::optional<Response> answered;
    log_.is_late = true;
    (void)path_.handle(session, {key, version, "test", std::move(request)}, [&](Answer answer) {
      if (answer.response) answered = std::get<Response>(*std::move(answer.response));
    });
    log_.all_durable();
    log_.is_late = false;
    return answered;
  }

  std::shared_ptr<Session> open(const std::string& version = "3.7.0") {
    auto session = path_.open({}, [] {}).value();
    kafka::ApiVersionsRequest hello;
    hello.client_software_name = "librdkafka";
    hello.client_software_version = version;
    EXPECT_TRUE(ask<kafka::ApiVersionsResponse>(session, kafka::ApiKey::ApiVersions, 3, std::move(hello)));
    return session;
  }

  std::int16_t create(const std::shared_ptr<Session>& session, const std::string& name) {
    kafka::CreateTopicsRequest request;
    request.topics.emplace_back().name = name;
    const auto answer = ask<kafka::CreateTopicsResponse>(session, kafka::ApiKey::CreateTopics, 5, std::move(request));
    if (!answer) return -1;
    said_ = answer->topics.front().error_message.value_or("");
    return answer->topics.front().error_code;
  }
  std::int16_t grow(const std::shared_ptr<Session>& session, std::int32_t partitions) {
    kafka::CreatePartitionsRequest request;
    request.topics.emplace_back().name = "orders";
    request.topics.front().count = partitions;
    return ask<kafka::CreatePartitionsResponse>(session, kafka::ApiKey::CreatePartitions, 1, std::move(request))
        ->results.front()
        .error_code;
  }
  std::int16_t set(const std::shared_ptr<Session>& session, const std::string& config) {
    kafka::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 2;
    resource.resource_name = "orders";
    resource.configs.emplace_back().name = config;
    resource.configs.front().value = "1";
    return ask<kafka::IncrementalAlterConfigsResponse>(session, kafka::ApiKey::IncrementalAlterConfigs, 1,
                                                       std::move(request))
        ->responses.front()
        .error_code;
  }

  // How many of a fixed sequence of requests were refused.
  std::size_t refused_of_the_sequence() {
    const auto session = open();
    std::size_t refused = 0;
    for (const char* name : {"orders", "Orders", "order_s", "order.lines", "ORDERS"}) {
      refused += create(session, name) == kPolicyViolation ? 1 : 0;
    }
    for (const std::int32_t partitions : {6, 48, 12, 13})
      refused += grow(session, partitions) == kPolicyViolation ? 1 : 0;
    for (const char* config : {"retention.ms", "cleanup.policy"}) {
      refused += set(session, config) == kPolicyViolation ? 1 : 0;
    }
    for (const char* version : {"2.8.0", "3.0.0", "1.1"}) {
      refused += create(open(version), "orders") == -1 ? 1 : 0;
    }
    return refused;
  }

  std::uint64_t sum(std::uint64_t RuleCounted::* member) {
    std::uint64_t total = 0;
    for (const auto& [rule, counted] : state_.rule_counts->of(policy_.current()->model())) {
      total += counted.*member;
    }
    return total;
  }

  ManualClock clock_;
  LateLog log_;
  AgreeableEngine engine_;
  DurableState state_ = DurableState::open(log_, engine_, clock_).value();
  PolicyHolder policy_{company("report"), {.dev_mode = true}};
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
  std::string said_;
};

TEST_F(PathRulesTest, WhatIsCountedUnderReportIsWhatIsDeniedUnderBlock) {
  EXPECT_EQ(refused_of_the_sequence(), 0U);
  EXPECT_EQ(sum(&RuleCounted::let_through), 8U) << "3 names, 2 sizes, 1 retention, 2 clients";
  policy_.use_model(company("block"));
  EXPECT_EQ(refused_of_the_sequence(), 8U);
  EXPECT_EQ(sum(&RuleCounted::refused), 8U);
  EXPECT_EQ(sum(&RuleCounted::let_through), 8U) << "what was counted before stays";
}

TEST_F(PathRulesTest, ARefusalIsInTheRulesWordsAndAudited) {
  policy_.use_model(company("block"));
  EXPECT_EQ(create(open(), "Orders"), kPolicyViolation);
  EXPECT_EQ(said_, "rule names: mend it; it serves \"order\"; ask squad crew");
  const auto record = state_.audit->newest(1).front();
  EXPECT_EQ(record.kind, state::AuditKind::Denial);
  EXPECT_EQ(record.resource, "topic Orders");
  EXPECT_EQ(record.result, said_);
}

TEST_F(PathRulesTest, AWarningIsAuditedAndAReportIsNot) {
  EXPECT_EQ(create(open(), "Orders"), 0);
  for (const auto& record : state_.audit->newest(10)) EXPECT_NE(record.kind, state::AuditKind::WouldDeny);
  policy_.use_model(company("warn"));
  EXPECT_EQ(create(open(), "Orders"), 0);
  std::size_t warned = 0;
  for (const auto& record : state_.audit->newest(10)) warned += record.kind == state::AuditKind::WouldDeny ? 1U : 0U;
  EXPECT_EQ(warned, 1U);
}

TEST_F(PathRulesTest, AClientThatIsTooOldIsSentAway) {
  policy_.use_model(company("block"));
  EXPECT_EQ(create(open("2.8.0"), "orders"), -1);
  EXPECT_EQ(state_.audit->newest(1).front().resource, "client librdkafka 2.8.0");
  EXPECT_EQ(create(open("3.0.0"), "orders"), 0);
}

}  // namespace
}  // namespace myelin::governance
