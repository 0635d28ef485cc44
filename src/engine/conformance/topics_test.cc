// What is asked of topics: made, found, described and deleted.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/conformance/fixture.h"
#include "kafka/error_code.h"

namespace myelin::engine {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

TEST_P(Conformance, AnswersMetadataWithTheAddressThatTheClientUsed) {
  create("orders", 3);
  const auto response = ask<kafka::MetadataResponse>(metadata_of("orders"), 12);
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers.front().host, "here");
  EXPECT_EQ(response.brokers.front().port, 9092);
  EXPECT_EQ(response.topics.front().partitions.size(), 3U);
  EXPECT_FALSE(response.topics.front().topic_id.is_zero());
}

TEST_P(Conformance, FindsATopicByItsIdAndKnowsAnUnknownOne) {
  create("orders");
  const auto id = ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics.front().topic_id;
  kafka::MetadataRequest request;
  auto& known = request.topics->emplace_back();
  known.name.reset();
  known.topic_id = id;
  auto& unknown = request.topics->emplace_back();
  unknown.name.reset();
  unknown.topic_id = Uuid::random();
  const auto response = ask<kafka::MetadataResponse>(request, 12);
  EXPECT_EQ(response.topics[0].name, "orders");
  EXPECT_EQ(response.topics[1].error_code, code_of(ErrorCode::UnknownTopicId));
}

TEST_P(Conformance, CreatesAMissingTopicOnlyForWhoMayAndAsks) {
  auto request = metadata_of("made");
  EXPECT_EQ(ask<kafka::MetadataResponse>(request, 12).topics.front().error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
  request.allow_auto_topic_creation = true;
  EXPECT_EQ(ask<kafka::MetadataResponse>(request, 12).topics.front().error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
  const auto made = finish(begin(request, 12, true));
  EXPECT_EQ(std::get<kafka::MetadataResponse>(made.response).topics.front().error_code, 0);
}

TEST_P(Conformance, RefusesTopicsThatCannotBeAndSaysWhy) {
  const auto refusal_of = [&](kafka::CreateTopicsRequest request) {
    return ask<kafka::CreateTopicsResponse>(std::move(request), 7).topics.front().error_code;
  };
  create("a.b");
  EXPECT_EQ(refusal_of(creation("a.b", 1)), code_of(ErrorCode::TopicAlreadyExists));
  EXPECT_EQ(refusal_of(creation("a_b", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("no spaces", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("__mine", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("none", 0)), code_of(ErrorCode::InvalidPartitions));
  EXPECT_EQ(refusal_of(creation("odd", 1, {{"retention", "1"}})), code_of(ErrorCode::InvalidConfig));
  auto replicated = creation("three", 1);
  replicated.topics[0].replication_factor = 3;
  EXPECT_EQ(refusal_of(replicated), code_of(ErrorCode::InvalidReplicationFactor));
}

TEST_P(Conformance, OnlyChecksATopicWhenAskedToAndShowsItsSettings) {
  auto request = creation("orders", 2, {{"retention.ms", "5"}});
  request.validate_only = true;
  const auto response = ask<kafka::CreateTopicsResponse>(request, 7);
  EXPECT_EQ(response.topics[0].error_code, 0);
  EXPECT_EQ(response.topics[0].num_partitions, 2);
  const auto& configs = *response.topics[0].configs;
  const auto retention =
      std::ranges::find(configs, std::string("retention.ms"), [](const auto& config) { return config.name; });
  ASSERT_NE(retention, configs.end());
  EXPECT_EQ(retention->value, "5");
  EXPECT_EQ(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
}

TEST_P(Conformance, DeletesByIdAndGivesANewIdWhenMadeAgain) {
  create("orders");
  const auto id = ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].topic_id;
  kafka::DeleteTopicsRequest request;
  request.topics.emplace_back().topic_id = id;
  EXPECT_EQ(ask<kafka::DeleteTopicsResponse>(request, 6).responses[0].error_code, 0);
  EXPECT_EQ(ask<kafka::DeleteTopicsResponse>(request, 6).responses[0].error_code, code_of(ErrorCode::UnknownTopicId));
  create("orders");
  EXPECT_NE(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].topic_id, id);
}

TEST_P(Conformance, EndsAWaitingFetchWhenItsTopicIsDeleted) {
  create("orders");
  auto waiting = begin(reading("orders", 0, 60'000), 12);
  client_ = std::make_shared<const Attribution>(Attribution{PrincipalName("owner"), "owner", {}, {}});
  kafka::DeleteTopicsRequest request;
  request.topic_names.emplace_back("orders");
  ASSERT_EQ(ask<kafka::DeleteTopicsResponse>(request, 5).responses[0].error_code, 0);
  EXPECT_NE(answer_of_fetch(finish(std::move(waiting))).error_code, 0);
}

TEST_P(Conformance, DescribesSettingsWithTheirSourceSynonymsAndDocumentation) {
  create("orders", 1, {{"myelin.durability", "os"}});
  kafka::DescribeConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = 2;
  asked.resource_name = "orders";
  asked.configuration_keys = {"myelin.durability", "retention.ms"};
  request.include_synonyms = true;
  request.include_documentation = true;
  const auto response = ask<kafka::DescribeConfigsResponse>(request, 4);
  ASSERT_EQ(response.results[0].configs.size(), 2U);
  const auto& durability = response.results[0].configs[0];
  EXPECT_EQ(durability.value, "os");
  EXPECT_EQ(durability.config_source, 1);
  EXPECT_FALSE(durability.documentation->empty());
  const auto& retention = response.results[0].configs[1];
  EXPECT_EQ(retention.config_source, 5);
  EXPECT_EQ(retention.synonyms[0].name, "log.retention.ms");
}

}  // namespace
}  // namespace myelin::engine
