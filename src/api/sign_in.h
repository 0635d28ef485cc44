#pragma once
// Who asks over HTTP: Basic credentials (programs) or a session cookie (browsers). A verified login is remembered for
// five minutes under a keyed hash, never the password itself; it and its sessions end with the password.
//
// Threads: any. check() costs milliseconds of CPU and runs where that does no harm; known() is quick.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "net/http_message.h"

namespace myelin::api {

struct Login {
  PrincipalName principal;
  std::string password;
};
// The credentials of an Authorization header; nullopt when it is no well-formed Basic one, or names
// somebody whose name is longer than any principal's.
[[nodiscard]] std::optional<Login> basic_login(std::string_view authorization);

// Who signed in, and with which of the passwords ever set.
struct Identity {
  PrincipalName principal;
  std::uint64_t password = 0;
  bool operator==(const Identity&) const = default;
};

class HttpSignIn {
 public:
  static constexpr std::chrono::minutes kLoginLife{5};
  static constexpr std::chrono::hours kSessionLife{12};
  static constexpr std::size_t kRemembered = 4096;  // logins, and as many sessions; beyond it the oldest go
  static constexpr std::string_view kCookie = "myelin_session";

  // What sign-in rests on: which password of the principal this is, whether it still is, and a number that grows with
  // every change.
  struct Authority {
    std::function<std::optional<std::uint64_t>(const PrincipalName&, std::string_view password)> accepts;
    std::function<bool(const Identity&)> holds;
    std::function<std::uint64_t()> version;
  };

  HttpSignIn(Authority authority, const Clock& clock);

  // The principal of a session cookie or of a login that was verified lately.
  [[nodiscard]] std::optional<Identity> known(const net::HttpRequest& request);
  // Verifies the password, and remembers it when it is right; nullopt: it is wrong.
  [[nodiscard]] std::optional<Identity> check(const Login& login);

  // A new session, which ends with its password; the answer is the value of its Set-Cookie header.
  [[nodiscard]] std::string open_session(const Identity& identity, bool is_tls);
  // Ends the request's session; the answer makes the browser forget the cookie.
  [[nodiscard]] std::string close_session(const net::HttpRequest& request);

 private:
  struct Entry {
    Identity identity;
    MonotonicTime until;
    std::uint64_t version = 0;  // of the authority, when verified
  };
  using Entries = std::unordered_map<std::string, Entry>;

  [[nodiscard]] std::string keyed_hash(std::string_view text) const;
  [[nodiscard]] std::string login_key(const Login& login) const;
  void remember(Entries& entries, std::string key, Entry entry);

  Authority authority_;
  const Clock& clock_;
  std::string key_;  // new with each start
  std::mutex mutex_;
  Entries logins_;    // by keyed hash of principal and password
  Entries sessions_;  // by keyed hash of the cookie
};

}  // namespace myelin::api
