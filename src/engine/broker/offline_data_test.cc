#include "engine/broker/offline_data.h"

#include <gtest/gtest.h>

#include "storage/memory_file_system.h"

namespace myelin::engine::broker {
namespace {

class OfflineDataTest : public testing::Test {
 protected:
  void open() {
    data.reset();
    auto opened = OfflineData::open("data", files, clock, pool);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    data = *std::move(opened);
  }
  void SetUp() override { open(); }

  static OfflineData::Commits commit_of(std::int64_t offset) {
    groups::CommittedOffset committed;
    committed.offset = offset;
    committed.metadata = "note";
    committed.committed_at = from_unix_milliseconds(1'700'000'000'000);
    return {{groups::OffsetKey{GroupName("readers"), TopicName("orders"), 0}, committed}};
  }

  storage::MemoryFileSystem files;
  ManualClock clock;
  storage::StoragePool pool;
  std::unique_ptr<OfflineData> data;
  const TopicId id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAQ").value();
  const TopicId other = Uuid::parse("AAAAAAAAQACAAAAAAAAAAg").value();
};

TEST_F(OfflineDataTest, MakesATopicUnderTheIdThatItHasElsewhere) {
  const auto made = data->ensure({TopicName("orders"), 2, {{"retention.ms", "-1"}}, id});
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ((*made)->id, id);
  ASSERT_TRUE(data->close().has_value());
  open();
  ASSERT_EQ(data->topics().size(), 1U);
  EXPECT_EQ(data->topics().front()->id, id);
  EXPECT_EQ(data->topics().front()->partitions.size(), 2U);
}

TEST_F(OfflineDataTest, GivesATopicWhatItGotElsewhereSince) {
  ASSERT_TRUE(data->ensure({TopicName("orders"), 2, {{"retention.ms", "-1"}}, id}).has_value());
  const auto changed = data->ensure({TopicName("orders"), 3, {{"retention.ms", "7"}}, id});
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  EXPECT_EQ((*changed)->partitions.size(), 3U);
  EXPECT_EQ((*changed)->configs, (ConfigOverrides{{"retention.ms", "7"}}));
  EXPECT_EQ((*changed)->id, id);
}

TEST_F(OfflineDataTest, TakesNoOtherTopicForTheOneOfThatName) {
  ASSERT_TRUE(data->ensure({TopicName("orders"), 1, {}, id}).has_value());
  EXPECT_EQ(data->ensure({TopicName("orders"), 1, {}, other}).error().code, Code::Exists);
  EXPECT_TRUE(data->ensure({TopicName("orders"), 1, {}}).has_value());
}

TEST_F(OfflineDataTest, KeepsTheLatestOffsetOfAGroup) {
  ASSERT_TRUE(data->commit(commit_of(4)).has_value());
  ASSERT_TRUE(data->commit(commit_of(9)).has_value());
  ASSERT_TRUE(data->close().has_value());
  open();
  EXPECT_EQ(data->committed().value(), commit_of(9));
}

TEST_F(OfflineDataTest, GivesNoProducerIdThatIsTakenElsewhere) {
  ASSERT_TRUE(data->reserve_producer_ids_below(5'000'000'000).has_value());
  EXPECT_EQ(data->next_producer_id().value(), 5'000'000'000);
  ASSERT_TRUE(data->reserve_producer_ids_below(7).has_value());
  EXPECT_EQ(data->next_producer_id().value(), 5'000'000'000);
  open();
  EXPECT_EQ(data->next_producer_id().value(), 5'000'000'000);
}

}  // namespace
}  // namespace myelin::engine::broker
