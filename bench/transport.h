#pragma once
// What a measuring client speaks over: TCP, or TLS 1.3 on it.
#include <openssl/ssl.h>

#include <memory>
#include <span>

#include "bench/sockets.h"

namespace myelin::bench {

enum class Cipher : std::uint8_t { None, Tls };

class Transport {
 public:
  Transport(Socket socket, Cipher cipher);

  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
  void write_all(std::span<const std::byte> bytes) const;
  // False at the end of the stream.
  [[nodiscard]] bool read_exactly(std::span<std::byte> bytes) const;

 private:
  Socket socket_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> tls_;
};

}  // namespace myelin::bench
