#pragma once
// A connection whose user waits: what the command line's clients stand on. Private to this module.
#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "net/endpoint.h"
#include "net/tls.h"
#include "net/transport.h"

namespace myelin::net {

using BlockingDeadline = std::chrono::steady_clock::time_point;

// Errors say what happened and not with whom, for the caller to put in a sentence: NotFound for a name that is none,
// Timeout, Unavailable; kTlsFault stands in front of what OpenSSL says.
class BlockingStream {
 public:
  static constexpr std::string_view kTlsFault = "TLS: ";

  struct Target {
    const Endpoint& server;
    const std::optional<TlsClientFiles>& tls;
    BlockingDeadline connected_by;
    BlockingDeadline ready_by;  // with the handshake of TLS
  };
  [[nodiscard]] static Result<BlockingStream> connect(const Target& target);

  [[nodiscard]] Result<void> send(ByteSpan bytes, BlockingDeadline deadline);
  // Some bytes; none when the other side ended the connection.
  [[nodiscard]] Result<std::size_t> receive(std::span<std::byte> into, BlockingDeadline deadline);

 private:
  explicit BlockingStream(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}
  [[nodiscard]] Result<void> shake_hands(BlockingDeadline deadline);

  std::unique_ptr<Transport> transport_;
};

}  // namespace myelin::net
