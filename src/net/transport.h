#pragma once
// Moves bytes of one non-blocking socket, in the clear or through TLS. Owns the socket. Never waits: it says what to
// wait for. Private to this module.
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/frame_connection.h"
#include "net/socket.h"

namespace myelin::net {

struct IoResult {
  enum class Status : std::uint8_t { Done, WantRead, WantWrite, Ended, Failed } status = Status::Done;
  std::size_t bytes = 0;  // moved; with Done more than zero
};

class Transport {
 public:
  explicit Transport(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Done when bytes may flow.
  [[nodiscard]] virtual IoResult handshake() = 0;
  [[nodiscard]] virtual IoResult read(std::span<std::byte> to) = 0;
  // A prefix of `from`, which must not be empty; after WantRead or WantWrite come back with the same bytes, or more.
  // `more`: another write follows at once, so a short packet may wait for it.
  [[nodiscard]] virtual IoResult write(std::span<const iovec> from, bool more) = 0;
  // Only when takes_files().
  [[nodiscard]] virtual IoResult write_file(int file, std::uint64_t offset, std::size_t size) = 0;
  [[nodiscard]] virtual bool takes_files() const = 0;
  // Input came in that was not read yet, and that no poll of the socket would report.
  [[nodiscard]] virtual bool holds_input() const { return false; }
  // How much a read may take at most, whatever its span: one that takes less has emptied the socket, unless
  // holds_input().
  [[nodiscard]] virtual std::size_t read_bytes_max() const { return SIZE_MAX; }
  // Whether bytes move all the time: then what moving them needs is kept, else it is given back after each.
  virtual void keep_buffers(bool) {}
  // Says goodbye as far as possible without waiting; reading stays possible.
  virtual void end_writing() = 0;
  [[nodiscard]] virtual std::optional<PeerCertificate> peer_certificate() const = 0;
  [[nodiscard]] virtual bool is_tls() const = 0;
  // After Failed: who is to blame, and what happened, for the log.
  enum class Fault : std::uint8_t { Network, Tls, File };
  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

 protected:
  IoResult failed(Fault fault, std::string what) {
    fault_ = fault;
    failure_ = std::move(what);
    return {IoResult::Status::Failed, 0};
  }

 private:
  Descriptor descriptor_;
  Fault fault_ = Fault::Network;
  std::string failure_;
};

[[nodiscard]] std::unique_ptr<Transport> plain_transport(Descriptor descriptor);
// As plain_transport, for a socket whose connect is under way; handshake() ends when it is established.
[[nodiscard]] std::unique_ptr<Transport> connecting_transport(Descriptor descriptor);

}  // namespace myelin::net
