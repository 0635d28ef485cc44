#pragma once
// The SASL exchange of one connection: SaslHandshake picks a mechanism, SaslAuthenticate carries its messages. PLAIN is
// for TLS only; SCRAM-SHA-256 and -512 for both. Every refusal reads the same. Used on the connection's loop only.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "governance/credentials.h"
#include "governance/scram.h"

namespace myelin::governance {

enum class Mechanism : std::uint8_t { Plain, ScramSha256, ScramSha512 };
[[nodiscard]] std::string_view to_text(
    Mechanism mechanism);  // Kafka's names: "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"
[[nodiscard]] std::vector<Mechanism> offered_mechanisms(bool over_tls);

class SignIn {
 public:
  SignIn(const Credentials& credentials, Mechanism mechanism, std::string_view pepper)
      : credentials_(credentials), mechanism_(mechanism), pepper_(pepper) {}

  struct Step {
    std::string answer;                      // bytes for the client
    std::optional<PrincipalName> signed_in;  // set when the exchange is over and right
    PasswordNumber password = 0;             // by which, then
    bool outdated_nonce = false;
  };
  // Takes the client's next message. Unauthenticated ends the exchange. PLAIN derives a key, which takes milliseconds:
  // ask is_slow() and call it where that does no harm.
  [[nodiscard]] Result<Step> next(std::string_view message);
  [[nodiscard]] bool is_slow() const { return mechanism_ == Mechanism::Plain; }
  [[nodiscard]] Mechanism mechanism() const { return mechanism_; }
  // The name that was claimed, for the audit; empty before the first message.
  [[nodiscard]] const std::string& claimed() const { return claimed_; }

 private:
  [[nodiscard]] Result<Step> next_plain(std::string_view message);
  [[nodiscard]] Result<Step> next_scram(std::string_view message);

  const Credentials& credentials_;
  Mechanism mechanism_;
  std::string pepper_;
  std::string claimed_;
  std::optional<ScramExchange> scram_;
  std::vector<PasswordNumber> passwords_;  // of the verifiers that SCRAM checks against
  bool over_ = false;
};

}  // namespace myelin::governance
