#pragma once
// One Kafka connection: frames in, typed requests to the governance path, answers out in the order of the requests, and
// mute when the path says so (KIP-219). Everything here runs on the connection's loop; answers may come from any
// thread.
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "governance/path.h"
#include "kafka/messages.h"
#include "net/frame_connection.h"

namespace myelin::gate {

struct ConnectionOptions {
  governance::Security security = governance::Security::Plaintext;
  // What clients are told to connect to; empty and 0: the address they reached us by.
  std::string advertised_host;
  std::uint16_t advertised_port = 0;
  std::size_t in_flight_max = 64;                         // requests; then reading pauses
  std::size_t in_flight_bytes_max = 64ULL * 1024 * 1024;  // of their frames; then reading pauses
};

class Connection final : public net::FrameHandler, public std::enable_shared_from_this<Connection> {
 public:
  // `path` outlives the connection.
  Connection(governance::Path& path, ConnectionOptions options, std::shared_ptr<net::FrameConnection> wire);

  void on_open() override;
  void on_frame(SharedBytes frame) override;
  void on_sent(std::uint64_t frames) override;
  void on_drain() override;
  void on_close(net::CloseReason reason) override;

 private:
  // A request whose answer is owed, in the order of arrival.
  struct Slot {
    std::uint64_t sequence = 0;
    std::size_t frame_bytes = 0;
    bool answered = false;
    bool close_after = false;
    std::chrono::milliseconds mute{0};
    PayloadChain answer = {};  // empty: nothing is sent (acks=0)
    net::Timer run_after = {};
    std::move_only_function<void()> when_sent = {};
  };

  // An answer that was given to the wire and is metered when it has gone out.
  struct Unsent {
    std::uint64_t frame = 0;  // how many had been given with it
    std::move_only_function<void()> when_sent;
  };

  // Which request an answer is for.
  struct Answered {
    std::uint64_t sequence = 0;
    std::int16_t key = 0;
    std::int16_t version = 0;
    std::int32_t correlation = 0;
    bool is_token = false;  // a message of a sign-in that began with SaslHandshake v0: no headers either way
  };

  void take(std::size_t frame_bytes, const kafka::RequestHeader& header, kafka::Reader& reader);
  void take_token(SharedBytes token);
  void hand_over(std::size_t frame_bytes, Answered to, std::string client_id, kafka::Request request);
  void refuse_api_versions(const kafka::RequestHeader& header, std::size_t frame_bytes);
  [[nodiscard]] static PayloadChain encoded(const Answered& to, const kafka::Response& response);
  [[nodiscard]] static PayloadChain token_of(const kafka::Response& response);
  // The slot of a request that is not answered yet.
  [[nodiscard]] Slot* open_slot(std::uint64_t sequence);
  void answered(const Answered& to, governance::Answer answer);
  void flush();
  void send(Slot slot);
  void mute(std::chrono::milliseconds duration);
  void leave_if_revoked();
  void update_reading();

  governance::Path& path_;
  ConnectionOptions options_;
  std::shared_ptr<net::FrameConnection> wire_;
  std::shared_ptr<governance::Session> session_;
  std::deque<Slot> slots_;
  std::deque<Unsent> unsent_;
  std::uint64_t frames_given_ = 0;
  std::uint64_t next_sequence_ = 0;
  std::size_t in_flight_bytes_ = 0;
  bool told_authenticated_ = false;
  bool draining_ = false;
  bool closed_ = false;
  bool holding_ = false;  // nothing is taken until the last slot has been answered
  bool muted_ = false;
  bool reading_ = true;
  net::Timer unmute_;
};

}  // namespace myelin::gate
