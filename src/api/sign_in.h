#pragma once
// Who asks over HTTP: Basic credentials (programs) or a session cookie (browsers). A verified login is remembered for
// five minutes under a keyed hash, never the password itself; it and every session end when credentials change.
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
// The credentials of an Authorization header; nullopt when it is no well-formed Basic one.
[[nodiscard]] std::optional<Login> basic_login(std::string_view authorization);

class HttpSignIn {
 public:
  static constexpr std::chrono::minutes kLoginLife{5};
  static constexpr std::chrono::hours kSessionLife{12};
  static constexpr std::size_t kRemembered = 4096;  // logins, and as many sessions; beyond it the oldest go
  static constexpr std::string_view kCookie = "myelin_session";

  // What sign-in rests on: the passwords, whether a principal still has one, and a number that grows with every change.
  struct Authority {
    std::function<bool(const PrincipalName&, std::string_view password)> accepts;
    std::function<bool(const PrincipalName&)> knows;
    std::function<std::uint64_t()> version;
  };

  HttpSignIn(Authority authority, const Clock& clock);

  // The principal of a session cookie or of a login that was verified lately.
  [[nodiscard]] std::optional<PrincipalName> known(const net::HttpRequest& request);
  // Verifies the password, and remembers it when it is right.
  [[nodiscard]] bool check(const Login& login);

  // A new session; the answer is the value of its Set-Cookie header.
  [[nodiscard]] std::string open_session(const PrincipalName& principal, bool is_tls);
  // Ends the request's session; the answer makes the browser forget the cookie.
  [[nodiscard]] std::string close_session(const net::HttpRequest& request);

 private:
  struct Entry {
    PrincipalName principal;
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
