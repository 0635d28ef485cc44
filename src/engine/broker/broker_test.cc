// What the broker alone promises: its state after a power cut, its internal log, its memory of appends.
#include "engine/broker/broker.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "kafka/record_batch.h"
#include "storage/memory_file_system.h"

namespace myelin::engine::broker {
namespace {

// One broker without threads: everything runs when the test says so.
class SteppedBroker {
 public:
  explicit SteppedBroker(storage::FileSystem& files) {
    BrokerOptions options;
    options.data_directory = "data";
    options.drive = ControlLoop::Drive::Stepped;
    options.storage.background_housekeeping = false;
    auto opened = Broker::open(options, files, clock_, executor_);
    EXPECT_TRUE(opened) << opened.error().message;
    broker_ = *std::move(opened);
    settle();
  }
  Broker& operator*() { return *broker_; }
  Broker* operator->() { return broker_.get(); }

  template <typename Response, typename Request>
  Response ask(Request request, std::int16_t version) {
    Call call;
    call.attribution = std::make_shared<const Attribution>(Attribution{PrincipalName("orders"), "app", {}, {}});
    call.version = version;
    std::optional<Outcome> answered;
    broker_->handle(std::move(call), std::move(request), [&](Outcome outcome) { answered = std::move(outcome); });
    settle();
    return std::get<Response>(answered.value().response);
  }
  void settle() {
    for (int round = 0; round < 3; ++round) {
      executor_.run_all();
      broker_->step();
    }
  }

 private:
  ManualClock clock_;
  storage::QueuedExecutor executor_;
  std::unique_ptr<Broker> broker_;
};

kafka::CreateTopicsRequest creation(const std::string& name) {
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  return request;
}

kafka::ProduceRequest production(const std::string& name) {
  kafka::BatchBuilder batch;
  batch.add(unix_milliseconds(ManualClock().wall()), "key", "value");
  kafka::ProduceRequest request;
  request.acks = -1;
  auto& topic = request.topic_data.emplace_back();
  topic.name = name;
  topic.partition_data.emplace_back().records = SharedBytes(batch.finish());
  return request;
}

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
