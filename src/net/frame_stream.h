#pragma once
// FrameConnection over a socket, for both directions of connecting. Private to this module.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/frame_assembler.h"
#include "net/frame_connection.h"
#include "net/frame_server.h"
#include "net/read_ahead.h"
#include "net/stream.h"

namespace myelin::net {

class FrameStream;

// What the connections of one loop share. Lives as long as any of them.
class FrameHost {
 public:
  FrameHost(Loop& own_loop, const FrameLimits& frame_limits, const DiskPool* pool)
      : loop(own_loop), limits(frame_limits), disk_pool(pool) {}
  virtual ~FrameHost() = default;
  FrameHost(const FrameHost&) = delete;
  FrameHost& operator=(const FrameHost&) = delete;

  // On the loop. authenticated() at most once per connection; closed() once, after the handler's on_close.
  virtual void authenticated(FrameStream& stream) = 0;
  virtual void closed(FrameStream& stream, CloseReason reason, std::string_view detail) = 0;

  Loop& loop;
  const FrameLimits limits;
  const DiskPool* const disk_pool;
  ReadAhead read_ahead;
  ByteCounters bytes;
};

class FrameStream final : public Stream, public FrameConnection {
 public:
  // `peer` is empty for an outgoing connection, which learns it when it is established.
  FrameStream(std::shared_ptr<FrameHost> host, std::unique_ptr<Transport> transport, Endpoint peer);

  // On the loop: makes the handler and begins.
  void open(const FrameHandlerFactory& factory);
  // On the loop: the server is stopping.
  void drain();
  [[nodiscard]] bool is_authenticated() const { return authenticated_; }
  // Without an authentication deadline, and with the full frame limit: for outgoing connections, before open().
  void skip_authentication();

  void send(PayloadChain body) override;
  void authenticated() override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void close(std::string_view detail) override;
  void finish(std::string_view detail) override;
  void run_on_loop(Task task) override { host_->loop.dispatch(std::move(task)); }
  Loop& loop() override { return host_->loop; }
  const Endpoint& peer_address() const override { return peer_; }
  const Endpoint& local_address() const override { return local_; }
  const std::optional<PeerCertificate>& peer_certificate() const override { return certificate_; }
  bool is_tls() const override { return is_tls_; }

 private:
  void opened() override;
  bool wants_input() const override { return !paused_ && !choked_ && !draining_; }
  std::span<std::byte> room() override { return assembler_.room(); }
  void received(std::size_t size) override;
  void wrote() override;
  void sent() override;
  std::optional<CloseReason> overdue(MonotonicTime now) override;
  void closed(CloseReason reason, std::string_view detail) override;

  [[nodiscard]] std::shared_ptr<FrameStream> self() {
    return std::static_pointer_cast<FrameStream>(shared_from_this());
  }
  void send_now(PayloadChain body);
  void deliver();
  void continue_input();

  const std::shared_ptr<FrameHost> host_;
  std::shared_ptr<FrameHandler> handler_;
  FrameAssembler assembler_;
  Endpoint peer_;
  Endpoint local_;
  std::optional<PeerCertificate> certificate_;
  const bool is_tls_;
  bool authenticated_ = false;
  bool paused_ = false;  // by the handler
  bool choked_ = false;  // the peer is owed more than FrameLimits::send_queue_bytes
  bool draining_ = false;
  std::uint64_t told_written_ = 0;
  bool delivering_ = false;  // answers to one read go out together
};

}  // namespace myelin::net
