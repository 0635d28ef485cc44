// Quotas of what a squad holds: partitions count at once, bytes when they are counted.
#include "governance/holdings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/messages.h"
#include "policy/company_testing.h"

namespace myelin::governance {
namespace {

using testing::HasSubstr;
using testing::Optional;

// Two topics of squad orders and one of billing; each partition's log has `bytes`.
class StoringEngine final : public engine::Engine {
 public:
  std::vector<engine::ApiRange> served() const override { return {}; }
  Result<void> replay_appends(const AppendSink&) const override { return {}; }
  Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    engine::Outcome outcome;
    outcome.response = std::holds_alternative<kafka::MetadataRequest>(request) ? metadata() : log_directories();
    reply(std::move(outcome));
  }
  std::map<std::string, int> partitions{{"shop.order", 3}, {"checkout.tries", 1}, {"__internal", 50}};
  std::int64_t bytes = 100;

 private:
  [[nodiscard]] kafka::Response metadata() const {
    kafka::MetadataResponse response;
    for (const auto& [name, count] : partitions) {
      auto& topic = response.topics.emplace_back();
      topic.name = name;
      topic.partitions.resize(static_cast<std::size_t>(count));
    }
    return response;
  }
  [[nodiscard]] kafka::Response log_directories() const {
    kafka::DescribeLogDirsResponse response;
    auto& directory = response.results.emplace_back();
    for (const auto& [name, count] : partitions) {
      auto& topic = directory.topics.emplace_back();
      topic.name = name;
      for (int number = 0; number < count; ++number) topic.partitions.emplace_back().partition_size = bytes;
    }
    return response;
  }
};

class HoldingsTest : public testing::Test {
 protected:
  static std::shared_ptr<const policy::Snapshot> snapshot_with(const std::function<void(model::Quota&)>& limit) {
    auto model = std::make_shared<model::Model>(policy::company());
    limit(model->policy.default_quota);
    return policy::Snapshot::build(std::move(model), {});
  }
  StoringEngine engine_;
  Holdings holdings_;
};

TEST_F(HoldingsTest, NewPartitionsCountAtOnceUntilTheQuotaIsFull) {
  const auto snapshot = snapshot_with([](model::Quota& quota) { quota.partitions_max = 6; });
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  // Squad orders has 3 + 1.
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "shop.order", 4), std::nullopt);
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "shop.order", 4), std::nullopt);
  EXPECT_THAT(holdings_.take_partitions(*snapshot, "shop.cart", 2),
              Optional(HasSubstr("squad \"orders\" has 5 partitions, 2 more are asked for, and its quota allows 6")));
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "shop.cart", 1), std::nullopt);
  // Nobody owns it, so nobody's quota counts it.
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "else.where", 1'000), std::nullopt);
}

TEST_F(HoldingsTest, WhatIsGoneIsFreeAfterTheNextCount) {
  const auto snapshot = snapshot_with([](model::Quota& quota) { quota.partitions_max = 4; });
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  EXPECT_NE(holdings_.take_partitions(*snapshot, "shop.cart", 1), std::nullopt);
  engine_.partitions.erase("checkout.tries");
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "shop.cart", 1), std::nullopt);
}

TEST_F(HoldingsTest, ASquadIsFullFromItsLastByteOn) {
  const auto snapshot = snapshot_with([](model::Quota& quota) { quota.storage_bytes_max = 400; });
  engine_.bytes = 99;
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  EXPECT_EQ(holdings_.why_full(*snapshot, "shop.order"), std::nullopt);
  engine_.bytes = 100;
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  EXPECT_THAT(holdings_.why_full(*snapshot, "shop.cart"),
              Optional(HasSubstr("squad \"orders\" has 400 bytes in its topics' logs and its quota allows 400")));
  EXPECT_EQ(holdings_.why_full(*snapshot, "else.where"), std::nullopt);
}

TEST_F(HoldingsTest, BytesThatCannotBeToldFillNobody) {
  const auto snapshot = snapshot_with([](model::Quota& quota) { quota.storage_bytes_max = 1; });
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, false).has_value());
  EXPECT_EQ(holdings_.why_full(*snapshot, "shop.order"), std::nullopt);
}

TEST_F(HoldingsTest, WithoutAQuotaNothingIsAsked) {
  const auto snapshot = snapshot_with([](model::Quota&) {});
  ASSERT_TRUE(holdings_.count(engine_, *snapshot, true).has_value());
  EXPECT_EQ(holdings_.take_partitions(*snapshot, "shop.order", 100'000), std::nullopt);
}

}  // namespace
}  // namespace myelin::governance
