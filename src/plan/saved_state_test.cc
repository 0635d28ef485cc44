#include "plan/saved_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/json_writer.h"

namespace myelin::plan {
namespace {

using testing::HasSubstr;

SavedState example() {
  SavedState state;
  state.revision = 7;
  state.documents = {{"grants/one.yaml", "id: one\n# ä \"quoted\"\r\n"}};
  state.settings.authorise = policy::Authorise::Report;
  state.settings.undeclared_topics = model::UndeclaredTopics::Report;
  state.settings.platform_principals = {PrincipalName("petra")};
  policy::DirectGrants grants(1);
  grants.front().right = {PrincipalName("till"), model::RightResource::Group, "pos", true, model::RightOperation::Read};
  grants.front().made_by = PrincipalName("petra");
  state.settings.made_grants = std::make_shared<const policy::DirectGrants>(grants);
  state.live.topics[TopicName("shop.order")] = {3, {{"retention.ms", "1000"}}};
  state.live.uses = {{PrincipalName("till"), TopicName("shop.order"), policy::Operation::Write,
                      from_unix_milliseconds(1'790'000'000'123), 512}};
  state.live.tallies["old-clients"] = {14, 2, from_unix_milliseconds(1'789'000'000'000)};
  state.live.now = from_unix_milliseconds(1'790'000'001'000);
  return state;
}

TEST(SavedState, IsReadAsItWasWritten) {
  const auto written = document::json(to_node(example()));
  const auto read = read_saved_state(written);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(document::json(to_node(*read)), written);
  EXPECT_EQ(read->revision, 7U);
  EXPECT_EQ(read->documents.front().text, "id: one\n# ä \"quoted\"\r\n");
  EXPECT_EQ(read->settings.platform_principals.front().text(), "petra");
  EXPECT_EQ(read->settings.made_grants->front().right, example().settings.made_grants->front().right);
  EXPECT_EQ(read->live.topics.at(TopicName("shop.order")).settings.at("retention.ms"), "1000");
  EXPECT_EQ(read->live.uses.front().last_seen, example().live.uses.front().last_seen);
  const auto& counted = read->live.tallies.at("old-clients");
  EXPECT_EQ(counted.times, 14U);
  EXPECT_EQ(counted.squads, 2U);
  EXPECT_EQ(unix_milliseconds(counted.since), 1'789'000'000'000);
}

TEST(SavedState, SaysWhatIsMissingOrWrong) {
  auto node = to_node(example());
  for (const std::string member : {"revision", "saved_at", "settings", "topics", "uses", "documents"}) {
    auto broken = node;
    std::erase_if(broken.members, [&](const auto& one) { return one.key == member; });
    const auto read = read_saved_state(document::json(broken));
    ASSERT_FALSE(read.has_value()) << member;
    EXPECT_THAT(read.error().message, HasSubstr(member));
  }
}

TEST(SavedState, ThatWasSavedBeforeRulesWereCountedHasNoCounts) {
  auto node = to_node(example());
  std::erase_if(node.members, [](const auto& one) { return one.key == "rule_counts"; });
  const auto read = read_saved_state(document::json(node));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_TRUE(read->live.tallies.empty());
}

TEST(SavedState, OfANewerVersionOrNoneIsRefused) {
  EXPECT_THAT(read_saved_state("{}").error().message, HasSubstr("no saved state"));
  EXPECT_THAT(read_saved_state(R"({"myelin_state": 2})").error().message, HasSubstr("of version 2"));
  EXPECT_FALSE(read_saved_state("[").has_value());
  EXPECT_FALSE(read_saved_state("").has_value());
}

}  // namespace
}  // namespace myelin::plan
