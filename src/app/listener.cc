#include "app/listener.h"

#include <array>

namespace myelin::app {
namespace {

using governance::Security;

struct Scheme {
  std::string_view name;
  Security security;
};
constexpr std::array kSchemes{Scheme{"plaintext", Security::Plaintext},
                              Scheme{"sasl_plaintext", Security::SaslPlaintext}, Scheme{"ssl", Security::Ssl},
                              Scheme{"sasl_ssl", Security::SaslSsl}};

}  // namespace

std::string Listener::text() const {
  for (const auto& scheme : kSchemes) {
    if (scheme.security == security) return std::string(scheme.name) + "://" + address.text();
  }
  return address.text();
}

Result<Listener> parse_listener(std::string_view text, bool dev_mode) {
  const auto end = text.find("://");
  if (end == std::string_view::npos) {
    return fail(Code::Invalid, "--listen {}: expected PROTOCOL://HOST:PORT, for example sasl_ssl://0.0.0.0:9093", text);
  }
  const auto name = text.substr(0, end);
  const Scheme* found = nullptr;
  for (const auto& scheme : kSchemes) {
    if (scheme.name == name) found = &scheme;
  }
  if (found == nullptr) {
    return fail(Code::Invalid,
                "--listen {}: protocol \"{}\" is unknown; use plaintext, sasl_plaintext, ssl or sasl_ssl", text, name);
  }
  auto address = net::Endpoint::parse(text.substr(end + 3));
  if (!address) return fail(Code::Invalid, "--listen {}: {}", text, address.error().message);
  const bool loopback = net::is_loopback(address->host);
  if (dev_mode && !loopback) return fail(Code::Denied, "--listen {}: --dev serves loopback addresses only", text);
  if (!dev_mode && found->security == Security::Plaintext) {
    return fail(Code::Denied,
                "--listen {}: plaintext lets anybody in; use sasl_ssl, or --dev on a directory of its own", text);
  }
  if (found->security == Security::SaslPlaintext && !loopback) {
    return fail(Code::Denied, "--listen {}: sasl_plaintext is for loopback only; use sasl_ssl", text);
  }
  return Listener{found->security, std::move(*address)};
}

}  // namespace myelin::app
