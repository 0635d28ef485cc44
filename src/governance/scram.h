#pragma once
// SCRAM-SHA-256 and -512, both sides (RFC 5802, RFC 7677; Kafka's KIP-84), and the verifiers that a server checks
// against.
// A verifier can prove that a client knows the password, and can't be turned back into it.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace myelin::governance {

enum class ScramHash : std::uint8_t { Sha256, Sha512 };

inline constexpr int kScramIterations = 8192;
inline constexpr int kScramIterationsMin = 4096;  // this and the next are Kafka's bounds
inline constexpr int kScramIterationsMax = 16384;

struct ScramVerifier {
  ScramHash hash = ScramHash::Sha512;
  int iterations = kScramIterations;
  std::string salt;  // raw bytes
  std::string stored_key;
  std::string server_key;
};

// The verifier of a password. `salt` is raw bytes; take new_salt() unless a test needs its own.
[[nodiscard]] ScramVerifier make_verifier(ScramHash hash, std::string_view password, std::string salt, int iterations);
// The same from a password that was salted elsewhere, which is digest_size() raw bytes. Whoever has those can sign in:
// only the verifier is kept.
[[nodiscard]] ScramVerifier verifier_of(ScramHash hash, std::string_view salted_password, std::string salt,
                                        int iterations);
[[nodiscard]] std::size_t digest_size(ScramHash hash);
[[nodiscard]] std::string new_salt();

// Which of the verifiers the password is of; nullopt: none. They have the hash, salt and iterations of the first. Takes
// the time of one key derivation (milliseconds), right or wrong, for one verifier as for two; `verifiers` isn't empty.
[[nodiscard]] std::optional<std::size_t> which_matches(std::span<const ScramVerifier> verifiers,
                                                       std::string_view password);

// One sign-in. Messages are the bytes inside SaslAuthenticate. Not thread-safe; use one per attempt.
class ScramExchange {
 public:
  // `server_nonce` is printable ASCII without commas, at least 18 characters.
  ScramExchange(ScramHash hash, std::string server_nonce) : hash_(hash), server_nonce_(std::move(server_nonce)) {}

  // Reads the client's first message and returns the user name it claims.
  [[nodiscard]] Result<std::string> read_client_first(std::string_view message);

  // The challenge. `verifiers` are those of the claimed user with this hash, all with the salt and iterations of the
  // first; with none, a made-up salt keeps an unknown user from being told apart. `pepper` makes it stable per name.
  [[nodiscard]] std::string server_first(std::vector<ScramVerifier> verifiers, std::string_view pepper);

  struct Success {
    std::string server_final;
    std::size_t verifier = 0;     // which of the verifiers matched
    bool outdated_nonce = false;  // the nonce had the form of librdkafka before 2.6.1
  };
  // Checks nonce and proof; Unauthenticated with one and the same message for every reason.
  [[nodiscard]] Result<Success> finish(std::string_view client_final) const;

 private:
  ScramHash hash_;
  std::string server_nonce_;
  std::string user_;
  std::string client_nonce_;
  std::string channel_binding_;  // the GS2 header that the final message must repeat
  std::string client_first_bare_;
  std::string server_first_;
  std::vector<ScramVerifier> verifiers_;
  bool known_ = false;
};

// The other side of one sign-in: who signs in elsewhere.
class ScramClient {
 public:
  struct Login {
    std::string user;
    std::string password;
  };
  // `nonce` as in ScramExchange.
  ScramClient(ScramHash hash, Login login, std::string nonce);
  [[nodiscard]] std::string client_first() const { return "n,," + client_first_bare_; }
  // The proof. Unauthenticated when the challenge is malformed or asks for fewer iterations than Kafka allows.
  [[nodiscard]] Result<std::string> client_final(std::string_view server_first);
  // Whether the server knows the password, too.
  [[nodiscard]] Result<void> check_server(std::string_view server_final) const;

 private:
  ScramHash hash_;
  Login login_;
  std::string nonce_;
  std::string client_first_bare_;
  std::string server_signature_;
};

// Compares in time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);
// `length` random characters of [A-Za-z0-9], from the operating system's generator.
[[nodiscard]] std::string random_token(std::size_t length);

}  // namespace myelin::governance
