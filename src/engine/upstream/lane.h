#pragma once
// One connection to the cluster, for one connection of a client: what the client pipelines stays in its order, and a
// long poll holds up nobody else.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/messages.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

struct LaneRequest {
  kafka::ApiKey key;
  std::int16_t version = 0;
  std::string client_id;
  std::chrono::milliseconds patience{30'000};  // for the answer; sweep() ends the connection after it
};

// Threads: every function but the handler's own from any thread.
class Lane final : public net::FrameHandler, public std::enable_shared_from_this<Lane> {
 public:
  // Connects in the background; requests sent meanwhile wait. `on_fault` hears of answers that can't be read or are
  // over the limit, not of connections that end.
  using OnFault = std::function<void(std::string_view what)>;
  [[nodiscard]] static Result<std::shared_ptr<Lane>> open(net::Loop& loop, const net::FrameClientOptions& options,
                                                          OnFault on_fault);
  explicit Lane(OnFault on_fault) : on_fault_(std::move(on_fault)) {}

  // `answer` is called once: with the response, or with an error when the connection ends before it came.
  using Answer = std::move_only_function<void(Result<kafka::Response>)>;
  void send(const LaneRequest& about, const kafka::Request& request, Answer answer);
  void close(std::string_view why);
  // Closes when an answer is overdue.
  void sweep(MonotonicTime now);
  [[nodiscard]] bool is_closed() const;

  void on_frame(SharedBytes frame) override;
  void on_drain() override {}
  void on_close(net::CloseReason reason) override;

 private:
  struct Pending {
    kafka::ApiKey key;
    std::int16_t version;
    MonotonicTime due;
    Answer answer;
  };

  [[nodiscard]] std::shared_ptr<net::FrameConnection> end(std::string_view reason);

  const OnFault on_fault_;
  mutable std::mutex mutex_;
  std::shared_ptr<net::FrameConnection> connection_;  // null once closed
  std::unordered_map<std::int32_t, Pending> pending_;
  std::int32_t next_correlation_ = 0;
  bool closed_ = false;
};

}  // namespace myelin::engine::upstream
