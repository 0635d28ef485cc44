#pragma once
// One connection to the cluster, for one connection of a client: what the client pipelines stays in its order, and a
// long poll holds up nobody else.
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "kafka/messages.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

struct LaneRequest {
  kafka::ApiKey key;
  std::int16_t version = 0;
  std::string client_id;
  bool is_answered = true;  // false for Produce with acks=0
};

// Threads: send(), close() and is_closed() from any thread.
class Lane final : public net::FrameHandler, public std::enable_shared_from_this<Lane> {
 public:
  // Connects in the background; requests sent meanwhile wait.
  [[nodiscard]] static Result<std::shared_ptr<Lane>> open(net::Loop& loop, const net::FrameClientOptions& options);

  // `answer` is called once: with the response, or with an error when the connection ends before it came. Not at all
  // for a request that is never answered.
  using Answer = std::move_only_function<void(Result<kafka::Response>)>;
  void send(const LaneRequest& about, const kafka::Request& request, Answer answer);
  void close();
  [[nodiscard]] bool is_closed() const;

  void on_frame(SharedBytes frame) override;
  void on_drain() override {}
  void on_close(net::CloseReason reason) override;

 private:
  struct Pending {
    kafka::ApiKey key;
    std::int16_t version;
    Answer answer;
  };

  [[nodiscard]] std::shared_ptr<net::FrameConnection> end(std::string_view reason);

  mutable std::mutex mutex_;
  std::shared_ptr<net::FrameConnection> connection_;  // null once closed
  std::unordered_map<std::int32_t, Pending> pending_;
  std::int32_t next_correlation_ = 0;
  bool closed_ = false;
};

}  // namespace myelin::engine::upstream
