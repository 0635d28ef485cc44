#pragma once
// One connection that carries Kafka frames: a 4-byte big-endian length, then that many bytes. The owner of the protocol
// implements FrameHandler; the connection does framing, limits, deadlines, back-pressure and TLS. An abstract class
// because handlers are tested without sockets.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "net/endpoint.h"
#include "net/reactor.h"

namespace myelin::net {

// Why a connection ended. A closed set, fit for a metric's label.
enum class CloseReason : std::uint8_t {
  PeerClosed,              // orderly end of the stream
  PeerReset,               // the network or the peer broke it
  ConnectFailed,           // outgoing connections: it never came about
  TlsFailed,               // the handshake or a record was refused
  BadFrame,                // length negative, zero or beyond the limit
  AuthenticationDeadline,  // not authenticated in time
  ReceiveStalled,          // a frame was begun and not continued
  SendStalled,             // the peer does not read what it is owed
  SendQueueFull,           // more owed to a peer that does not read than may be kept
  FileFailed,              // a file range that was to be sent could not be read
  Idle,
  ServerStopping,
  ByHandler,  // close() or finish()
};
inline constexpr std::size_t kCloseReasons = static_cast<std::size_t>(CloseReason::ByHandler) + 1;
[[nodiscard]] std::string_view close_reason_name(CloseReason reason);  // "peer_closed", ...

struct PeerCertificate {
  std::string subject;      // RFC 2253: "CN=orders,O=Quokka"
  std::string common_name;  // the most specific CN; empty when there is none
};

// Shared by whoever still owes the peer an answer: after the connection has closed every call is a no-op, so late
// answers are harmless. Unless said otherwise a function is called on the connection's loop only.
class FrameConnection {
 public:
  virtual ~FrameConnection() = default;

  // Any thread. Sends one frame: writes the length of `body` and then `body`, in the order of the calls made on the
  // loop. On the loop it is written at once as far as the socket takes it (inside on_frame: when that returns, together
  // with other answers to the same read). A FileRange goes out by sendfile, or is read in chunks under TLS.
  virtual void send(PayloadChain body) = 0;

  // The peer has proven who it is: ends the authentication deadline, raises the frame limit from
  // FrameLimits::frame_bytes_before_authentication to frame_bytes, and frees a slot for unauthenticated peers.
  virtual void authenticated() = 0;

  // No on_frame until resume_reading(), even for frames already received (KIP-219 mute, and bounding what is in
  // flight). Not counted: one resume undoes any number of pauses.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // Any thread. Closes at once, dropping what was not sent. `detail` is for the log: what and why.
  virtual void close(std::string_view detail) = 0;
  // Any thread. Reads no more, sends what has been given to send(), then closes.
  virtual void finish(std::string_view detail) = 0;

  // Any thread. `task` runs on the connection's loop, at once when called there. It runs also after the connection
  // closed.
  virtual void run_on_loop(Task task) = 0;
  // Any thread. The loop that the connection lives on: timers, posting.
  [[nodiscard]] virtual Loop& loop() = 0;

  // Any thread; fixed when on_open is called.
  [[nodiscard]] virtual const Endpoint& peer_address() const = 0;   // numeric
  [[nodiscard]] virtual const Endpoint& local_address() const = 0;  // the address and port the peer reached us by
  [[nodiscard]] virtual const std::optional<PeerCertificate>& peer_certificate() const = 0;  // mutual TLS only
  [[nodiscard]] virtual bool is_tls() const = 0;
};

// What a protocol does with frames. Every function is called on the connection's loop, never two at once. The
// connection holds the handler from on_open until on_close has returned.
class FrameHandler {
 public:
  virtual ~FrameHandler() = default;

  // The connection is usable (TLS handshake done); peer_certificate() is known. Called once, before any on_frame.
  virtual void on_open() {}
  // One whole frame without its length. It shares storage with its neighbours (up to 64 KiB): copy what is kept for
  // long.
  virtual void on_frame(SharedBytes frame) = 0;
  // The first `frames` frames given to send() since on_open have been handed to the socket, every byte of them; grows
  // with each call. What a peer took no more of is never told. May be called inside send(); it must not send or close.
  virtual void on_sent(std::uint64_t /*frames*/) {}
  // The server is draining: no more frames come. Call finish() once every answer that is owed has been given to send().
  virtual void on_drain() = 0;
  // The connection has ended; called exactly once, and last.
  virtual void on_close(CloseReason reason) = 0;
};

using FrameHandlerFactory = std::function<std::shared_ptr<FrameHandler>(std::shared_ptr<FrameConnection>)>;

}  // namespace myelin::net
