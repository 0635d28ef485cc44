#include "net/frame_stream.h"

#include <array>
#include <utility>

#include "base/log.h"

namespace myelin::net {
namespace {

// Other protocols at the wrong port are the usual reason; their first bytes tell which.
std::string explain_bad_length(std::int32_t length, std::uint32_t limit) {
  const auto bits = static_cast<std::uint32_t>(length);
  if (bits >> 16 == 0x1603)
    return "the peer speaks TLS and this listener does not; check the client's security protocol";
  const bool is_text = bits == 0x47455420 || bits == 0x504f5354 || bits == 0x48454144;  // "GET ", "POST", "HEAD"
  if (is_text) return "the peer speaks HTTP to a Kafka listener; check the port";
  return fmt::format("frame length {} is outside 1..{}", length, limit);
}

}  // namespace

std::string_view close_reason_name(CloseReason reason) {
  constexpr std::array<std::string_view, kCloseReasons> kNames{
      "peer_closed",     "peer_reset",   "connect_failed",  "tls_failed",  "bad_frame", "authentication_deadline",
      "receive_stalled", "send_stalled", "send_queue_full", "file_failed", "idle",      "server_stopping",
      "by_handler"};
  return kNames[static_cast<std::size_t>(reason)];
}

FrameStream::FrameStream(std::shared_ptr<FrameHost> host, std::unique_ptr<Transport> transport, Endpoint peer)
    : Stream(host->loop, std::move(transport), {host->bytes, host->disk_pool, host->limits.stall_limit}),
      host_(std::move(host)),
      assembler_(host_->read_ahead, host_->limits.frame_bytes_before_authentication),
      peer_(std::move(peer)),
      local_(local_endpoint(this->transport().descriptor())),
      is_tls_(this->transport().is_tls()) {}

void FrameStream::open(const FrameHandlerFactory& factory) {
  handler_ = factory(self());
  start();
}

void FrameStream::skip_authentication() {
  authenticated_ = true;
  assembler_.set_limit(host_->limits.frame_bytes);
}

void FrameStream::opened() {
  certificate_ = transport().peer_certificate();
  if (peer_.host.empty()) {
    peer_ = peer_endpoint(transport().descriptor());
    local_ = local_endpoint(transport().descriptor());
  }
  const auto handler = handler_;
  handler->on_open();
}

void FrameStream::received(std::size_t size) {
  assembler_.received(size);
  deliver();
}

void FrameStream::deliver() {
  if (delivering_) return;
  delivering_ = true;
  const auto handler = handler_;  // on_frame may close the connection, which lets go of it
  while (is_open() && wants_input()) {
    auto next = assembler_.next();
    if (next.kind == FrameAssembler::Next::Kind::Incomplete) break;
    if (next.kind == FrameAssembler::Next::Kind::BadLength) {
      const auto limit = authenticated_ ? host_->limits.frame_bytes : host_->limits.frame_bytes_before_authentication;
      shut(CloseReason::BadFrame, explain_bad_length(next.bad_length, limit));
      break;
    }
    handler->on_frame(std::move(next.frame));
    if (is_open() && choked_) flush();
  }
  delivering_ = false;
  if (!queue_empty()) flush();
}

void FrameStream::continue_input() {
  if (!is_open() || !wants_input()) return;
  deliver();
  resume_input();
}

void FrameStream::resume_reading() {
  paused_ = false;
  if (!delivering_) continue_input();
}

void FrameStream::send(PayloadChain body) {
  if (host_->loop.is_current()) {
    send_now(std::move(body));
    return;
  }
  host_->loop.post([self = self(), body = std::move(body)]() mutable { self->send_now(std::move(body)); });
}

void FrameStream::send_now(PayloadChain body) {
  if (!is_open() && state() != State::Opening) return;
  queue_frame(std::move(body));
  if (!delivering_) queued_memory() > kTurnBytes ? flush() : flush_soon();
  if (!is_open()) return;
  if (queued_memory() > host_->limits.send_queue_bytes_max) {
    shut(CloseReason::SendQueueFull, fmt::format("{} bytes are owed to a peer that does not read", queued_memory()));
  } else if (queued_memory() > host_->limits.send_queue_bytes) {
    choked_ = true;
  }
}

void FrameStream::wrote() {
  if (frames_written() == told_written_) return;
  told_written_ = frames_written();
  handler_->on_sent(told_written_);
}

void FrameStream::sent() {
  const bool was_choked = std::exchange(choked_, queued_memory() > host_->limits.send_queue_bytes);
  if (was_choked && !choked_ && !delivering_) continue_input();
}

void FrameStream::authenticated() {
  if (authenticated_ || state() == State::Closed) return;
  skip_authentication();
  host_->authenticated(*this);
}

void FrameStream::close(std::string_view detail) {
  host_->loop.dispatch([self = self(), detail = std::string(detail)] { self->shut(CloseReason::ByHandler, detail); });
}

void FrameStream::finish(std::string_view detail) {
  host_->loop.dispatch(
      [self = self(), detail = std::string(detail)] { self->shut_after_sending(CloseReason::ByHandler, detail); });
}

void FrameStream::drain() {
  if (state() == State::Opening) {
    shut(CloseReason::ServerStopping, "");
    return;
  }
  if (!is_open() || draining_) return;
  draining_ = true;
  const auto handler = handler_;
  handler->on_drain();
}

std::optional<CloseReason> FrameStream::overdue(MonotonicTime now) {
  const auto& limits = host_->limits;
  if (!authenticated_ && now - started_at() > limits.authentication_deadline)
    return CloseReason::AuthenticationDeadline;
  if (state() == State::Opening) {
    // Only outgoing connections are past authentication here.
    if (now - started_at() > limits.authentication_deadline) return CloseReason::ConnectFailed;
    return std::nullopt;
  }
  if (wants_input() && assembler_.mid_frame() && now - last_input() > limits.stall_limit)
    return CloseReason::ReceiveStalled;
  if (now - last_input() > limits.idle_limit && now - last_output() > limits.idle_limit) return CloseReason::Idle;
  return std::nullopt;
}

void FrameStream::closed(CloseReason reason, std::string_view detail) {
  // Never inside a call that the handler made: it would find itself gone when that returns.
  Task tell = [self = self(), handler = std::exchange(handler_, nullptr), reason, detail = std::string(detail)] {
    if (handler) handler->on_close(reason);
    self->host_->closed(*self, reason, detail);
  };
  if (is_running(host_->loop)) {
    host_->loop.post(std::move(tell));
  } else {
    tell();
  }
}

}  // namespace myelin::net
