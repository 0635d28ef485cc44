// A connection between a wire and an engine that the tests play, with the real path in between.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/memory_internal_log.h"
#include "gate/connection.h"
#include "governance/durable_state.h"
#include "kafka/header.h"
#include "model/model.h"

namespace myelin::gate {
namespace {

constexpr std::int64_t kRate = 100'000;  // bytes a second, of every quota here
const TopicName kSales("stores.sale");

// Keeps what it is asked until the test answers.
class PlayedEngine final : public engine::Engine {
 public:
  std::vector<engine::ApiRange> served() const override {
    return {{kafka::ApiKey::Produce, 3, 9}, {kafka::ApiKey::Fetch, 4, 12}};
  }
  void handle(engine::Call call, kafka::Request request, engine::Reply reply) override {
    asked.emplace_back(std::move(request), std::move(reply));
    run_after = std::move(call.run_after);
    if (when_asked) std::exchange(when_asked, nullptr)();
  }
  Result<void> replay_appends(const AppendSink&) const override { return {}; }
  Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  void answer_produce() { answer(kafka::ProduceResponse{}, {}); }
  void answer_fetch(std::int64_t bytes) { answer(kafka::FetchResponse{}, {{kSales, {}, 0, 0, 10, bytes}}); }

  std::deque<std::pair<kafka::Request, engine::Reply>> asked;  // and not answered
  std::function<void()> when_asked;                            // the next time
  decltype(engine::Call::run_after) run_after;                 // of the last one

 private:
  void answer(kafka::Response response, std::vector<engine::ServedFact> served) {
    auto reply = std::move(asked.front().second);
    asked.pop_front();
    engine::Outcome outcome;
    outcome.response = std::move(response);
    outcome.served = std::move(served);
    reply(std::move(outcome));
  }
};

// Hands over frames while reading is wanted, and tells what went out only when the test says so.
class PlayedWire final : public net::FrameConnection {
 public:
  explicit PlayedWire(net::Loop& loop) : loop_(loop) {}

  void arrive(SharedBytes frame) {
    waiting_.push_back(std::move(frame));
    deliver();
  }
  void all_sent() { handler->on_sent(answers.size()); }

  void send(PayloadChain body) override { answers.push_back(std::move(body)); }
  void authenticated() override {}
  void pause_reading() override { paused_ = true; }
  void resume_reading() override {
    paused_ = false;
    deliver();
  }
  void close(std::string_view) override { is_closed = true; }
  void finish(std::string_view) override { is_closed = true; }
  void run_on_loop(net::Task task) override { task(); }
  net::Loop& loop() override { return loop_; }
  const net::Endpoint& peer_address() const override { return address_; }
  const net::Endpoint& local_address() const override { return address_; }
  const std::optional<net::PeerCertificate>& peer_certificate() const override { return certificate_; }
  bool is_tls() const override { return false; }

  std::shared_ptr<Connection> handler;
  std::vector<PayloadChain> answers;
  bool is_closed = false;

 private:
  void deliver() {
    while (!paused_ && !waiting_.empty()) {
      auto frame = std::move(waiting_.front());
      waiting_.pop_front();
      handler->on_frame(std::move(frame));
    }
  }

  net::Loop& loop_;
  net::Endpoint address_{"127.0.0.1", 9092};
  std::optional<net::PeerCertificate> certificate_;
  std::deque<SharedBytes> waiting_;
  bool paused_ = false;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    reactor_.start();
    on_loop([this] {
      wire_->handler = connection_;
      connection_->on_open();
    });
  }
  ~ConnectionTest() override {
    on_loop([this] {
      connection_->on_close(net::CloseReason::PeerClosed);
      wire_->handler.reset();
    });
    reactor_.stop();
  }

  // Runs `step` where the connection lives, and waits for it.
  template <typename Step>
  void on_loop(Step step) {
    std::promise<void> done;
    reactor_.loop(0).post([&] {
      step();
      done.set_value();
    });
    done.get_future().wait();
  }

  static std::shared_ptr<const model::Model> limited_model() {
    model::Model model;
    model.policy.default_quota.produce_bytes_per_second = kRate;
    model.policy.default_quota.fetch_bytes_per_second = kRate;
    return std::make_shared<const model::Model>(std::move(model));
  }

  static SharedBytes frame_of(kafka::ApiKey key, std::int16_t version, const kafka::Request& request) {
    kafka::RequestHeader header;
    header.api_key = static_cast<std::int16_t>(key);
    header.api_version = version;
    header.client_id = "test";
    kafka::Writer out;
    header.encode(out);
    kafka::encode_request(request, version, out);
    ByteBuffer whole;
    for (const auto& part : out.finish()) {
      const auto view = std::get<SharedBytes>(part).view();
      whole.insert(whole.end(), view.begin(), view.end());
    }
    return SharedBytes(std::move(whole));
  }
  static SharedBytes production(std::size_t bytes) {
    kafka::ProduceRequest request;
    request.acks = -1;
    auto& topic = request.topic_data.emplace_back();
    topic.name = kSales.text();
    topic.partition_data.emplace_back().records = SharedBytes(ByteBuffer(bytes));
    return frame_of(kafka::ApiKey::Produce, 8, std::move(request));
  }
  static SharedBytes fetching() {
    kafka::FetchRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topic = kSales.text();
    topic.partitions.emplace_back();
    return frame_of(kafka::ApiKey::Fetch, 11, std::move(request));
  }

  std::int64_t served_bytes() {
    std::int64_t bytes = 0;
    for (const auto& row : state_.measurement->usage_rows().reads) bytes += row.amount.bytes;
    return bytes;
  }

  ManualClock clock_;
  net::Reactor reactor_{1};
  PlayedEngine engine_;
  engine::MemoryInternalLog log_;
  governance::DurableState state_ = governance::DurableState::open(log_, engine_, clock_).value();
  governance::PolicyHolder policy_{limited_model(), {.dev_mode = true}};
  governance::Path path_{engine_,
                         policy_,
                         *state_.credentials,
                         *state_.quotas,
                         *state_.grants,
                         *state_.rule_counts,
                         *state_.measurement,
                         *state_.audit,
                         clock_,
                         {.dev_mode = true, .slow = {}}};
  std::shared_ptr<PlayedWire> wire_ = std::make_shared<PlayedWire>(reactor_.loop(0));
  std::shared_ptr<Connection> connection_ = std::make_shared<Connection>(path_, ConnectionOptions{}, wire_);
};

TEST_F(ConnectionTest, PipelinesWhatIsWithinTheRate) {
  on_loop([&] {
    for (int index = 0; index < 5; ++index) wire_->arrive(production(1'000));
  });
  EXPECT_EQ(engine_.asked.size(), 5u);
}

// The bucket holds one second's worth: the second request is over the rate, and the third must not be taken although it
// has been received, neither before the second is answered nor until the mute is over.
TEST_F(ConnectionTest, NoRequestOvertakesTheMute) {
  on_loop([&] {
    wire_->arrive(production(kRate));
    wire_->arrive(production(kRate / 10));
    wire_->arrive(production(1));
  });
  ASSERT_EQ(engine_.asked.size(), 2u);
  std::promise<void> third;
  on_loop([&] {
    engine_.answer_produce();
    engine_.answer_produce();
    EXPECT_EQ(wire_->answers.size(), 2u);
    EXPECT_TRUE(engine_.asked.empty());
    engine_.when_asked = [&] { third.set_value(); };
  });
  // A tenth of a second later, on the loop's real timer.
  EXPECT_EQ(third.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(ConnectionTest, NothingIsTakenBehindAFetchThatMayBeOverTheRate) {
  on_loop([&] {
    wire_->arrive(fetching());
    wire_->arrive(production(1));
  });
  EXPECT_EQ(engine_.asked.size(), 1u);
  on_loop([&] { engine_.answer_fetch(kRate / 2); });
  EXPECT_EQ(engine_.asked.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<kafka::ProduceRequest>(engine_.asked.front().first));
}

TEST_F(ConnectionTest, MetersWhatIsServedWhenItHasGoneOut) {
  on_loop([&] {
    wire_->arrive(fetching());
    engine_.answer_fetch(700);
  });
  EXPECT_EQ(served_bytes(), 0);
  on_loop([&] { wire_->all_sent(); });
  EXPECT_EQ(served_bytes(), 700);
}

TEST_F(ConnectionTest, NeverMetersAnAnswerThatDidNotGoOut) {
  on_loop([&] {
    wire_->arrive(fetching());
    engine_.answer_fetch(700);
    wire_->all_sent();
    wire_->arrive(fetching());
    engine_.answer_fetch(50);
    connection_->on_close(net::CloseReason::PeerReset);
  });
  EXPECT_EQ(served_bytes(), 700);
}

// As a fetch that waits for records: what it wants done when its time is over.
struct WaitingFetch {
  void begin(PlayedEngine& engine, std::chrono::milliseconds wait) {
    auto task = [this, lives = std::shared_ptr<void>(this, [](void* self) {
                         static_cast<WaitingFetch*>(self)->is_destroyed = true;
                       })] { ran.set_value(); };
    engine.run_after(wait, std::move(task));
  }
  std::promise<void> ran;
  std::atomic<bool> is_destroyed = false;
};

TEST_F(ConnectionTest, RunsWhatAFetchAsksForWhenItsTimeIsOver) {
  WaitingFetch fetch;
  on_loop([&] {
    wire_->arrive(fetching());
    fetch.begin(engine_, std::chrono::milliseconds(1));
  });
  EXPECT_EQ(fetch.ran.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  on_loop([&] { engine_.answer_fetch(700); });
  EXPECT_EQ(wire_->answers.size(), 1u);
}

TEST_F(ConnectionTest, DestroysWhatAFetchAskedForOnceItIsAnswered) {
  WaitingFetch fetch;
  on_loop([&] {
    wire_->arrive(fetching());
    fetch.begin(engine_, std::chrono::minutes(1));
    EXPECT_FALSE(fetch.is_destroyed);
    engine_.answer_fetch(700);
    EXPECT_TRUE(fetch.is_destroyed);
  });
  WaitingFetch late;
  on_loop([&] { late.begin(engine_, std::chrono::milliseconds(0)); });
  EXPECT_TRUE(late.is_destroyed) << "its fetch has been answered";
}

TEST_F(ConnectionTest, DestroysWhatAFetchAskedForWhenTheReaderLeaves) {
  WaitingFetch fetch;
  on_loop([&] {
    wire_->arrive(fetching());
    fetch.begin(engine_, std::chrono::minutes(1));
    connection_->on_close(net::CloseReason::PeerReset);
    EXPECT_TRUE(fetch.is_destroyed);
  });
}

}  // namespace
}  // namespace myelin::gate
