#pragma once
// Listeners for Kafka frames, with the limits that keep hostile, slow and vanished peers from costing more than their
// share. One server may have several listeners; the limits on connections count over all of them.
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "net/endpoint.h"
#include "net/frame_connection.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace myelin::net {

struct FrameLimits {
  std::uint32_t frame_bytes_before_authentication = 64 * 1024;
  std::uint32_t frame_bytes = 32 * 1024 * 1024;

  std::size_t connections = 12'000;  // also never more than leaves 128 descriptors of the process free
  std::size_t unauthenticated_connections = 2'000;
  std::size_t connections_per_address = 12'000;

  // Reading pauses while more than this is owed to the peer in memory (file ranges are not in memory).
  std::size_t send_queue_bytes = 1024 * 1024;
  // A peer that is owed more than this in memory is dropped: the requests it had in flight when reading paused.
  std::size_t send_queue_bytes_max = 128 * 1024 * 1024;

  std::chrono::milliseconds authentication_deadline{10'000};  // from accept to authenticated()
  std::chrono::milliseconds stall_limit{
      30'000};  // no byte moves in a frame that was begun, or in what the peer is owed
  std::chrono::milliseconds idle_limit{600'000};  // no byte moves at all
};

struct FrameListener {
  Endpoint address;                 // numeric or "localhost"; port 0 picks a free one
  std::shared_ptr<TlsContext> tls;  // null: plaintext
  FrameHandlerFactory handler;      // called on the new connection's loop
};

// Everything since start, for metrics. `open` and `unauthenticated` are of now.
struct FrameServerCounters {
  std::uint64_t open = 0;
  std::uint64_t unauthenticated = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;      // by FrameLimits::connections
  std::uint64_t refused_unauthenticated = 0;  // by FrameLimits::unauthenticated_connections
  std::uint64_t refused_per_address = 0;
  std::uint64_t refused_descriptors = 0;  // too few file descriptors left
  std::uint64_t received_bytes = 0;       // by recv or after decryption
  std::uint64_t sent_bytes = 0;           // before encryption
  std::array<std::uint64_t, kCloseReasons> closed{};
};

class FrameServer {
 public:
  // `disk_pool` runs a task where waiting for a disk is fine: it warms the page cache before a cold file range is sent.
  // Empty: such a range is sent as it is, and the loop waits for the disk.
  using DiskPool = std::function<void(Task)>;
  FrameServer(Reactor& reactor, FrameLimits limits, DiskPool disk_pool = {});
  ~FrameServer();  // closes everything at once
  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;

  // Binds and begins to accept as soon as the reactor runs. Returns the address with the port that was bound. An error
  // says which address and what to do (port in use, not ours, not permitted).
  [[nodiscard]] Result<Endpoint> listen(FrameListener listener);

  // Stops accepting, tells every handler (on_drain) and waits until all connections have finished or the deadline
  // passed; then closes the rest. True when none had to be cut. Call it from outside the loops, while the reactor runs.
  bool drain(std::chrono::milliseconds deadline);

  [[nodiscard]] FrameServerCounters counters() const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace myelin::net
