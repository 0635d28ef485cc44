#pragma once
// --listen: "plaintext://127.0.0.1:9092", "sasl_ssl://0.0.0.0:9093", ... and which of them are allowed where.
#include <string>
#include <string_view>

#include "base/result.h"
#include "governance/session.h"
#include "net/endpoint.h"

namespace myelin::app {

struct Listener {
  governance::Security security = governance::Security::SaslSsl;
  net::Endpoint address;

  [[nodiscard]] bool is_tls() const {
    return security == governance::Security::Ssl || security == governance::Security::SaslSsl;
  }
  [[nodiscard]] std::string text() const;  // as it was written
};

// Refuses what is not safe: plaintext outside dev mode, sasl_plaintext beyond loopback, anything beyond loopback in dev
// mode.
[[nodiscard]] Result<Listener> parse_listener(std::string_view text, bool dev_mode);

}  // namespace myelin::app
