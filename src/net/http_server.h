#pragma once
// An HTTP/1.1 server on the reactor's loops: keep-alive, HEAD, chunked requests, server-sent events, and limits on
// everything a peer can stretch. It routes nothing and adds no policy: the handler sees every well-formed request.
//
// Answered here, without the handler: 400 malformed or ambiguous (two Content-Length, Content-Length with chunks, no or
// two Host), 408 too slow, 413 body too large, 414 target too long, 417 unknown expectation, 431 headers too large,
// 501 transfer coding, 503 too many large bodies at a time, 505 version.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "net/endpoint.h"
#include "net/http_message.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace myelin::net {

struct HttpLimits {
  std::uint32_t header_bytes = 16 * 1024;  // request line and headers together
  std::uint64_t body_bytes = 4 * 1024 * 1024;
  std::uint64_t large_body_bytes = 80 * 1024 * 1024;  // of a request that the server's owner lets have a large body
  std::size_t large_bodies = 2;                       // at a time, from their headers to their answers
  std::size_t connections = 1'024;
  std::size_t event_queue_bytes = 1024 * 1024;         // per event stream; a reader further behind is dropped
  std::chrono::milliseconds header_deadline{10'000};   // first byte (or accept) to end of headers
  std::chrono::milliseconds body_deadline{60'000};     // end of headers to end of body
  std::chrono::milliseconds keep_alive_limit{75'000};  // between requests
  std::chrono::milliseconds stall_limit{30'000};       // the peer does not read
  std::chrono::milliseconds heartbeat{15'000};         // comment line on a quiet event stream
};

// Server-sent events to one browser. Any thread; keep it as long as there is something to send.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // False when the stream has ended (reader gone, too far behind, server stopping): drop it then. `event` names the
  // kind and is one line; `data` may have several lines.
  virtual bool send(std::string_view event, std::string_view data) = 0;
  [[nodiscard]] virtual bool closed() const = 0;
  virtual void close() = 0;
};

// The right to answer one request, once, from any thread. Dropped unanswered it answers 500 and logs that.
class HttpReply {
 public:
  // What the server puts behind a reply. An interface so that handlers are tested without sockets.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void send(HttpResponse response) = 0;
    [[nodiscard]] virtual std::shared_ptr<EventStream> start_events(HttpHeaders headers) = 0;
  };
  explicit HttpReply(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
  ~HttpReply();
  HttpReply(HttpReply&&) noexcept = default;
  HttpReply& operator=(HttpReply&&) = delete;

  void send(HttpResponse response);
  // Answers 200 with text/event-stream and `headers`, and keeps the connection for events.
  [[nodiscard]] std::shared_ptr<EventStream> start_events(HttpHeaders headers);

 private:
  std::shared_ptr<Sink> sink_;
};

struct HttpListener {
  Endpoint address;                 // numeric or "localhost"; port 0 picks a free one
  std::shared_ptr<TlsContext> tls;  // null: plain HTTP
};

struct HttpServerCounters {
  std::uint64_t open = 0;  // connections, now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;        // over HttpLimits::connections
  std::uint64_t requests = 0;       // given to the handler
  std::uint64_t rejected = 0;       // answered here with 4xx or 5xx
  std::uint64_t event_streams = 0;  // now
};

class HttpServer {
 public:
  // Called on a loop: must not block. Slow work goes elsewhere and takes the reply along.
  using Handler = std::function<void(HttpRequest, HttpReply)>;

  // Whether a request may have a body of large_body_bytes; called on a loop, its body is not there yet. A body in
  // chunks does not say how long it is, and is never a large one.
  using TakesLargeBody = std::function<bool(const HttpRequest&)>;

  HttpServer(Reactor& reactor, HttpLimits limits, Handler handler, TakesLargeBody takes_large_body = {});
  ~HttpServer();  // closes everything at once
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As FrameServer::listen.
  [[nodiscard]] Result<Endpoint> listen(HttpListener listener);
  // Stops accepting, ends event streams and idle connections, waits for answers that are owed, at most `deadline`. True
  // when none had to be cut. Call it from outside the loops, while the reactor runs.
  bool drain(std::chrono::milliseconds deadline);
  [[nodiscard]] HttpServerCounters counters() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace myelin::net
