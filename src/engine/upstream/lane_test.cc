#include "engine/upstream/lane.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <utility>

#include "kafka/writer.h"
#include "net/frame_server.h"

namespace myelin::engine::upstream {
namespace {

using namespace std::chrono_literals;

SharedBytes frame_of(std::int32_t correlation) {
  kafka::Writer out;
  out.int32(correlation);
  return SharedBytes(out.finish_flat());
}

TEST(Lane, AnAnswerToNoRequestIsAFaultAndEndsTheLane) {
  std::vector<std::string> faults;
  const auto lane = std::make_shared<Lane>([&](std::string_view what) { faults.emplace_back(what); });
  lane->on_frame(frame_of(7));
  EXPECT_EQ(faults, std::vector<std::string>{"an answer to no request"});
  EXPECT_TRUE(lane->is_closed());
}

TEST(Lane, WhatArrivesAfterMyelinClosedTheLaneIsNoFaultOfTheCluster) {
  std::vector<std::string> faults;
  const auto lane = std::make_shared<Lane>([&](std::string_view what) { faults.emplace_back(what); });
  lane->close("the client has gone");
  lane->on_frame(frame_of(7));
  lane->on_frame(SharedBytes());
  EXPECT_TRUE(faults.empty());
}

// Answers each request with its correlation id and nothing behind it.
class ShortOfWords final : public net::FrameHandler {
 public:
  explicit ShortOfWords(std::shared_ptr<net::FrameConnection> connection) : connection_(std::move(connection)) {}
  void on_frame(SharedBytes frame) override {
    constexpr std::size_t kCorrelationAt = 4;
    kafka::Writer out;
    out.int32(load_big_endian<std::int32_t>(frame.view().data() + kCorrelationAt));
    connection_->send(out.finish());
  }
  void on_drain() override {}
  void on_close(net::CloseReason) override {}

 private:
  std::shared_ptr<net::FrameConnection> connection_;
};

// Whoever is answered may ask again at once, and must not get the lane that is about to end.
TEST(Lane, HasEndedWhenAnAnswerThatCanNotBeReadIsTold) {
  net::Reactor reactor(1);
  reactor.start();
  net::FrameServer server(reactor, net::FrameLimits{});
  const auto address = server.listen(
      {.address = {"127.0.0.1", 0}, .tls = nullptr, .handler = [](std::shared_ptr<net::FrameConnection> peer) {
         return std::make_shared<ShortOfWords>(std::move(peer));
       }});
  ASSERT_TRUE(address) << address.error().message;
  net::FrameClientOptions options;
  options.server = *address;
  const auto lane = Lane::open(reactor.loop(0), options, [](std::string_view) {}).value();
  auto told = std::make_shared<std::promise<std::pair<bool, bool>>>();
  auto future = told->get_future();
  lane->send(
      {.key = kafka::ApiKey::Metadata, .version = 1, .client_id = "test"}, kafka::MetadataRequest{},
      [told, lane](Result<kafka::Response> response) { told->set_value({response.has_value(), lane->is_closed()}); });
  ASSERT_EQ(future.wait_for(60s), std::future_status::ready);
  const auto [is_readable, has_ended] = future.get();
  EXPECT_FALSE(is_readable);
  EXPECT_TRUE(has_ended);
  (void)server.drain(0ms);
}

}  // namespace
}  // namespace myelin::engine::upstream
