#include "net/frame_server.h"

#include <utility>

#include "base/log.h"
#include "net/acceptor.h"
#include "net/admission.h"
#include "net/connection_set.h"
#include "net/frame_stream.h"
#include "net/tls_internal.h"

namespace myelin::net {
namespace {

constexpr std::size_t kDescriptorHeadroom = 128;
constexpr std::chrono::seconds kWarnEvery{1};

// Lets one event a second through, so that a hostile peer can't fill the log.
class WarnGate {
 public:
  bool open() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    auto last = last_.load(std::memory_order_relaxed);
    const auto pause = std::chrono::steady_clock::duration(kWarnEvery).count();
    return now - last >= pause && last_.compare_exchange_strong(last, now);
  }

 private:
  std::atomic<std::chrono::steady_clock::rep> last_ = std::chrono::steady_clock::duration::min().count() / 2;
};

bool is_hostile(CloseReason reason) {
  switch (reason) {
    case CloseReason::TlsFailed:
    case CloseReason::BadFrame:
    case CloseReason::AuthenticationDeadline:
    case CloseReason::ReceiveStalled:
    case CloseReason::SendStalled:
    case CloseReason::SendQueueFull:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct FrameServer::Impl : std::enable_shared_from_this<FrameServer::Impl> {
  struct Shard;

  Impl(Reactor& own_reactor, const FrameLimits& frame_limits, DiskPool pool)
      : reactor(own_reactor),
        limits(frame_limits),
        disk_pool(std::move(pool)),
        admission({limits.connections, limits.unauthenticated_connections, limits.connections_per_address}) {}

  void accept(Descriptor socket, const Endpoint& peer, const std::shared_ptr<const FrameListener>& listener);
  void refuse(std::atomic<std::uint64_t>& counter, const Endpoint& peer, std::string_view why);
  void ended(FrameStream& stream, CloseReason reason, std::string_view detail);

  Reactor& reactor;
  const FrameLimits limits;
  const DiskPool disk_pool;
  Admission admission;
  ShardSet<Shard> shards;  // one per loop
  Acceptors acceptors;

  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused_connections = 0;
  std::atomic<std::uint64_t> refused_unauthenticated = 0;
  std::atomic<std::uint64_t> refused_per_address = 0;
  std::atomic<std::uint64_t> refused_descriptors = 0;
  std::array<std::atomic<std::uint64_t>, kCloseReasons> closed{};
  std::array<WarnGate, kCloseReasons> closed_warnings;
  WarnGate refused_warnings;
};

// The connections of one loop. Streams hold it, and it holds them until they are closed.
struct FrameServer::Impl::Shard final : FrameHost {
  Shard(Loop& own_loop, std::shared_ptr<Impl> own_server)
      : FrameHost(own_loop, own_server->limits, own_server->disk_pool ? &own_server->disk_pool : nullptr),
        server(std::move(own_server)) {}

  void authenticated(FrameStream&) override { server->admission.authenticated(); }
  void closed(FrameStream& stream, CloseReason reason, std::string_view detail) override {
    connections.remove(stream);
    server->ended(stream, reason, detail);
  }

  const std::shared_ptr<Impl> server;
  ConnectionSet<FrameStream> connections;
};

void FrameServer::Impl::refuse(std::atomic<std::uint64_t>& counter, const Endpoint& peer, std::string_view why) {
  counter.fetch_add(1, std::memory_order_relaxed);
  if (refused_warnings.open()) log::warn("connection refused", {{"peer", peer.text()}, {"reason", why}});
}

void FrameServer::Impl::accept(Descriptor socket, const Endpoint& peer,
                               const std::shared_ptr<const FrameListener>& listener) {
  accepted.fetch_add(1, std::memory_order_relaxed);
  if (!leaves_descriptors(socket.get(), kDescriptorHeadroom)) {
    refuse(refused_descriptors, peer, "few file descriptors are left; raise `ulimit -n`");
    return;
  }
  switch (admission.enter(peer.host)) {
    case Admission::Verdict::Admitted:
      break;
    case Admission::Verdict::TooMany:
      refuse(refused_connections, peer, "too many connections");
      return;
    case Admission::Verdict::TooManyUnauthenticated:
      refuse(refused_unauthenticated, peer, "too many connections that have not signed in");
      return;
    case Admission::Verdict::TooManyFromAddress:
      refuse(refused_per_address, peer, "too many connections from this address");
      return;
  }
  const auto& shard = shards.next();
  shard->loop.dispatch([shard, listener, peer = peer, socket = std::move(socket)]() mutable {
    auto transport = listener->tls ? tls_server_transport(std::move(socket), listener->tls->impl().current())
                                   : plain_transport(std::move(socket));
    const auto stream = std::make_shared<FrameStream>(shard, std::move(transport), std::move(peer));
    shard->connections.add(stream);
    if (shard->server->stopping) {
      stream->shut(CloseReason::ServerStopping, "");
    } else {
      stream->open(listener->handler);
    }
  });
}

void FrameServer::Impl::ended(FrameStream& stream, CloseReason reason, std::string_view detail) {
  const auto index = static_cast<std::size_t>(reason);
  closed[index].fetch_add(1, std::memory_order_relaxed);
  const bool warns = is_hostile(reason) && closed_warnings[index].open();
  log::write(warns ? log::Level::Warn : log::Level::Debug, "connection closed",
             {{"peer", stream.peer_address().text()}, {"reason", close_reason_name(reason)}, {"detail", detail}});
  admission.leave(stream.peer_address().host, stream.is_authenticated());
}

FrameServer::FrameServer(Reactor& reactor, FrameLimits limits, DiskPool disk_pool)
    : impl_(std::make_shared<Impl>(reactor, limits, std::move(disk_pool))) {
  const auto interval = sweep_interval({limits.authentication_deadline, limits.stall_limit, limits.idle_limit});
  for (std::size_t index = 0; index < reactor.size(); ++index) {
    impl_->shards.add(std::make_shared<Impl::Shard>(reactor.loop(index), impl_), interval);
  }
}

FrameServer::~FrameServer() {
  impl_->stopping = true;
  impl_->acceptors.stop();
  impl_->shards.end();
}

Result<Endpoint> FrameServer::listen(FrameListener listener) {
  const auto shared = std::make_shared<const FrameListener>(std::move(listener));
  Acceptor::Events events;
  events.accepted = [impl = impl_, shared](Descriptor accepted, const Endpoint& peer) {
    impl->accept(std::move(accepted), peer, shared);
  };
  events.out_of_descriptors = [impl = impl_] {
    impl->refuse(impl->refused_descriptors, Endpoint{}, "no file descriptor is left; raise `ulimit -n`");
  };
  return impl_->acceptors.open(impl_->reactor.loop(0), shared->address, std::move(events));
}

bool FrameServer::drain(std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  impl_->stopping = true;
  impl_->acceptors.stop();
  impl_->shards.drain();
  const bool all = impl_->admission.wait_until_empty(until);
  if (!all) impl_->shards.shut();
  return all;
}

FrameServerCounters FrameServer::counters() const {
  FrameServerCounters counters;
  const auto counts = impl_->admission.counts();
  counters.open = counts.connections;
  counters.unauthenticated = counts.unauthenticated;
  counters.accepted = impl_->accepted;
  counters.refused_connections = impl_->refused_connections;
  counters.refused_unauthenticated = impl_->refused_unauthenticated;
  counters.refused_per_address = impl_->refused_per_address;
  counters.refused_descriptors = impl_->refused_descriptors;
  for (const auto& shard : impl_->shards.all()) {
    counters.received_bytes += shard->bytes.received.load(std::memory_order_relaxed);
    counters.sent_bytes += shard->bytes.sent.load(std::memory_order_relaxed);
  }
  for (std::size_t index = 0; index < kCloseReasons; ++index) counters.closed[index] = impl_->closed[index];
  return counters;
}

}  // namespace myelin::net
