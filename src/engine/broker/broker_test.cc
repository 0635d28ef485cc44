// What the broker alone promises: its state after a power cut, its internal log, its memory of appends.
#include "engine/broker/broker.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "engine/broker/stepped_broker.h"

namespace myelin::engine::broker {
namespace {

std::int64_t next_producer_id(SteppedBroker& broker) {
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  return broker.ask<kafka::InitProducerIdResponse>(request, 4).producer_id;
}

TEST(Broker, NeverRepeatsAProducerIdAfterAPowerCut) {
  storage::MemoryFileSystem files;
  std::int64_t last = 0;
  {
    SteppedBroker broker(files);
    EXPECT_EQ(next_producer_id(broker), 0);
    last = next_producer_id(broker);
  }
  const auto disk = files.after_power_cut();
  SteppedBroker again(*disk);
  EXPECT_GT(next_producer_id(again), last);
}

TEST(Broker, RemembersAppendsOfADeletedTopicUnderItsName) {
  storage::MemoryFileSystem files;
  {
    SteppedBroker broker(files);
    ASSERT_EQ(broker.ask<kafka::CreateTopicsResponse>(creation("orders"), 7).topics[0].error_code, 0);
    const auto produced = broker.ask<kafka::ProduceResponse>(production("orders"), 9);
    ASSERT_EQ(produced.responses[0].partition_responses[0].error_code, 0);
    kafka::DeleteTopicsRequest removal;
    removal.topic_names.emplace_back("orders");
    ASSERT_EQ(broker.ask<kafka::DeleteTopicsResponse>(removal, 5).responses[0].error_code, 0);
  }
  const auto disk = files.after_power_cut();
  SteppedBroker again(*disk);
  std::vector<std::pair<std::string, std::string>> seen;
  ASSERT_TRUE(again->replay_appends([&](const Attribution& who, const AppendFact& fact) {
    seen.emplace_back(who.principal.text(), fact.topic.text());
  }));
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::string>>{{"orders", "orders"}}));
}

TEST(Broker, KeepsInternalRecordsThroughAPowerCutAndOutOfTheAppends) {
  const TopicName topic("__myelin_state");
  storage::MemoryFileSystem files;
  {
    SteppedBroker broker(files);
    ASSERT_TRUE(broker->open(topic, InternalCleanup::KeepLatestPerKey));
    std::optional<Result<void>> durable;
    broker->append(topic, {{"a", "1", {}}, {"b", std::nullopt, {}}}, [&](Result<void> done) { durable = done; });
    broker.settle();
    ASSERT_TRUE(durable.has_value() && durable->has_value());
  }
  const auto disk = files.after_power_cut();
  SteppedBroker again(*disk);
  std::vector<std::pair<std::string, std::optional<std::string>>> seen;
  ASSERT_TRUE(again->replay(topic, [&](const InternalRecord& record) { seen.emplace_back(record.key, record.value); }));
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::optional<std::string>>>{{"a", "1"}, {"b", std::nullopt}}));
  int appends = 0;
  ASSERT_TRUE(again->replay_appends([&](const Attribution&, const AppendFact&) { ++appends; }));
  EXPECT_EQ(appends, 0);
}

TEST(Broker, DoesNotStartOverADamagedCatalogue) {
  storage::MemoryFileSystem files;
  {
    const SteppedBroker broker(files);
  }
  files.flip_bit("data/state/catalogue", 0);
  ManualClock clock;
  storage::QueuedExecutor executor;
  BrokerOptions options;
  options.data_directory = "data";
  options.drive = ControlLoop::Drive::Stepped;
  options.storage.background_housekeeping = false;
  const auto opened = Broker::open(options, files, clock, executor);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::Corrupt);
}

}  // namespace
}  // namespace myelin::engine::broker
