#include "engine/broker/topic_catalogue.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "storage/executor.h"
#include "storage/memory_file_system.h"

namespace myelin::engine::broker {
namespace {

constexpr std::chrono::days kMemory{400};

// A catalogue over a log directory, as after a start of the broker.
struct Started {
  std::unique_ptr<storage::LogDirectory> logs;
  std::unique_ptr<TopicCatalogue> catalogue;
};

class Catalogue : public testing::Test {
 protected:
  Result<Started> try_start(storage::FileSystem& files) {
    Started started;
    storage::LogDirectoryOptions options;
    options.background_housekeeping = false;
    auto logs = storage::LogDirectory::open("data", files, clock_, executor_, options);
    if (!logs) return pass(logs);
    started.logs = *std::move(logs);
    auto catalogue = TopicCatalogue::open(files, "data/state", clock_, kMemory);
    if (!catalogue) return pass(catalogue);
    started.catalogue = *std::move(catalogue);
    auto attached = started.catalogue->attach(*started.logs);
    if (!attached) return pass(attached);
    return started;
  }
  Started start(storage::FileSystem& files) {
    auto started = try_start(files);
    EXPECT_TRUE(started) << started.error().message;
    CHECK(started.has_value());
    return *std::move(started);
  }

  ManualClock clock_;
  storage::QueuedExecutor executor_;
  storage::MemoryFileSystem files_;
};

TEST_F(Catalogue, KeepsTheClusterIdOverStarts) {
  const Uuid first = start(files_).catalogue->cluster_id();
  EXPECT_FALSE(first.is_zero());
  EXPECT_EQ(start(files_).catalogue->cluster_id(), first);
}

TEST_F(Catalogue, FindsACreatedTopicAgainAfterAStart) {
  TopicId id;
  {
    auto started = start(files_);
    const auto made = started.catalogue->create({{TopicName("orders"), 3, {{"retention.ms", "5"}}}});
    ASSERT_TRUE(made.front());
    id = (*made.front())->id;
  }
  const auto started = start(files_);
  const auto topics = started.catalogue->snapshot();
  const Topic* topic = topics->find("orders");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->id, id);
  EXPECT_EQ(topic->partitions.size(), 3U);
  EXPECT_EQ(topic->log_config.retention_ms, 5);
  EXPECT_EQ(topics->find(id), topic);
}

TEST_F(Catalogue, RefusesANameThatExists) {
  auto started = start(files_);
  ASSERT_TRUE(started.catalogue->create({{TopicName("orders"), 1, {}}}).front());
  const auto again = started.catalogue->create({{TopicName("orders"), 1, {}}, {TopicName("stock"), 1, {}}});
  ASSERT_FALSE(again[0]);
  EXPECT_EQ(again[0].error().code, Code::Exists);
  EXPECT_TRUE(again[1]);
}

TEST_F(Catalogue, GivesANewIdWhenATopicIsMadeAgain) {
  auto started = start(files_);
  const TopicId first = (*started.catalogue->create({{TopicName("orders"), 1, {}}}).front())->id;
  ASSERT_TRUE(started.catalogue->remove(std::span(&first, 1)));
  EXPECT_EQ(started.catalogue->snapshot()->find("orders"), nullptr);
  const auto second = started.catalogue->create({{TopicName("orders"), 1, {}}}).front();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE((*second)->id, first);
}

TEST_F(Catalogue, KnowsTheNameOfADeletedTopicAtOnceAndAfterAStart) {
  TopicId id;
  {
    auto started = start(files_);
    id = (*started.catalogue->create({{TopicName("orders"), 1, {}}}).front())->id;
    ASSERT_TRUE(started.catalogue->remove(std::span(&id, 1)));
    EXPECT_EQ(started.catalogue->names()->at(id), TopicName("orders"));
  }
  const auto started = start(files_);
  EXPECT_EQ(started.catalogue->names()->at(id), TopicName("orders"));
  EXPECT_EQ(started.catalogue->snapshot()->find("orders"), nullptr);
}

TEST_F(Catalogue, HasATopicWholeOrNotAtAllAfterAPowerCutAtAnyStepOfCreateAndDelete) {
  static_cast<void>(start(files_));
  bool finished = false;
  for (std::uint64_t nth = 1; !finished; ++nth) {
    storage::MemoryFileSystem files(files_);
    {
      auto started = start(files);
      files.set_fault(
          storage::DiskFault{.calls = {storage::DiskCall::Write, storage::DiskCall::Sync, storage::DiskCall::Truncate,
                                       storage::DiskCall::Rename, storage::DiskCall::Remove, storage::DiskCall::Create,
                                       storage::DiskCall::SyncDirectory},
                             .nth = nth,
                             .persistent = true});
      const auto made = started.catalogue->create({{TopicName("orders"), 2, {}}}).front();
      bool removed = false;
      if (made) {
        const TopicId id = (*made)->id;
        removed = started.catalogue->remove(std::span(&id, 1)).has_value();
      }
      finished = files.fault_calls() < nth;
      const auto disk = files.after_power_cut();
      auto again = try_start(*disk);
      ASSERT_TRUE(again) << nth << ": " << again.error().message;
      const auto topics = again->catalogue->snapshot();
      const Topic* topic = topics->find("orders");
      if (removed) EXPECT_EQ(topic, nullptr);
      if (topic != nullptr) EXPECT_EQ(topic->partitions.size(), 2U);
      EXPECT_EQ(again->logs->partitions().size(), topic ? 2U : 0U) << nth;
    }
    ASSERT_LT(nth, 500U);
  }
}

TEST_F(Catalogue, FindsAChangedTopicAgainAfterAStart) {
  {
    auto started = start(files_);
    const auto id = (*started.catalogue->create({{TopicName("orders"), 2, {{"retention.ms", "5"}}}}).front())->id;
    const auto changed = started.catalogue->change(id, 4, {{"max.message.bytes", "500"}});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ((*changed)->partition(0)->config().message_bytes_max, 500);
    EXPECT_EQ((*changed)->partition(3)->config().message_bytes_max, 500);
  }
  const auto disk = files_.after_power_cut();
  auto again = start(*disk);
  const auto topics = again.catalogue->snapshot();
  const Topic* topic = topics->find("orders");
  ASSERT_NE(topic, nullptr);
  EXPECT_EQ(topic->partitions.size(), 4U);
  EXPECT_EQ(topic->configs, (ConfigOverrides{{"max.message.bytes", "500"}}));
  EXPECT_EQ(topic->log_config.message_bytes_max, 500);
}

TEST_F(Catalogue, HasAChangeWholeOrNotAtAllAfterAPowerCutAtAnyStepOfIt) {
  for (std::uint64_t nth = 1, finished = 0; finished == 0; ++nth) {
    storage::MemoryFileSystem files;
    auto started = start(files);
    const auto id = (*started.catalogue->create({{TopicName("orders"), 2, {}}}).front())->id;
    files.set_fault(storage::DiskFault{.calls = {storage::DiskCall::Write, storage::DiskCall::Sync,
                                                 storage::DiskCall::Create, storage::DiskCall::SyncDirectory},
                                       .nth = nth,
                                       .persistent = true});
    const auto changed = started.catalogue->change(id, 4, {{"retention.ms", "5"}});
    finished = files.fault_calls() < nth ? 1 : 0;
    EXPECT_EQ(changed.has_value(), finished == 1) << nth;
    if (!changed) EXPECT_EQ(started.catalogue->snapshot()->find("orders")->partitions.size(), 2U);
    const auto disk = files.after_power_cut();
    auto again = try_start(*disk);
    ASSERT_TRUE(again) << nth << ": " << again.error().message;
    const auto topics = again->catalogue->snapshot();
    const Topic* topic = topics->find("orders");
    ASSERT_NE(topic, nullptr) << nth;
    const bool is_changed = topic->configs.contains("retention.ms");
    if (changed) EXPECT_TRUE(is_changed);
    EXPECT_EQ(topic->partitions.size(), is_changed ? 4U : 2U) << nth;
    EXPECT_EQ(again->logs->partitions().size(), topic->partitions.size()) << nth;
    ASSERT_LT(nth, 500U);
  }
}

TEST_F(Catalogue, DoesNotStartWhenAPartitionIsUnknownToIt) {
  {
    auto started = start(files_);
    ASSERT_TRUE(started.catalogue->create({{TopicName("orders"), 1, {}}}).front());
  }
  files_.cut_to("data/state/catalogue", 12);
  const auto started = try_start(files_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::Corrupt);
  EXPECT_NE(started.error().message.find("orders-0"), std::string::npos);
}

TEST_F(Catalogue, NeverReservesAProducerIdTwice) {
  {
    auto started = start(files_);
    EXPECT_EQ(started.catalogue->reserve_producer_ids(1000), 0);
    EXPECT_EQ(started.catalogue->reserve_producer_ids(1000), 1000);
  }
  const auto disk = files_.after_power_cut();
  EXPECT_EQ(start(*disk).catalogue->reserve_producer_ids(1000), 2000);
}

TEST_F(Catalogue, ShrinksWhenMostOfItIsHistoryAndForgetsOldNames) {
  TopicId forgotten;
  {
    auto started = start(files_);
    forgotten = (*started.catalogue->create({{TopicName("first"), 1, {}}}).front())->id;
    ASSERT_TRUE(started.catalogue->remove(std::span(&forgotten, 1)));
    for (int round = 0; round < 20'000; ++round) ASSERT_TRUE(started.catalogue->reserve_producer_ids(1));
    ASSERT_TRUE(started.catalogue->create({{TopicName("orders"), 1, {}}}).front());
  }
  clock_.advance(kMemory + std::chrono::days(1));
  const auto before = files_.content("data/state/catalogue").size();
  {
    auto started = start(files_);
    EXPECT_LT(files_.content("data/state/catalogue").size(), before / 100);
    EXPECT_NE(started.catalogue->snapshot()->find("orders"), nullptr);
    EXPECT_EQ(started.catalogue->reserve_producer_ids(1), 20'000);
  }
  EXPECT_FALSE(start(files_).catalogue->names()->contains(forgotten));
}

}  // namespace
}  // namespace myelin::engine::broker
