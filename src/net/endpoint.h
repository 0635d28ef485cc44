#pragma once
// Where a socket is bound or connected: a host (name or numeric address) and a port.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin::net {

struct Endpoint {
  std::string host;        // without brackets, also for IPv6
  std::uint16_t port = 0;  // when binding, 0 asks for any free port

  // "127.0.0.1:9092", "[::1]:9092", "localhost:0"; the port is required.
  [[nodiscard]] static Result<Endpoint> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

// True for "localhost", 127.0.0.0/8, ::1 and IPv4-mapped loopback; other names are never resolved here.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace myelin::net
