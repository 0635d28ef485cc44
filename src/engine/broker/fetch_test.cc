// Fetches of what is not in memory: read by a job, and never by the thread that brought the request or new records.
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "engine/broker/stepped_broker.h"

namespace myelin::engine::broker {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t kVersion = 11;
constexpr auto kLateness = 16ms;  // of a poll that ends without records, at most
const std::string kColdLog = "data/log/orders-0/00000000000000000000.log";

// Two partitions with a record at offset 0 and one at 1, each a batch. New records are visible in the call that writes
// them. Nothing is known of where the batches lie, so reading from offset 1 on begins with the header at 0.
class ColdFetch : public testing::Test {
 protected:
  ColdFetch() {
    auto topic = creation("orders", 2);
    auto& durability = topic.topics[0].configs.emplace_back();
    durability.name = "myelin.durability";
    durability.value = "os";
    EXPECT_EQ(broker.ask<kafka::CreateTopicsResponse>(topic, 7).topics[0].error_code, 0);
    for (const std::int32_t partition : {0, 0, 1, 1}) produce(partition);
    files.evict(kColdLog);
  }

  void produce(std::int32_t partition) {
    const auto answers = broker.begin(production("orders", partition), 9);
    ASSERT_EQ(answers->size(), 1U);
    const auto& part = std::get<kafka::ProduceResponse>((*answers)[0].response).responses[0].partition_responses[0];
    ASSERT_EQ(part.error_code, 0);
  }

  static std::int64_t batch_bytes() {
    return static_cast<std::int64_t>(payload_size(*production("orders").topic_data[0].partition_data[0].records));
  }

  // From offset 1 on.
  static kafka::FetchRequest fetch(std::vector<std::int32_t> partitions, std::int64_t min_bytes,
                                   std::chrono::milliseconds wait) {
    kafka::FetchRequest request;
    request.max_wait_ms = static_cast<std::int32_t>(wait.count());
    request.min_bytes = static_cast<std::int32_t>(min_bytes);
    request.max_bytes = 1 << 20;
    request.session_id = 0;
    request.session_epoch = -1;
    auto& topic = request.topics.emplace_back();
    topic.topic = "orders";
    for (const auto partition : partitions) {
      auto& asked = topic.partitions.emplace_back();
      asked.partition = partition;
      asked.fetch_offset = 1;
      asked.partition_max_bytes = 1 << 20;
    }
    return request;
  }

  // "partition: error, batches" of every part of the only answer.
  static std::vector<std::string> parts_of(const SteppedBroker::Answers& answers) {
    EXPECT_EQ(answers->size(), 1U);
    std::vector<std::string> parts;
    if (answers->empty()) return parts;
    for (const auto& part : std::get<kafka::FetchResponse>((*answers)[0].response).responses[0].partitions) {
      const auto bytes = part.records ? static_cast<std::int64_t>(payload_size(*part.records)) : 0;
      parts.push_back(fmt::format("{}: {}, {}", part.partition_index, part.error_code, bytes / batch_bytes()));
    }
    return parts;
  }

  using Parts = std::vector<std::string>;
  storage::MemoryFileSystem files;
  SteppedBroker broker{files};
};

TEST_F(ColdFetch, IsAnsweredOnceAndWholeWhenTheColdPartHasBeenRead) {
  for (const auto& partitions : {std::vector{0, 1}, std::vector{1, 0}}) {
    files.evict(kColdLog);
    auto request = fetch(partitions, 1, 1s);
    request.max_bytes = static_cast<std::int32_t>(2 * batch_bytes());  // room for both and no more
    const auto answers = broker.begin(request, kVersion);
    EXPECT_TRUE(answers->empty()) << "the warm partition alone is no answer";
    EXPECT_FALSE(files.is_cached(kColdLog)) << "nobody waited for the disk yet";
    broker.settle();
    EXPECT_EQ(parts_of(answers),
              (Parts{fmt::format("{}: 0, 1", partitions[0]), fmt::format("{}: 0, 1", partitions[1])}));
  }
}

TEST_F(ColdFetch, GoesOnWaitingWhenTheColdPartIsNotEnough) {
  const auto answers = broker.begin(fetch({0}, 2 * batch_bytes(), 1s), kVersion);
  broker.settle();
  EXPECT_TRUE(answers->empty());
  produce(0);
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 2"}));
}

TEST_F(ColdFetch, ThatWaitedIsNotReadFromTheDiskByWhoeverAppends) {
  const auto answers = broker.begin(fetch({0, 1}, 3 * batch_bytes(), 1s), kVersion);
  broker.settle();
  files.evict(kColdLog);
  produce(0);
  EXPECT_TRUE(answers->empty());
  EXPECT_FALSE(files.is_cached(kColdLog));
  broker.settle();
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 2", "1: 0, 1"}));
}

TEST_F(ColdFetch, WhoseTimeIsUpWhileTheDiskIsReadIsAnsweredAfterIt) {
  const auto answers = broker.begin(fetch({0, 1}, 1 << 20, 1s), kVersion);
  broker.settle();
  files.evict(kColdLog);
  produce(0);
  produce(1);
  broker.pass_time(1s + kLateness);
  EXPECT_TRUE(answers->empty());
  EXPECT_FALSE(files.is_cached(kColdLog));
  broker.settle();
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 2", "1: 0, 2"}));
}

TEST_F(ColdFetch, IsAnsweredBeforeTheBrokerCloses) {
  const auto answers = broker.begin(fetch({0}, 1, 1s), kVersion);
  ASSERT_TRUE(answers->empty());
  ASSERT_TRUE(broker->close());
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 1"}));
}

// A caller that keeps the time, when the test says so.
struct CallersClock {
  auto run_after() {
    return [this](std::chrono::milliseconds delay, std::move_only_function<void()> what) {
      asked = delay;
      task = std::move(what);
    };
  }
  std::chrono::milliseconds asked{0};
  std::move_only_function<void()> task;
};

class WaitingFetch : public ColdFetch {
 protected:
  // Where nothing is yet: from offset 2 on.
  static kafka::FetchRequest fetch_of_news() {
    auto request = fetch({0, 1}, 1, 700ms);
    for (auto& asked : request.topics[0].partitions) asked.fetch_offset = 2;
    return request;
  }
  CallersClock clock;
};

TEST_F(WaitingFetch, EndsByTheCallersClock) {
  const auto answers = broker.begin(fetch_of_news(), kVersion, clock.run_after());
  broker.settle();
  EXPECT_GE(clock.asked, 700ms);
  EXPECT_LE(clock.asked, 700ms + kLateness);
  broker.pass_time(1s);
  EXPECT_TRUE(answers->empty()) << "the broker's own clock does not count";
  clock.task();
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 0", "1: 0, 0"}));
}

// One wake-up of a thread answers many readers.
TEST_F(WaitingFetch, EndsTogetherWithOthersOfAboutTheSameTime) {
  std::set<int> together;
  for (int begun = 0; begun < 32; ++begun) {
    const auto answers = broker.begin(fetch_of_news(), kVersion, clock.run_after());
    together.insert(begun + static_cast<int>(clock.asked.count()));
    clock.task = nullptr;
    broker.pass_time(1ms);
  }
  EXPECT_LE(together.size(), 3U) << "32 that began within 32 ms";
}

TEST_F(WaitingFetch, LastsAQuarterLongerAtMost) {
  for (int begun = 0; begun < 8; ++begun) {
    auto request = fetch_of_news();
    request.max_wait_ms = 8;
    const auto answers = broker.begin(request, kVersion, clock.run_after());
    EXPECT_GE(clock.asked, 8ms);
    EXPECT_LE(clock.asked, 10ms);
    clock.task = nullptr;
    broker.pass_time(1ms);
  }
}

TEST_F(WaitingFetch, IsAnsweredByNewRecordsBefore) {
  const auto answers = broker.begin(fetch_of_news(), kVersion, clock.run_after());
  broker.settle();
  produce(1);
  EXPECT_EQ(parts_of(answers), (Parts{"0: 0, 0", "1: 0, 1"}));
  clock.task();
  clock.task = nullptr;
  EXPECT_EQ(answers->size(), 1U);
}

TEST_F(WaitingFetch, IsOverWhenItsReaderLeaves) {
  const auto answers = broker.begin(fetch_of_news(), kVersion, clock.run_after());
  broker.settle();
  clock.task = nullptr;
  EXPECT_EQ(answers->size(), 1U) << "whoever is told has gone";
  produce(0);
  EXPECT_EQ(answers->size(), 1U);
}

}  // namespace
}  // namespace myelin::engine::broker
