#include "engine/conformance/fixture.h"

#include "kafka/header.h"

namespace myelin::engine {
namespace {

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

}  // namespace

INSTANTIATE_TEST_SUITE_P(Engines, Conformance, testing::Values(Which::Broker, Which::Upstream),
                         [](const auto& param) { return param.param == Which::Broker ? "Broker" : "Upstream"; });

Conformance::Conformance() {
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

Conformance::~Conformance() {
  upstream_.reset();
  server_.reset();
  reactor_.stop();
}

void Conformance::put_upstream_in_front() {
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

}  // namespace myelin::engine
