#include "governance/topic_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::governance {
namespace {

using testing::HasSubstr;

model::Topic declared() {
  model::Topic topic;
  topic.name = TopicName("shop.price");
  topic.contract = "price";
  topic.place = {"contracts/price.odcs.yaml", {7, 19}};
  topic.partitions = 6;
  topic.durability = model::Durability::Os;
  topic.retention = std::chrono::hours(1);
  topic.compacted = true;
  return topic;
}

AskedTopic asked(std::int32_t partitions, std::map<std::string, std::optional<std::string>> configs = {}) {
  AskedTopic topic;
  topic.name = "shop.price";
  topic.num_partitions = partitions;
  for (auto& [name, value] : configs) {
    auto& config = topic.configs.emplace_back();
    config.name = name;
    config.value = value;
  }
  return topic;
}

std::string text_of(const AskedTopic& topic) {
  std::string text = std::to_string(topic.num_partitions);
  for (const auto& config : topic.configs) text += " " + config.name + "=" + config.value.value_or("null");
  return text;
}

TEST(AgreeWithContract, TakesWhatTheRequestLeavesOpenFromTheContract) {
  auto request = asked(-1, {{"segment.bytes", "1048576"}});
  EXPECT_EQ(agree_with_contract(declared(), request), std::nullopt);
  EXPECT_EQ(text_of(request),
            "6 segment.bytes=1048576 cleanup.policy=compact,delete myelin.durability=os retention.ms=3600000");
}

TEST(AgreeWithContract, LeavesAloneARequestThatSaysTheSame) {
  const std::map<std::string, std::optional<std::string>> same{
      {"cleanup.policy", "delete, compact"}, {"myelin.durability", "os"}, {"retention.ms", "3600000"}};
  auto request = asked(6, same);
  EXPECT_EQ(agree_with_contract(declared(), request), std::nullopt);
  EXPECT_EQ(text_of(request), text_of(asked(6, same)));
}

TEST(AgreeWithContract, RefusesAnotherNumberOfPartitionsAndSaysWhatTheContractSays) {
  auto request = asked(4);
  const auto why = agree_with_contract(declared(), request);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("contract price (contracts/price.odcs.yaml:7:19) says partitions=6 for topic shop.price, "
                              "this request says 4"));
  EXPECT_EQ(text_of(request), "4") << "a refused request is not touched";
}

TEST(AgreeWithContract, CountsTheAssignmentsOfARequestThatPlacesItsPartitionsItself) {
  auto request = asked(-1);
  request.assignments.resize(5);
  EXPECT_THAT(agree_with_contract(declared(), request).value_or(""), HasSubstr("says 5"));
  request.assignments.resize(6);
  EXPECT_EQ(agree_with_contract(declared(), request), std::nullopt);
  EXPECT_EQ(request.num_partitions, -1) << "an assignment excludes a number";
}

TEST(AgreeWithContract, RefusesAnotherValueOfEachSettingThatTheContractDeclares) {
  for (const auto& [name, value] : std::map<std::string, std::optional<std::string>>{
           {"cleanup.policy", "delete"}, {"myelin.durability", "synced"}, {"retention.ms", "-1"}}) {
    auto request = asked(-1, {{name, value}});
    EXPECT_THAT(agree_with_contract(declared(), request).value_or(""), HasSubstr(name + "=")) << name;
  }
  auto null = asked(-1, {{"retention.ms", std::nullopt}});
  EXPECT_THAT(agree_with_contract(declared(), null).value_or(""), HasSubstr("this request says nothing"));
}

TEST(AgreeWithContract, LeavesEverythingToTheRequestWhereTheContractSaysNothing) {
  model::Topic open;
  auto request = asked(3, {{"retention.ms", "5"}});
  EXPECT_EQ(agree_with_contract(open, request), std::nullopt);
  EXPECT_EQ(text_of(request), "3 retention.ms=5");
}

TEST(FirstUse, BeginsAsTheContractSays) {
  const auto first_use = first_use_of(declared());
  EXPECT_EQ(first_use.partitions, 6);
  EXPECT_EQ(first_use.configs.at("retention.ms"), "3600000");
  EXPECT_EQ(first_use.configs.size(), 3U);
}

TEST(Differences, AreWhatIsNotAsTheContractSaysAndNothingElse) {
  EXPECT_TRUE(differences(declared(), 6,
                          {{"cleanup.policy", "compact,delete"},
                           {"myelin.durability", "os"},
                           {"retention.ms", "3600000"},
                           {"segment.bytes", "1"}})
                  .empty());
  const auto found = differences(declared(), 4, {{"cleanup.policy", "delete"}, {"retention.ms", "3600000"}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].setting + found[0].declared + found[0].found, "partitions64");
  EXPECT_EQ(found[1].setting + " " + found[1].found, "cleanup.policy delete");
  EXPECT_EQ(found[2].setting + " " + found[2].found, "myelin.durability ") << "the engine does not know it";
}

TEST(Contradicts, IsSaidOfAnotherNumberOfPartitions) {
  EXPECT_EQ(contradicts_partitions(declared(), 6), std::nullopt);
  EXPECT_THAT(contradicts_partitions(declared(), 7).value_or(""), HasSubstr("says partitions=6"));
  auto open = declared();
  open.partitions.reset();
  EXPECT_EQ(contradicts_partitions(open, 7), std::nullopt);
}

TEST(Contradicts, IsSaidOfASettingThatTheContractGives) {
  EXPECT_EQ(contradicts_setting(declared(), "retention.ms", "3600000"), std::nullopt);
  EXPECT_THAT(contradicts_setting(declared(), "retention.ms", "1").value_or(""), HasSubstr("this request says 1"));
  EXPECT_THAT(contradicts_setting(declared(), "retention.ms", std::nullopt).value_or(""), HasSubstr("its default"));
  EXPECT_EQ(contradicts_setting(declared(), "segment.bytes", "1048576"), std::nullopt);
}

TEST(Contradicts, IsSaidOfSettingsThatLeaveOutWhatTheContractGives) {
  const std::map<std::string, std::optional<std::string>> all{{"cleanup.policy", "compact,delete"},
                                                              {"myelin.durability", "os"},
                                                              {"retention.ms", "3600000"},
                                                              {"flush.ms", "5"}};
  EXPECT_EQ(contradicts_settings(declared(), all), std::nullopt);
  auto without = all;
  without.erase("retention.ms");
  EXPECT_THAT(contradicts_settings(declared(), without).value_or(""), HasSubstr("retention.ms=3600000"));
}

}  // namespace
}  // namespace myelin::governance
