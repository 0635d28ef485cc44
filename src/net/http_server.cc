#include "net/http_server.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "base/log.h"
#include "net/acceptor.h"
#include "net/admission.h"
#include "net/connection_set.h"
#include "net/http_stream.h"
#include "net/tls_internal.h"

namespace myelin::net {
namespace {

// Fewer than the Kafka side leaves free, so that people can look at a server that is full.
constexpr std::size_t kDescriptorHeadroom = 16;

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  struct Shard;

  Impl(Reactor& own_reactor, const HttpLimits& http_limits, Handler own_handler, TakesLargeBody takes)
      : reactor(own_reactor),
        limits(http_limits),
        handler(std::move(own_handler)),
        takes_large_body(std::move(takes)),
        admission({limits.connections, limits.connections, limits.connections}) {}

  void accept(Descriptor socket, const Endpoint& peer, const std::shared_ptr<TlsContext>& tls);

  Reactor& reactor;
  const HttpLimits limits;
  const Handler handler;
  const TakesLargeBody takes_large_body;
  Admission admission;
  ShardSet<Shard> shards;  // one per loop
  Acceptors acceptors;

  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> rejected = 0;
  std::atomic<std::int64_t> event_streams = 0;
  std::atomic<std::size_t> large_bodies = 0;  // now
};

// The connections of one loop. Streams hold it, and it holds them until they are closed.
struct HttpServer::Impl::Shard final : HttpHost {
  Shard(Loop& own_loop, std::shared_ptr<Impl> own_server)
      : HttpHost(own_loop, own_server->limits), server(std::move(own_server)) {}

  void handle(HttpRequest request, HttpReply reply) override {
    server->requests.fetch_add(1, std::memory_order_relaxed);
    server->handler(std::move(request), std::move(reply));
  }
  std::expected<LargeBodyPlace, HttpProblem> place_for(const HttpRequest& headers, std::uint64_t length) override;
  void rejected() override { server->rejected.fetch_add(1, std::memory_order_relaxed); }
  void event_streams(int change) override { server->event_streams.fetch_add(change, std::memory_order_relaxed); }
  void closed(HttpStream& stream, CloseReason reason, std::string_view detail) override {
    log::debug("HTTP connection closed",
               {{"peer", stream.peer().text()}, {"reason", close_reason_name(reason)}, {"detail", detail}});
    connections.remove(stream);
    server->admission.leave(stream.peer().host, false);
  }

  const std::shared_ptr<Impl> server;
  ConnectionSet<HttpStream> connections;
};

std::expected<LargeBodyPlace, HttpProblem> HttpServer::Impl::Shard::place_for(const HttpRequest& headers,
                                                                              std::uint64_t length) {
  const bool takes = server->takes_large_body && server->takes_large_body(headers);
  const auto limit = takes ? limits.large_body_bytes : limits.body_bytes;
  if (length > limit) return std::unexpected(HttpProblem{413, fmt::format("the body is larger than {} bytes", limit)});
  if (server->large_bodies.fetch_add(1) >= limits.large_bodies) {
    server->large_bodies.fetch_sub(1);
    return std::unexpected(HttpProblem{503, "too many large requests at a time; send it again in some seconds"});
  }
  return LargeBodyPlace(new std::monostate, [server = server](const std::monostate* place) {
    delete place;
    server->large_bodies.fetch_sub(1);
  });
}

void HttpServer::Impl::accept(Descriptor socket, const Endpoint& peer, const std::shared_ptr<TlsContext>& tls) {
  accepted.fetch_add(1, std::memory_order_relaxed);
  if (!leaves_descriptors(socket.get(), kDescriptorHeadroom) ||
      admission.enter(peer.host) != Admission::Verdict::Admitted) {
    refused.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const auto& shard = shards.next();
  shard->loop.dispatch([shard, tls, peer = peer, socket = std::move(socket)]() mutable {
    auto transport =
        tls ? tls_server_transport(std::move(socket), tls->impl().current()) : plain_transport(std::move(socket));
    const auto stream = std::make_shared<HttpStream>(shard, std::move(transport), std::move(peer));
    shard->connections.add(stream);
    if (shard->server->stopping) {
      stream->shut(CloseReason::ServerStopping, "");
    } else {
      stream->start();
    }
  });
}

HttpServer::HttpServer(Reactor& reactor, HttpLimits limits, Handler handler, TakesLargeBody takes_large_body)
    : impl_(std::make_shared<Impl>(reactor, limits, std::move(handler), std::move(takes_large_body))) {
  const auto interval = sweep_interval(
      {limits.header_deadline, limits.body_deadline, limits.keep_alive_limit, limits.stall_limit, limits.heartbeat});
  for (std::size_t index = 0; index < reactor.size(); ++index) {
    impl_->shards.add(std::make_shared<Impl::Shard>(reactor.loop(index), impl_), interval);
  }
}

HttpServer::~HttpServer() {
  impl_->stopping = true;
  impl_->acceptors.stop();
  impl_->shards.end();
}

Result<Endpoint> HttpServer::listen(HttpListener listener) {
  Acceptor::Events events;
  events.accepted = [impl = impl_, tls = listener.tls](Descriptor accepted, const Endpoint& peer) {
    impl->accept(std::move(accepted), peer, tls);
  };
  events.out_of_descriptors = [impl = impl_] { impl->refused.fetch_add(1, std::memory_order_relaxed); };
  return impl_->acceptors.open(impl_->reactor.loop(0), listener.address, std::move(events));
}

bool HttpServer::drain(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  impl_->stopping = true;
  impl_->acceptors.stop();
  impl_->shards.drain();
  const bool all = impl_->admission.wait_until_empty(until);
  if (!all) impl_->shards.shut();
  return all;
}

HttpServerCounters HttpServer::counters() const {
  HttpServerCounters counters;
  counters.open = impl_->admission.counts().connections;
  counters.accepted = impl_->accepted;
  counters.refused = impl_->refused;
  counters.requests = impl_->requests;
  counters.rejected = impl_->rejected;
  counters.event_streams = static_cast<std::uint64_t>(impl_->event_streams.load());
  return counters;
}

}  // namespace myelin::net
