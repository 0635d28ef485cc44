// What every engine must do, asked of both: the broker itself, and the upstream engine with a broker behind it, reached
// over a real socket.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "engine/broker/broker.h"
#include "engine/served_ranges.h"
#include "engine/upstream/upstream.h"
#include "kafka/error_code.h"
#include "kafka/header.h"
#include "kafka/record_batch.h"
#include "net/frame_server.h"
#include "storage/memory_file_system.h"

namespace myelin::engine {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

// The least of a Kafka listener: decodes, asks the engine, encodes.
class PlainHandler final : public net::FrameHandler, public std::enable_shared_from_this<PlainHandler> {
 public:
  PlainHandler(std::shared_ptr<net::FrameConnection> connection, Engine& engine)
      : connection_(std::move(connection)), engine_(engine) {}

  void on_open() override { connection_->authenticated(); }
  void on_drain() override { connection_->finish("draining"); }
  void on_close(net::CloseReason) override {}
  void on_frame(SharedBytes frame) override {
    kafka::Reader in(std::move(frame));
    const auto header = kafka::RequestHeader::decode(in);
    ASSERT_TRUE(header);
    const auto key = static_cast<kafka::ApiKey>(header->api_key);
    auto request = kafka::decode_request(key, header->api_version, in);
    ASSERT_TRUE(request) << request.error().message;
    if (key == kafka::ApiKey::ApiVersions) {
      answer(key, *header, versions());
      return;
    }
    const auto* produce = std::get_if<kafka::ProduceRequest>(&*request);
    const bool is_silent = produce != nullptr && produce->acks == 0;
    Call call;
    call.attribution = std::make_shared<const Attribution>(Attribution{kAnonymous, *header->client_id, {}, {}});
    call.version = header->api_version;
    call.advertised_host = "behind";
    call.advertised_port = 1;
    call.may_create_topics = true;
    engine_.handle(std::move(call), *std::move(request),
                   [self = shared_from_this(), key, header = *header, is_silent](Outcome outcome) {
                     if (!is_silent) self->answer(key, header, outcome.response);
                   });
  }

 private:
  [[nodiscard]] kafka::Response versions() const {
    kafka::ApiVersionsResponse response;
    for (const auto& range : engine_.served()) {
      auto& api = response.api_keys.emplace_back();
      api.api_key = std::to_underlying(range.key);
      api.min_version = range.lowest;
      api.max_version = range.highest;
    }
    return response;
  }
  void answer(kafka::ApiKey key, const kafka::RequestHeader& asked, const kafka::Response& response) {
    kafka::Writer out;
    kafka::ResponseHeader header;
    header.correlation_id = asked.correlation_id;
    header.encode(out, key, asked.api_version);
    kafka::encode_response(response, asked.api_version, out);
    connection_->send(out.finish());
  }

  std::shared_ptr<net::FrameConnection> connection_;
  Engine& engine_;
};

enum class Which { Broker, Upstream };

class Conformance : public testing::TestWithParam<Which> {
 protected:
  Conformance() {
    broker::BrokerOptions options;
    options.data_directory = "data";
    options.auto_create_topics = true;
    options.groups.initial_rebalance_delay = std::chrono::milliseconds(0);
    options.storage.background_housekeeping = false;
    auto opened = broker::Broker::open(options, files_, clock_, pool_);
    if (!opened) {
      ADD_FAILURE() << opened.error().message;
      std::abort();
    }
    broker_ = *std::move(opened);
    engine_ = broker_.get();
    if (GetParam() == Which::Upstream) put_upstream_in_front();
  }
  ~Conformance() override {
    upstream_.reset();
    server_.reset();
    reactor_.stop();
  }

  void put_upstream_in_front() {
    reactor_.start();
    server_ = std::make_unique<net::FrameServer>(reactor_, net::FrameLimits{});
    const auto address = server_->listen(
        {.address = {"127.0.0.1", 0}, .tls = nullptr, .handler = [this](std::shared_ptr<net::FrameConnection> peer) {
           return std::make_shared<PlainHandler>(std::move(peer), *broker_);
         }});
    ASSERT_TRUE(address) << address.error().message;
    net::FrameClientOptions client;
    client.server = *address;
    upstream_ = upstream::Upstream::open(client, reactor_, clock_);
    ASSERT_EQ(upstream_->trouble(), std::nullopt);
    engine_ = upstream_.get();
  }

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

  static kafka::FetchRequest reading(const std::string& topic, std::int64_t offset, std::int32_t wait_ms = 0,
                                     std::int32_t min_bytes = 1) {
    kafka::FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = min_bytes;
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
};

INSTANTIATE_TEST_SUITE_P(Engines, Conformance, testing::Values(Which::Broker, Which::Upstream),
                         [](const auto& param) { return param.param == Which::Broker ? "Broker" : "Upstream"; });

TEST_P(Conformance, ServesItsRangesInTheOrderOfTheirKeys) {
  const auto ranges = engine_->served();
  EXPECT_EQ(ranges.size(), served_ranges().size());
  EXPECT_TRUE(std::ranges::is_sorted(ranges, {}, &ApiRange::key));
}

TEST_P(Conformance, AnswersMetadataWithTheAddressThatTheClientUsed) {
  create("orders", 3);
  const auto response = ask<kafka::MetadataResponse>(metadata_of("orders"), 12);
  ASSERT_EQ(response.brokers.size(), 1U);
  EXPECT_EQ(response.brokers.front().host, "here");
  EXPECT_EQ(response.brokers.front().port, 9092);
  EXPECT_EQ(response.topics.front().partitions.size(), 3U);
  EXPECT_FALSE(response.topics.front().topic_id.is_zero());
}

TEST_P(Conformance, FindsATopicByItsIdAndKnowsAnUnknownOne) {
  create("orders");
  const auto id = ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics.front().topic_id;
  kafka::MetadataRequest request;
  auto& known = request.topics->emplace_back();
  known.name.reset();
  known.topic_id = id;
  auto& unknown = request.topics->emplace_back();
  unknown.name.reset();
  unknown.topic_id = Uuid::random();
  const auto response = ask<kafka::MetadataResponse>(request, 12);
  EXPECT_EQ(response.topics[0].name, "orders");
  EXPECT_EQ(response.topics[1].error_code, code_of(ErrorCode::UnknownTopicId));
}

TEST_P(Conformance, CreatesAMissingTopicOnlyForWhoMayAndAsks) {
  auto request = metadata_of("made");
  EXPECT_EQ(ask<kafka::MetadataResponse>(request, 12).topics.front().error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
  request.allow_auto_topic_creation = true;
  EXPECT_EQ(ask<kafka::MetadataResponse>(request, 12).topics.front().error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
  const auto made = finish(begin(request, 12, true));
  EXPECT_EQ(std::get<kafka::MetadataResponse>(made.response).topics.front().error_code, 0);
}

TEST_P(Conformance, GivesBackTheVeryBytesThatWereProduced) {
  create("orders");
  const auto batch = records(3, now()).finish();
  const auto produced = produce("orders", batch);
  EXPECT_EQ(answer_of(produced).error_code, 0);
  EXPECT_EQ(answer_of(produced).base_offset, 0);
  const auto fetched = finish(begin(reading("orders", 0), 12));
  EXPECT_EQ(answer_of_fetch(fetched).high_watermark, 3);
  // Base offset 0 and leader epoch stand before what the checksum covers.
  ASSERT_EQ(bytes_of(fetched).size(), batch.size());
  EXPECT_TRUE(std::ranges::equal(bytes_of(fetched).subspan(16), ByteSpan(batch).subspan(16)));
}

TEST_P(Conformance, TellsWhatWasAppendedAndServed) {
  create("orders");
  const auto batch = records(3, now()).finish();
  const auto produced = produce("orders", batch);
  ASSERT_EQ(produced.appended.size(), 1U);
  EXPECT_EQ(produced.appended[0].topic, TopicName("orders"));
  EXPECT_FALSE(produced.appended[0].topic_id.is_zero());
  EXPECT_EQ(produced.appended[0].records, 3);
  EXPECT_EQ(produced.appended[0].log_bytes, static_cast<std::int64_t>(batch.size()));
  const auto fetched = finish(begin(reading("orders", 1), 12));
  ASSERT_EQ(fetched.served.size(), 1U);
  EXPECT_EQ(fetched.served[0].first_offset, 0);
  EXPECT_EQ(fetched.served[0].next_offset, 3);
  EXPECT_EQ(fetched.served[0].bytes, static_cast<std::int64_t>(batch.size()));
}

TEST_P(Conformance, AnswersARepeatedBatchWithItsFirstOffsetAndTellsNoSecondAppend) {
  create("orders");
  auto builder = records(2, now());
  builder.set_producer(4711, 0, 0);
  const auto first = produce("orders", builder.finish());
  const auto second = produce("orders", builder.finish());
  EXPECT_EQ(answer_of(second).error_code, 0);
  EXPECT_EQ(answer_of(second).base_offset, answer_of(first).base_offset);
  EXPECT_TRUE(second.appended.empty());
}

TEST_P(Conformance, RefusesAGapInTheSequenceAndAnOldEpoch) {
  create("orders");
  auto first = records(2, now());
  first.set_producer(4711, 1, 0);
  ASSERT_EQ(code_of_produce("orders", first.finish()), 0);
  auto gap = records(2, now());
  gap.set_producer(4711, 1, 5);
  EXPECT_EQ(code_of_produce("orders", gap.finish()), code_of(ErrorCode::OutOfOrderSequenceNumber));
  auto old = records(2, now());
  old.set_producer(4711, 0, 2);
  EXPECT_EQ(code_of_produce("orders", old.finish()), code_of(ErrorCode::InvalidProducerEpoch));
}

TEST_P(Conformance, RefusesBadBatchesEachWithItsOwnError) {
  create("orders");
  auto flipped = records(1, now()).finish();
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(code_of_produce("orders", flipped), code_of(ErrorCode::CorruptMessage));
  auto doubled = records(1, now()).finish();
  const auto copy = doubled;
  doubled.insert(doubled.end(), copy.begin(), copy.end());
  EXPECT_EQ(code_of_produce("orders", doubled), code_of(ErrorCode::InvalidRecord));
  auto shifted = records(1, now());
  shifted.set_base_offset(7);
  EXPECT_EQ(code_of_produce("orders", shifted.finish()), code_of(ErrorCode::InvalidRecord));
  auto control = records(1, now());
  control.set_attribute_bits(0x20);
  EXPECT_EQ(code_of_produce("orders", control.finish()), code_of(ErrorCode::InvalidRecord));
  auto transactional = records(1, now());
  transactional.set_attribute_bits(0x10);
  transactional.set_producer(1, 0, 0);
  EXPECT_EQ(code_of_produce("orders", transactional.finish()), code_of(ErrorCode::TransactionalIdAuthorizationFailed));
  EXPECT_EQ(code_of_produce("orders", std::nullopt), code_of(ErrorCode::InvalidRecord));
  constexpr std::int64_t kTwoHours = 2 * 3600 * 1000;
  EXPECT_EQ(code_of_produce("orders", records(1, now() + kTwoHours).finish()), code_of(ErrorCode::InvalidTimestamp));
  EXPECT_EQ(offset_at("orders", -1).offset, 0);
}

TEST_P(Conformance, RefusesWhatIsTooLargeUnknownOrInternal) {
  create("small", 1, {{"max.message.bytes", "100"}});
  EXPECT_EQ(code_of_produce("small", records(50, now()).finish()), code_of(ErrorCode::MessageTooLarge));
  EXPECT_EQ(code_of_produce("nowhere", records(1, now()).finish()), code_of(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(code_of_produce("__consumer_offsets", records(1, now()).finish()),
            code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(answer_of(produce("small", records(1, now()).finish(), 2)).error_code,
            code_of(ErrorCode::InvalidRequiredAcks));
}

TEST_P(Conformance, NamesTheRecordsWithoutAKeyOnACompactedTopic) {
  create("latest", 1, {{"cleanup.policy", "compact"}});
  kafka::BatchBuilder batch;
  batch.add(now(), "key", "value");
  batch.add(now(), std::nullopt, "value");
  const auto refused = produce("latest", batch.finish());
  EXPECT_EQ(answer_of(refused).error_code, code_of(ErrorCode::InvalidRecord));
  ASSERT_EQ(answer_of(refused).record_errors.size(), 1U);
  EXPECT_EQ(answer_of(refused).record_errors[0].batch_index, 1);
}

TEST_P(Conformance, AnswersItsCallerEvenWhenTheClientWantsNoAcknowledgement) {
  create("orders");
  static_cast<void>(produce("orders", records(1, now()).finish(), 0));
  const auto fetched = finish(begin(reading("orders", 0, 30'000), 12));
  EXPECT_FALSE(bytes_of(fetched).empty());
}

TEST_P(Conformance, WakesAWaitingFetchWhenRecordsArrive) {
  create("orders");
  auto waiting = begin(reading("orders", 0, 60'000), 12);
  // Another connection, as a real producer has: a client's own requests are answered in order.
  client_ = std::make_shared<const Attribution>(Attribution{PrincipalName("writer"), "writer", {}, {}});
  ASSERT_EQ(code_of_produce("orders", records(1, now()).finish()), 0);
  EXPECT_FALSE(bytes_of(finish(std::move(waiting))).empty());
}

TEST_P(Conformance, AnswersAFetchWithWhatThereIsWhenItsTimeIsOver) {
  create("orders");
  const auto fetched = finish(begin(reading("orders", 0, 1), 12));
  EXPECT_EQ(answer_of_fetch(fetched).error_code, 0);
  EXPECT_TRUE(bytes_of(fetched).empty());
  EXPECT_TRUE(fetched.served.empty());
}

TEST_P(Conformance, ReturnsTheFirstBatchHoweverLargeAndNoSessionId) {
  create("orders");
  ASSERT_EQ(code_of_produce("orders", records(50, now()).finish()), 0);
  auto request = reading("orders", 0);
  request.max_bytes = 1;
  request.topics[0].partitions[0].partition_max_bytes = 1;
  request.session_epoch = 0;
  const auto fetched = finish(begin(request, 12));
  EXPECT_GT(bytes_of(fetched).size(), 100U);
  EXPECT_EQ(std::get<kafka::FetchResponse>(fetched.response).session_id, 0);
}

TEST_P(Conformance, RefusesOffsetsBeyondTheEndAndWrongLeaderEpochs) {
  create("orders");
  EXPECT_EQ(answer_of_fetch(finish(begin(reading("orders", 5, 60'000), 12))).error_code,
            code_of(ErrorCode::OffsetOutOfRange));
  auto future = reading("orders", 0, 60'000);
  future.topics[0].partitions[0].current_leader_epoch = 99;
  EXPECT_EQ(answer_of_fetch(finish(begin(future, 12))).error_code, code_of(ErrorCode::UnknownLeaderEpoch));
}

TEST_P(Conformance, FindsOffsetsByPlaceAndByTimeInsideABatch) {
  create("orders");
  const std::int64_t start = now() - 1000;
  kafka::BatchBuilder batch(kafka::Compression::Zstd);
  for (int index = 0; index < 10; ++index) batch.add(start + index * 10, "key", "value");
  ASSERT_EQ(code_of_produce("orders", batch.finish()), 0);
  EXPECT_EQ(offset_at("orders", -1).offset, 10);
  EXPECT_EQ(offset_at("orders", -2).offset, 0);
  EXPECT_EQ(offset_at("orders", -3).offset, 9);
  EXPECT_EQ(offset_at("orders", -4).offset, 0);
  EXPECT_EQ(offset_at("orders", start + 45).offset, 5);
  EXPECT_EQ(offset_at("orders", start + 45).timestamp, start + 50);
  EXPECT_EQ(offset_at("orders", start + 91).offset, -1);
  EXPECT_EQ(offset_at("orders", -3, 6).error_code, code_of(ErrorCode::UnsupportedVersion));
  EXPECT_EQ(offset_at("orders", -5).error_code, code_of(ErrorCode::UnsupportedVersion));
  EXPECT_EQ(offset_at("nowhere", -1).error_code, code_of(ErrorCode::UnknownTopicOrPartition));
}

TEST_P(Conformance, SaysWhereALeaderEpochEnds) {
  create("orders");
  ASSERT_EQ(code_of_produce("orders", records(4, now()).finish()), 0);
  kafka::OffsetForLeaderEpochRequest request;
  auto& asked = request.topics.emplace_back();
  asked.topic = "orders";
  asked.partitions.emplace_back().leader_epoch = 0;
  const auto response = ask<kafka::OffsetForLeaderEpochResponse>(request, 4);
  EXPECT_EQ(response.topics[0].partitions[0].leader_epoch, 0);
  EXPECT_EQ(response.topics[0].partitions[0].end_offset, 4);
}

TEST_P(Conformance, RefusesTopicsThatCannotBeAndSaysWhy) {
  const auto refusal_of = [&](kafka::CreateTopicsRequest request) {
    return ask<kafka::CreateTopicsResponse>(std::move(request), 7).topics.front().error_code;
  };
  create("a.b");
  EXPECT_EQ(refusal_of(creation("a.b", 1)), code_of(ErrorCode::TopicAlreadyExists));
  EXPECT_EQ(refusal_of(creation("a_b", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("no spaces", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("__mine", 1)), code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(refusal_of(creation("none", 0)), code_of(ErrorCode::InvalidPartitions));
  EXPECT_EQ(refusal_of(creation("odd", 1, {{"retention", "1"}})), code_of(ErrorCode::InvalidConfig));
  auto replicated = creation("three", 1);
  replicated.topics[0].replication_factor = 3;
  EXPECT_EQ(refusal_of(replicated), code_of(ErrorCode::InvalidReplicationFactor));
}

TEST_P(Conformance, OnlyChecksATopicWhenAskedToAndShowsItsSettings) {
  auto request = creation("orders", 2, {{"retention.ms", "5"}});
  request.validate_only = true;
  const auto response = ask<kafka::CreateTopicsResponse>(request, 7);
  EXPECT_EQ(response.topics[0].error_code, 0);
  EXPECT_EQ(response.topics[0].num_partitions, 2);
  const auto& configs = *response.topics[0].configs;
  const auto retention =
      std::ranges::find(configs, std::string("retention.ms"), [](const auto& config) { return config.name; });
  ASSERT_NE(retention, configs.end());
  EXPECT_EQ(retention->value, "5");
  EXPECT_EQ(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].error_code,
            code_of(ErrorCode::UnknownTopicOrPartition));
}

TEST_P(Conformance, DeletesByIdAndGivesANewIdWhenMadeAgain) {
  create("orders");
  const auto id = ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].topic_id;
  kafka::DeleteTopicsRequest request;
  request.topics.emplace_back().topic_id = id;
  EXPECT_EQ(ask<kafka::DeleteTopicsResponse>(request, 6).responses[0].error_code, 0);
  EXPECT_EQ(ask<kafka::DeleteTopicsResponse>(request, 6).responses[0].error_code, code_of(ErrorCode::UnknownTopicId));
  create("orders");
  EXPECT_NE(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].topic_id, id);
}

TEST_P(Conformance, EndsAWaitingFetchWhenItsTopicIsDeleted) {
  create("orders");
  auto waiting = begin(reading("orders", 0, 60'000), 12);
  client_ = std::make_shared<const Attribution>(Attribution{PrincipalName("owner"), "owner", {}, {}});
  kafka::DeleteTopicsRequest request;
  request.topic_names.emplace_back("orders");
  ASSERT_EQ(ask<kafka::DeleteTopicsResponse>(request, 5).responses[0].error_code, 0);
  EXPECT_NE(answer_of_fetch(finish(std::move(waiting))).error_code, 0);
}

TEST_P(Conformance, DescribesSettingsWithTheirSourceSynonymsAndDocumentation) {
  create("orders", 1, {{"myelin.durability", "os"}});
  kafka::DescribeConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = 2;
  asked.resource_name = "orders";
  asked.configuration_keys = {"myelin.durability", "retention.ms"};
  request.include_synonyms = true;
  request.include_documentation = true;
  const auto response = ask<kafka::DescribeConfigsResponse>(request, 4);
  ASSERT_EQ(response.results[0].configs.size(), 2U);
  const auto& durability = response.results[0].configs[0];
  EXPECT_EQ(durability.value, "os");
  EXPECT_EQ(durability.config_source, 1);
  EXPECT_FALSE(durability.documentation->empty());
  const auto& retention = response.results[0].configs[1];
  EXPECT_EQ(retention.config_source, 5);
  EXPECT_EQ(retention.synonyms[0].name, "log.retention.ms");
}

TEST_P(Conformance, GivesEachProducerAnIdOfItsOwnAndNoneToTransactions) {
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  const auto first = ask<kafka::InitProducerIdResponse>(request, 4);
  const auto second = ask<kafka::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(first.error_code, 0);
  EXPECT_EQ(first.producer_epoch, 0);
  EXPECT_NE(first.producer_id, second.producer_id);
  request.transactional_id = "payments";
  EXPECT_NE(ask<kafka::InitProducerIdResponse>(request, 4).error_code, 0);
}

TEST_P(Conformance, CommitsOffsetsTellsTheAdvanceAndGivesThemBack) {
  create("orders");
  const auto commit = [&](std::int64_t offset) {
    kafka::OffsetCommitRequest request;
    request.group_id = "readers";
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back().committed_offset = offset;
    return finish(begin(std::move(request), 8));
  };
  static_cast<void>(commit(3));
  const auto second = commit(5);
  ASSERT_EQ(second.committed.size(), 1U);
  EXPECT_EQ(second.committed[0].previous, 3);
  EXPECT_EQ(second.committed[0].committed, 5);
  kafka::OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = "readers";
  auto& topic = group.topics->emplace_back();
  topic.name = "orders";
  topic.partition_indexes = {0};
  const auto response = ask<kafka::OffsetFetchResponse>(request, 8);
  EXPECT_EQ(response.groups[0].topics[0].partitions[0].committed_offset, 5);
}

TEST_P(Conformance, NamesItselfAsCoordinatorAndCluster) {
  kafka::FindCoordinatorRequest request;
  request.coordinator_keys.emplace_back("readers");
  const auto found = ask<kafka::FindCoordinatorResponse>(request, 4);
  EXPECT_EQ(found.coordinators[0].host, "here");
  const auto cluster = ask<kafka::DescribeClusterResponse>(kafka::DescribeClusterRequest{}, 0);
  EXPECT_EQ(cluster.brokers[0].host, "here");
  EXPECT_FALSE(cluster.cluster_id.empty());
}

TEST_P(Conformance, AnswersRetriableErrorsWhenTheClusterIsGone) {
  if (GetParam() == Which::Broker) return;
  create("orders");
  server_.reset();
  EXPECT_EQ(code_of_produce("orders", records(1, now()).finish()), code_of(ErrorCode::NotLeaderOrFollower));
  EXPECT_EQ(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].error_code,
            code_of(ErrorCode::LeaderNotAvailable));
}

}  // namespace
}  // namespace myelin::engine
