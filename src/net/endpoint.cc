#include "net/endpoint.h"

#include <charconv>

namespace myelin::net {

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return fail(Code::Invalid, "address \"{}\" has no port; write HOST:PORT, for example 127.0.0.1:9092", text);
  }
  auto host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return fail(Code::Invalid, "address \"{}\": write an IPv6 host in brackets, for example [::1]:9092", text);
  }
  if (host.empty()) {
    return fail(Code::Invalid,
                "address \"{}\" has no host; use 127.0.0.1 for this machine or 0.0.0.0 for all interfaces", text);
  }
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return fail(Code::Invalid, "address \"{}\": port \"{}\" is not a number from 0 to 65535", text, digits);
  }
  return Endpoint{std::string(host), port};
}

std::string Endpoint::text() const {
  if (host.find(':') != std::string::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (host.starts_with("::ffff:")) host.remove_prefix(7);
  // Only a dotted quad counts: "127.example.com" is a name.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace myelin::net
