#pragma once
// One HTTP connection: a request at a time, each answered before the next is looked at. Private to this module.
#include <atomic>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_parser.h"
#include "net/http_server.h"
#include "net/read_ahead.h"
#include "net/stream.h"

namespace myelin::net {

class HttpStream;

// One of the large bodies that a server holds at a time; given back when it is dropped.
using LargeBodyPlace = std::shared_ptr<const void>;

// What the connections of one loop share. Lives as long as any of them.
class HttpHost {
 public:
  HttpHost(Loop& own_loop, const HttpLimits& http_limits) : loop(own_loop), limits(http_limits) {}
  virtual ~HttpHost() = default;
  HttpHost(const HttpHost&) = delete;
  HttpHost& operator=(const HttpHost&) = delete;

  virtual void handle(HttpRequest request, HttpReply reply) = 0;
  // A place for a body of this length above HttpLimits::body_bytes, or why it is refused.
  [[nodiscard]] virtual std::expected<LargeBodyPlace, HttpProblem> place_for(const HttpRequest& headers,
                                                                             std::uint64_t length) = 0;
  virtual void rejected() = 0;
  virtual void event_streams(int change) = 0;
  virtual void closed(HttpStream& stream, CloseReason reason, std::string_view detail) = 0;

  Loop& loop;
  const HttpLimits limits;
  ReadAhead read_ahead;
  ByteCounters bytes;
};

// How much an event stream is behind, known to the senders on all threads.
struct EventBacklog {
  std::atomic<bool> closed = false;
  std::atomic<std::size_t> posted = 0;  // on its way to the loop
  std::atomic<std::size_t> queued = 0;  // owed by the loop
};

class HttpStream final : public Stream {
 public:
  HttpStream(std::shared_ptr<HttpHost> host, std::unique_ptr<Transport> transport, Endpoint peer);

  void drain();
  [[nodiscard]] const Endpoint& peer() const { return peer_; }

  // The answer to the request in hand, on the loop.
  void respond(const HttpResponse& response);
  void begin_events(const std::shared_ptr<EventBacklog>& backlog, const HttpHeaders& headers);
  void push_events(std::string text);

 private:
  enum class Phase : std::uint8_t { Receiving, Handling, Events };

  void opened() override {}
  bool wants_input() const override { return phase_ != Phase::Handling; }
  std::span<std::byte> room() override { return host_->read_ahead.room(); }
  void received(std::size_t size) override;
  void sent() override;
  std::optional<CloseReason> overdue(MonotonicTime now) override;
  void closed(CloseReason reason, std::string_view detail) override;

  [[nodiscard]] std::shared_ptr<HttpStream> self() { return std::static_pointer_cast<HttpStream>(shared_from_this()); }
  void advance();
  void handle_request();
  [[nodiscard]] std::optional<HttpProblem> hold_place(const HttpRequest& headers, std::uint64_t length);
  void reject(const HttpProblem& problem);
  [[nodiscard]] std::string head(int status, std::string_view content_type, const HttpHeaders& headers) const;

  const std::shared_ptr<HttpHost> host_;
  HttpRequestParser parser_;
  const Endpoint peer_;
  const bool is_tls_;
  Phase phase_ = Phase::Receiving;
  HttpRequestParser::State progress_ = HttpRequestParser::State::Idle;
  MonotonicTime phase_since_;  // since when the header, the body or the next request is awaited
  bool advancing_ = false;
  bool draining_ = false;
  bool served_one_ = false;
  bool told_to_continue_ = false;
  // Of the request in hand.
  bool head_only_ = false;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  LargeBodyPlace large_body_;
  std::shared_ptr<EventBacklog> events_;
};

// The reply that the handler of `stream`'s request gets.
[[nodiscard]] HttpReply reply_to(std::shared_ptr<HttpStream> stream, Loop& loop, std::size_t event_queue_bytes);

}  // namespace myelin::net
