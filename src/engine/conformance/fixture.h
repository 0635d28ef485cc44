#pragma once
// For tests of what every engine must do. Each runs twice: on the broker itself, and on the upstream engine with a
// broker behind it, reached over a real socket.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/broker.h"
#include "engine/upstream/upstream.h"
#include "kafka/record_batch.h"
#include "net/frame_server.h"
#include "storage/memory_file_system.h"

namespace myelin::engine {

enum class Which { Broker, Upstream };

class Conformance : public testing::TestWithParam<Which> {
 protected:
  Conformance();
  ~Conformance() override;

  template <typename Request>
  std::future<Outcome> begin(Request request, std::int16_t version, bool may_create = false) {
    Call call;
    call.attribution = client_;
    call.version = version;
    call.advertised_host = "here";
    call.advertised_port = 9092;
    call.client_host = "127.0.0.1";
    call.may_create_topics = may_create;
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    engine_->handle(std::move(call), std::move(request),
                    [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return future;
  }
  static Outcome finish(std::future<Outcome> future) {
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      std::abort();
    }
    return future.get();
  }
  template <typename Response, typename Request>
  Response ask(Request request, std::int16_t version) {
    return std::get<Response>(finish(begin(std::move(request), version)).response);
  }

  void create(const std::string& name, std::int32_t partitions = 1,
              std::vector<std::pair<std::string, std::string>> configs = {}) {
    const auto response = ask<kafka::CreateTopicsResponse>(creation(name, partitions, std::move(configs)), 7);
    ASSERT_EQ(response.topics.front().error_code, 0);
    // As clients do before they produce; upstream learns ids from it.
    static_cast<void>(ask<kafka::MetadataResponse>(metadata_of(name), 12));
  }
  static kafka::CreateTopicsRequest creation(const std::string& name, std::int32_t partitions,
                                             std::vector<std::pair<std::string, std::string>> configs = {}) {
    kafka::CreateTopicsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = -1;
    for (auto& [key, value] : configs) {
      auto& config = topic.configs.emplace_back();
      config.name = key;
      config.value = value;
    }
    return request;
  }
  static kafka::MetadataRequest metadata_of(const std::string& name) {
    kafka::MetadataRequest request;
    request.topics->emplace_back().name = name;
    request.allow_auto_topic_creation = false;
    return request;
  }

  static kafka::BatchBuilder records(int count, std::int64_t first_timestamp) {
    kafka::BatchBuilder batch;
    for (int index = 0; index < count; ++index) batch.add(first_timestamp + index, "key", "value");
    return batch;
  }
  [[nodiscard]] std::int64_t now() const { return unix_milliseconds(clock_.wall()); }

  static kafka::ProduceRequest production(const std::string& topic, std::optional<ByteBuffer> batch,
                                          std::int16_t acks = -1) {
    kafka::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    auto& partition = data.partition_data.emplace_back();
    if (batch) partition.records = SharedBytes(*std::move(batch));
    return request;
  }
  Outcome produce(const std::string& topic, std::optional<ByteBuffer> batch, std::int16_t acks = -1) {
    return finish(begin(production(topic, std::move(batch), acks), 9));
  }
  static const auto& answer_of(const Outcome& outcome) {
    return std::get<kafka::ProduceResponse>(outcome.response).responses.front().partition_responses.front();
  }
  std::int16_t code_of_produce(const std::string& topic, std::optional<ByteBuffer> batch) {
    return answer_of(produce(topic, std::move(batch))).error_code;
  }

  static kafka::FetchRequest reading(const std::string& topic, std::int64_t offset, std::int32_t wait_ms = 0) {
    kafka::FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    auto& asked = request.topics.emplace_back();
    asked.topic = topic;
    auto& partition = asked.partitions.emplace_back();
    partition.fetch_offset = offset;
    partition.partition_max_bytes = 1 << 20;
    return request;
  }
  static const auto& answer_of_fetch(const Outcome& outcome) {
    return std::get<kafka::FetchResponse>(outcome.response).responses.front().partitions.front();
  }
  static ByteSpan bytes_of(const Outcome& outcome) {
    return std::get<SharedBytes>(*answer_of_fetch(outcome).records).view();
  }

  kafka::ListOffsetsResponse::ListOffsetsPartitionResponse offset_at(const std::string& topic, std::int64_t timestamp,
                                                                     std::int16_t version = 8) {
    kafka::ListOffsetsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.partitions.emplace_back().timestamp = timestamp;
    return ask<kafka::ListOffsetsResponse>(std::move(request), version).topics.front().partitions.front();
  }

  storage::MemoryFileSystem files_;
  SystemClock clock_;
  storage::StoragePool pool_{2};
  net::Reactor reactor_{1};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<net::FrameServer> server_;
  std::unique_ptr<upstream::Upstream> upstream_;
  Engine* engine_ = nullptr;
  std::shared_ptr<const Attribution> client_ =
      std::make_shared<const Attribution>(Attribution{PrincipalName("orders"), "app", "librdkafka", "2.0.2"});

 private:
  void put_upstream_in_front();
};

}  // namespace myelin::engine
