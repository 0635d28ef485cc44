#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "governance/questions.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

// One topic "orders" with ten records, and one group "readers" that has read four of them. `broken` answers with an
// error in the place where that API has one.
class SmallEngine final : public engine::Engine {
 public:
  std::vector<engine::ApiRange> served() const override { return {}; }
  Result<void> replay_appends(const AppendSink&) const override { return {}; }
  Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    const auto key = kafka::key_of(request);
    engine::Outcome outcome;
    outcome.response = answer(key, key == broken ? code : std::int16_t{0});
    reply(std::move(outcome));
  }

  std::optional<kafka::ApiKey> broken;
  std::int16_t code = code_of(ErrorCode::CoordinatorNotAvailable);

 private:
  static kafka::Response answer(kafka::ApiKey key, std::int16_t code) {
    using enum kafka::ApiKey;
    switch (key) {
      case Metadata:
        return metadata();
      case DescribeConfigs:
        return configs(code);
      case ListGroups:
        return groups(code);
      case DescribeGroups:
        return description(code);
      case OffsetFetch:
        return commits(code);
      default:
        return ends(code);
    }
  }
  static kafka::Response metadata() {
    kafka::MetadataResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back();
    return response;
  }
  static kafka::Response configs(std::int16_t code) {
    kafka::DescribeConfigsResponse response;
    auto& result = response.results.emplace_back();
    result.error_code = code;
    result.resource_name = "orders";
    if (code != 0) return response;
    auto& config = result.configs.emplace_back();
    config.name = "myelin.durability";
    config.value = "synced";
    return response;
  }
  static kafka::Response groups(std::int16_t code) {
    kafka::ListGroupsResponse response;
    response.error_code = code;
    if (code == 0) response.groups.emplace_back().group_id = "readers";
    return response;
  }
  static kafka::Response description(std::int16_t code) {
    kafka::DescribeGroupsResponse response;
    auto& group = response.groups.emplace_back();
    group.error_code = code;
    group.group_id = "readers";
    if (code == 0) group.group_state = "Stable";
    return response;
  }
  static kafka::Response commits(std::int16_t code) {
    kafka::OffsetFetchResponse response;
    response.error_code = code;
    if (code != 0) return response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back().committed_offset = 4;
    return response;
  }
  static kafka::Response ends(std::int16_t code) {
    kafka::ListOffsetsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "orders";
    auto& partition = topic.partitions.emplace_back();
    partition.error_code = code;
    partition.offset = code == 0 ? 10 : -1;
    return response;
  }
};

class InventoryTest : public testing::Test {
 protected:
  static policy::Settings everything_allowed() {
    policy::Settings settings;
    settings.dev_mode = true;
    return settings;
  }

  const PrincipalName ada_{"ada"};
  ManualClock clock_;
  engine::MemoryInternalLog log_;
  SmallEngine engine_;
  DurableState state_ = DurableState::open(log_, engine_, clock_).value();
  PolicyHolder policy_{std::make_shared<const model::Model>(), everything_allowed()};
  Questions questions_{engine_, policy_, *state_.quotas, *state_.measurement, *state_.audit, clock_};
};

TEST_F(InventoryTest, AGroupIsToldWithItsStateItsCommitsAndItsLag) {
  const auto groups = questions_.groups(ada_);
  ASSERT_TRUE(groups) << groups.error().message;
  ASSERT_EQ(groups->size(), 1U);
  EXPECT_EQ(groups->front().state, "Stable");
  EXPECT_EQ(groups->front().lag, 6);
  ASSERT_EQ(groups->front().partitions.size(), 1U);
  EXPECT_EQ(groups->front().partitions[0].committed, 4);
  EXPECT_EQ(groups->front().partitions[0].end, 10);
}

// An outage that begins between two questions must not look like a group that has read everything.
TEST_F(InventoryTest, GroupsAreUnavailableWhicheverOfTheQuestionsAboutThemFails) {
  using enum kafka::ApiKey;
  for (const auto key : {ListGroups, OffsetFetch, DescribeGroups, ListOffsets}) {
    engine_.broken = key;
    const auto groups = questions_.groups(ada_);
    ASSERT_FALSE(groups) << kafka::api_name(key);
    EXPECT_EQ(groups.error().code, Code::Unavailable) << kafka::api_name(key);
    EXPECT_NE(groups.error().message.find("/readyz"), std::string::npos) << groups.error().message;
  }
}

TEST_F(InventoryTest, APartitionThatIsGoneHasNoEndAndNoLag) {
  engine_.broken = kafka::ApiKey::ListOffsets;
  engine_.code = code_of(ErrorCode::UnknownTopicOrPartition);
  const auto groups = questions_.groups(ada_);
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_EQ(groups->front().partitions[0].end, -1);
  EXPECT_EQ(groups->front().lag, 0);
}

TEST_F(InventoryTest, WhetherTopicsAreAsTheirContractsSayIsNotGuessed) {
  model::Model model;
  auto& declared = model.topics[TopicName("orders")];
  declared.name = TopicName("orders");
  declared.owner = SquadName("shop");
  model.squads[declared.owner].name = declared.owner;
  declared.partitions = 1;
  declared.durability = model::Durability::Synced;
  PolicyHolder policy(std::make_shared<const model::Model>(std::move(model)), everything_allowed());
  const Questions questions(engine_, policy, *state_.quotas, *state_.measurement, *state_.audit, clock_);
  EXPECT_TRUE(questions.contract_differences().value().empty());
  engine_.broken = kafka::ApiKey::DescribeConfigs;
  engine_.code = code_of(ErrorCode::RequestTimedOut);
  EXPECT_EQ(questions.contract_differences().error().code, Code::Unavailable);
  engine_.code = code_of(ErrorCode::UnknownTopicOrPartition);
  EXPECT_TRUE(questions.contract_differences().value().empty());
}

TEST_F(InventoryTest, TopicsAreUnavailableWhenTheirSettingsAre) {
  EXPECT_EQ(questions_.topics(ada_).value()[0].durability, "synced");
  engine_.broken = kafka::ApiKey::DescribeConfigs;
  engine_.code = code_of(ErrorCode::RequestTimedOut);
  const auto topics = questions_.topics(ada_);
  ASSERT_FALSE(topics);
  EXPECT_EQ(topics.error().code, Code::Unavailable);
}

}  // namespace
}  // namespace myelin::governance
