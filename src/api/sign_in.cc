#include "api/sign_in.h"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/check.h"
#include "base/uuid.h"
#include "governance/credentials.h"
#include "governance/scram.h"

namespace myelin::api {
namespace {

// The value of our cookie; empty when there is none.
std::string_view cookie_of(const net::HttpRequest& request) {
  std::string_view rest = request.headers.get("cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == HttpSignIn::kCookie)
      return pair.substr(equals + 1);
  }
  return {};
}

std::string random_secret() { return Uuid::random().text() + Uuid::random().text(); }

}  // namespace

std::optional<Login> basic_login(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  const bool is_basic = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                                   [](char ours, char theirs) { return ours == (theirs | 0x20); });
  if (!is_basic) return std::nullopt;
  const auto pair = base64_decode(authorization.substr(kScheme.size()));
  if (!pair) return std::nullopt;
  const auto colon = pair->find(':');
  if (colon == std::string::npos || colon == 0 || colon > governance::kPrincipalLengthMax) return std::nullopt;
  return Login{PrincipalName(pair->substr(0, colon)), pair->substr(colon + 1)};
}

HttpSignIn::HttpSignIn(Authority authority, const Clock& clock)
    : authority_(std::move(authority)), clock_(clock), key_(random_secret()) {}

std::string HttpSignIn::keyed_hash(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  CHECK(done != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string HttpSignIn::login_key(const Login& login) const {
  return keyed_hash(fmt::format("{}:{}:{}", login.principal.text().size(), login.principal.text(), login.password));
}

std::optional<Identity> HttpSignIn::known(const net::HttpRequest& request) {
  const auto version = authority_.version();
  const auto now = clock_.monotonic();
  const auto authorization = request.headers.get("authorization");
  const auto login = basic_login(authorization);
  if (!authorization.empty() && !login) return std::nullopt;
  const std::string key = login ? login_key(*login) : keyed_hash(cookie_of(request));
  const std::lock_guard lock(mutex_);
  Entries& entries = login ? logins_ : sessions_;
  const auto found = entries.find(key);
  if (found == entries.end()) return std::nullopt;
  Entry& entry = found->second;
  // Some credential changed: a login and a session live as long as their password.
  const bool changed = entry.version != version;
  if (entry.until <= now || (changed && !authority_.holds(entry.identity))) {
    entries.erase(found);
    return std::nullopt;
  }
  entry.version = version;
  return entry.identity;
}

std::optional<Identity> HttpSignIn::check(const Login& login) {
  // Read before the password is, so that a change meanwhile makes the entry old.
  const auto version = authority_.version();
  const auto password = authority_.accepts(login.principal, login.password);
  if (!password) return std::nullopt;
  Identity identity{login.principal, *password};
  remember(logins_, login_key(login), {identity, clock_.monotonic() + kLoginLife, version});
  return identity;
}

void HttpSignIn::remember(Entries& entries, std::string key, Entry entry) {
  const std::lock_guard lock(mutex_);
  if (entries.size() >= kRemembered) {
    entries.erase(std::min_element(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
      return left.second.until < right.second.until;
    }));
  }
  entries.insert_or_assign(std::move(key), std::move(entry));
}

std::string HttpSignIn::open_session(const Identity& identity, bool is_tls) {
  const std::string secret = random_secret();
  // Version 0 is older than any: the password is asked for with the first request, for it may be gone by now.
  remember(sessions_, keyed_hash(secret), {identity, clock_.monotonic() + kSessionLife, 0});
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kCookie, secret,
                     std::chrono::seconds(kSessionLife).count(), is_tls ? "; Secure" : "");
}

std::string HttpSignIn::close_session(const net::HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(keyed_hash(cookie_of(request)));
  return fmt::format("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", kCookie);
}

}  // namespace myelin::api
