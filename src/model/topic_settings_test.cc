#include "model/topic_settings.h"

#include <gtest/gtest.h>

namespace myelin::model {
namespace {

std::string listed(const Topic& topic) {
  std::string text;
  for (const TopicSetting& setting : declared_settings(topic)) text += setting.name + "=" + setting.value + " ";
  return text;
}

TEST(TopicSettings, SaysNothingAboutWhatTheContractLeavesOpen) { EXPECT_EQ(listed(Topic{}), ""); }

TEST(TopicSettings, PutsWhatIsDeclaredInKafkasWords) {
  Topic topic;
  topic.durability = Durability::Interval;
  topic.retention = std::chrono::hours(2);
  EXPECT_EQ(listed(topic), "myelin.durability=interval retention.ms=7200000 ");
}

TEST(TopicSettings, CompactsAndDeletesWhereThereIsARetentionToo) {
  Topic topic;
  topic.compacted = true;
  EXPECT_EQ(listed(topic), "cleanup.policy=compact ");
  topic.retention = std::chrono::hours(1);
  EXPECT_EQ(listed(topic), "cleanup.policy=compact,delete retention.ms=3600000 ");
  topic.compacted = false;
  EXPECT_EQ(listed(topic), "cleanup.policy=delete retention.ms=3600000 ");
}

TEST(TopicSettings, TakesListsInAnyOrderForTheSame) {
  EXPECT_TRUE(same_setting("compact,delete", "delete, compact"));
  EXPECT_FALSE(same_setting("compact", "compact,delete"));
  EXPECT_FALSE(same_setting("7200000", "72000000"));
}

}  // namespace
}  // namespace myelin::model
