#pragma once
// Sockets of the operating system, as values. Private to this module.
#include <sys/socket.h>

#include <utility>

#include "base/result.h"
#include "net/endpoint.h"

namespace myelin::net {

// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.value_, -1));
    return *this;
  }
  ~Descriptor() { reset(); }
  void reset(int value = -1);
  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] explicit operator bool() const { return value_ >= 0; }

 private:
  int value_ = -1;
};

// A peer that goes away must be an error of the call that wrote to it, not a signal. OpenSSL and sendfile have no flag
// for that.
void ignore_broken_pipes();

struct ListeningSocket {
  Descriptor descriptor;  // non-blocking
  Endpoint bound;         // numeric, with the real port
};
[[nodiscard]] Result<ListeningSocket> listen_on(const Endpoint& address);

// Begins a non-blocking connect; the socket becomes writable when it succeeded or failed (connect_error tells).
// Resolves names.
[[nodiscard]] Result<Descriptor> connect_to(const Endpoint& server);
// 0, or the errno of a connect that has ended.
[[nodiscard]] int connect_error(int descriptor);

// No delay of small writes; a vanished peer is noticed within a minute.
void tune_stream(int descriptor);

[[nodiscard]] Endpoint endpoint_of(const sockaddr_storage& address);
[[nodiscard]] Endpoint local_endpoint(int descriptor);
[[nodiscard]] Endpoint peer_endpoint(int descriptor);

}  // namespace myelin::net
