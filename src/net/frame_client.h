#pragma once
// The other end of Kafka frames: an outgoing plaintext connection with the same handler interface, for the upstream
// engine.
#include <chrono>
#include <memory>

#include "base/result.h"
#include "net/endpoint.h"
#include "net/frame_connection.h"
#include "net/reactor.h"

namespace myelin::net {

struct FrameClientOptions {
  Endpoint server;
  std::uint32_t frame_bytes = 128 * 1024 * 1024;  // larger answers close the connection
  std::chrono::milliseconds connect_deadline{10'000};
  std::chrono::milliseconds stall_limit{30'000};  // as FrameLimits::stall_limit
};

// Begins to connect on `loop` and returns at once; frames sent meanwhile wait. The handler's on_open says that it
// worked, on_close(ConnectFailed) that it did not. Names are resolved on the calling thread, so give addresses on a
// loop.
[[nodiscard]] Result<std::shared_ptr<FrameConnection>> connect_frames(Loop& loop, const FrameClientOptions& options,
                                                                      const FrameHandlerFactory& handler);

}  // namespace myelin::net
