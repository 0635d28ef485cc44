#include "net/frame_client.h"

#include <utility>

#include "base/log.h"
#include "net/connection_set.h"
#include "net/frame_stream.h"

namespace myelin::net {
namespace {

FrameLimits limits_of(const FrameClientOptions& options) {
  FrameLimits limits;
  limits.frame_bytes = options.frame_bytes;
  limits.authentication_deadline = options.connect_deadline;
  limits.stall_limit = options.stall_limit;
  // Requests wait in memory while the server is busy; it is the caller who bounds how many there are.
  limits.send_queue_bytes = limits.send_queue_bytes_max;
  limits.idle_limit = std::chrono::hours(24 * 365);
  return limits;
}

// The surroundings of one outgoing connection. The connection holds it; it holds the connection until that is closed.
class ClientHost final : public FrameHost {
 public:
  ClientHost(Loop& own_loop, const FrameLimits& frame_limits) : FrameHost(own_loop, frame_limits, nullptr) {}

  void open(const std::shared_ptr<FrameStream>& stream, const FrameHandlerFactory& factory) {
    connection_.add(stream);
    connection_.sweep_every(loop, sweep_interval({limits.authentication_deadline, limits.stall_limit}));
    stream->skip_authentication();
    stream->open(factory);
  }
  void authenticated(FrameStream&) override {}
  void closed(FrameStream& stream, CloseReason reason, std::string_view detail) override {
    log::debug("outgoing connection closed", {{"reason", close_reason_name(reason)}, {"detail", detail}});
    connection_.stop_sweeping();
    connection_.remove(stream);
  }

 private:
  ConnectionSet<FrameStream> connection_;
};

}  // namespace

Result<std::shared_ptr<FrameConnection>> connect_frames(Loop& loop, const FrameClientOptions& options,
                                                        const FrameHandlerFactory& handler) {
  auto socket = connect_to(options.server);
  if (!socket) return pass(socket);
  const auto host = std::make_shared<ClientHost>(loop, limits_of(options));
  const auto stream = std::make_shared<FrameStream>(host, connecting_transport(std::move(*socket)), Endpoint{});
  loop.dispatch([host, stream, handler] { host->open(stream, handler); });
  return std::shared_ptr<FrameConnection>(stream);
}

}  // namespace myelin::net
