#include "engine/upstream/cluster_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <utility>

#include "kafka/header.h"
#include "net/frame_server.h"

namespace myelin::engine::upstream {
namespace {

using namespace std::chrono_literals;

constexpr std::int16_t kNoLeader = 5;

// A cluster with one topic of one partition, whose end it never tells.
class LeaderlessCluster {
 public:
  explicit LeaderlessCluster(net::Reactor& reactor) : server_(reactor, net::FrameLimits{}) {
    const auto address = server_.listen(
        {.address = {"127.0.0.1", 0}, .tls = nullptr, .handler = [this](std::shared_ptr<net::FrameConnection> peer) {
           return std::make_shared<Handler>(std::move(peer), *this);
         }});
    if (address) options.server = *address;
  }

  // While the reactor runs: its connections end on the loop.
  void stop() { (void)server_.drain(0ms); }

  net::FrameClientOptions options;
  std::promise<void> asked_again;

 private:
  class Handler final : public net::FrameHandler {
   public:
    Handler(std::shared_ptr<net::FrameConnection> connection, LeaderlessCluster& cluster)
        : connection_(std::move(connection)), cluster_(cluster) {}
    void on_open() override { connection_->authenticated(); }
    void on_drain() override {}
    void on_close(net::CloseReason) override {}
    void on_frame(SharedBytes frame) override {
      kafka::Reader in(std::move(frame));
      const auto asked = kafka::RequestHeader::decode(in);
      ASSERT_TRUE(asked);
      const auto key = static_cast<kafka::ApiKey>(asked->api_key);
      kafka::Writer out;
      kafka::ResponseHeader header;
      header.correlation_id = asked->correlation_id;
      header.encode(out, key, asked->api_version);
      kafka::encode_response(cluster_.answer(key), asked->api_version, out);
      connection_->send(out.finish());
    }

   private:
    std::shared_ptr<net::FrameConnection> connection_;
    LeaderlessCluster& cluster_;
  };

  kafka::Response answer(kafka::ApiKey key) {
    if (key == kafka::ApiKey::ListOffsets) return end();
    if (key == kafka::ApiKey::Metadata) return topics();
    kafka::ApiVersionsResponse versions;
    versions.api_keys.resize(2);
    versions.api_keys[0].api_key = std::to_underlying(kafka::ApiKey::ListOffsets);
    versions.api_keys[1].api_key = std::to_underlying(kafka::ApiKey::Metadata);
    for (auto& api : versions.api_keys) api.min_version = api.max_version = 5;
    return versions;
  }
  static kafka::MetadataResponse topics() {
    kafka::MetadataResponse metadata;
    auto& topic = metadata.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back();
    return metadata;
  }
  kafka::ListOffsetsResponse end() {
    kafka::ListOffsetsResponse ends;
    auto& topic = ends.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back().error_code = kNoLeader;
    if (++ends_asked_ == 2) asked_again.set_value();
    return ends;
  }

  int ends_asked_ = 0;  // on the reactor's only loop
  net::FrameServer server_;
};

TEST(ClusterWatch, BeforeItsFirstAnswerSaysWhichClusterIsMissingAndWhatToDo) {
  net::Reactor reactor(1);
  net::FrameClientOptions options;
  options.server = {"127.0.0.1", 9};
  const auto watch = std::make_shared<ClusterWatch>(reactor.loop(0), options, std::make_shared<Facts>(), [] {});
  EXPECT_FALSE(watch->is_reached());
  EXPECT_THAT(watch->trouble().value_or(""), testing::AllOf(testing::HasSubstr("127.0.0.1:9 can't be reached: "),
                                                            testing::HasSubstr("start the cluster, or correct")));
}

TEST(ClusterWatch, APartitionThatDoesNotTellItsEndKeepsNobodyWaitingAndIsAskedAgain) {
  net::Reactor reactor(1);
  reactor.start();
  LeaderlessCluster cluster(reactor);
  const auto facts = std::make_shared<Facts>();
  const auto watch = std::make_shared<ClusterWatch>(reactor.loop(0), cluster.options, facts, [] {});
  watch->start();
  watch->wait_for_first_attempt();
  EXPECT_EQ(watch->trouble(), std::nullopt);
  EXPECT_EQ(facts->missing_ends().topics.size(), 1U);
  EXPECT_EQ(cluster.asked_again.get_future().wait_for(60s), std::future_status::ready);
  watch->stop();
  cluster.stop();
}

}  // namespace
}  // namespace myelin::engine::upstream
