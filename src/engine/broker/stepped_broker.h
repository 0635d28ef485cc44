#pragma once
// For tests: a broker without threads on a memory disk, and the requests that most of them begin with.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/broker.h"
#include "kafka/record_batch.h"
#include "storage/memory_file_system.h"

namespace myelin::engine::broker {

// Everything runs when the test says so.
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

  using Answers = std::shared_ptr<std::vector<Outcome>>;
  // Every answer that the request has got so far: on this thread, or by what was run since.
  template <typename Request>
  Answers begin(Request request, std::int16_t version, decltype(Call::run_after) run_after = {}) {
    Call call;
    call.run_after = std::move(run_after);
    call.attribution = std::make_shared<const Attribution>(Attribution{PrincipalName("orders"), "app", {}, {}});
    call.version = version;
    auto answers = std::make_shared<std::vector<Outcome>>();
    broker_->handle(std::move(call), std::move(request),
                    [answers](Outcome outcome) { answers->push_back(std::move(outcome)); });
    return answers;
  }
  template <typename Response, typename Request>
  Response ask(Request request, std::int16_t version) {
    const auto answers = begin(std::move(request), version);
    settle();
    return std::get<Response>(answers->at(0).response);
  }
  void settle() {
    for (int round = 0; round < 3; ++round) {
      executor_.run_all();
      broker_->step();
    }
  }
  // Runs the timers that are due then, and nothing that waits for the disk.
  void pass_time(std::chrono::milliseconds by) {
    clock_.advance(by);
    broker_->step();
  }

 private:
  ManualClock clock_;
  storage::QueuedExecutor executor_;
  std::unique_ptr<Broker> broker_;
};

inline kafka::CreateTopicsRequest creation(const std::string& name, std::int32_t partitions = 1) {
  kafka::CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = 1;
  return request;
}

// One record. Batches made by this are of one size.
inline kafka::ProduceRequest production(const std::string& name, std::int32_t partition = 0) {
  kafka::BatchBuilder batch;
  batch.add(unix_milliseconds(ManualClock().wall()), "key", "value");
  kafka::ProduceRequest request;
  request.acks = -1;
  auto& topic = request.topic_data.emplace_back();
  topic.name = name;
  auto& part = topic.partition_data.emplace_back();
  part.index = partition;
  part.records = SharedBytes(batch.finish());
  return request;
}

}  // namespace myelin::engine::broker
