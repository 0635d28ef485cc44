#include "governance/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>

#include "base/base64.h"
#include "base/check.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kMessageMax = 4096;
constexpr std::size_t kSaltSize = 24;

const EVP_MD* digest_of(ScramHash hash) { return hash == ScramHash::Sha256 ? EVP_sha256() : EVP_sha512(); }

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hmac(ScramHash hash, std::string_view key, std::string_view message) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  CHECK(HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), raw(message), message.size(), raw(result),
             &size) != nullptr);
  result.resize(size);
  return result;
}

std::string digest(ScramHash hash, std::string_view message) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  CHECK(EVP_Digest(message.data(), message.size(), raw(result), &size, digest_of(hash), nullptr) == 1);
  result.resize(size);
  return result;
}

std::string salted_password(ScramHash hash, std::string_view password, std::string_view salt, int iterations) {
  std::string result(digest_size(hash), '\0');
  CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt), static_cast<int>(salt.size()),
                          iterations, digest_of(hash), static_cast<int>(result.size()), raw(result)) == 1);
  return result;
}

// "a=1,b=2" to the value of `name`, which must stand at the start of an attribute.
std::optional<std::string_view> attribute(std::string_view message, char name) {
  while (!message.empty()) {
    const auto comma = message.find(',');
    const auto part = message.substr(0, comma);
    if (part.size() >= 2 && part[0] == name && part[1] == '=') return part.substr(2);
    if (comma == std::string_view::npos) break;
    message.remove_prefix(comma + 1);
  }
  return std::nullopt;
}

// In a saslname, "=2C" stands for a comma and "=3D" for an equals sign; any other '=' is an error.
std::optional<std::string> decode_saslname(std::string_view name) {
  std::string decoded;
  for (std::size_t index = 0; index < name.size(); ++index) {
    if (name[index] != '=') {
      decoded += name[index];
      continue;
    }
    const auto escape = name.substr(index, 3);
    if (escape == "=2C") {
      decoded += ',';
    } else if (escape == "=3D") {
      decoded += '=';
    } else {
      return std::nullopt;
    }
    index += 2;
  }
  return decoded;
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Code::Unauthenticated, "malformed SCRAM message: {}", what);
}

}  // namespace

ScramVerifier make_verifier(ScramHash hash, std::string_view password, std::string salt, int iterations) {
  const auto salted = salted_password(hash, password, salt, iterations);
  return verifier_of(hash, salted, std::move(salt), iterations);
}

ScramVerifier verifier_of(ScramHash hash, std::string_view salted_password, std::string salt, int iterations) {
  return {hash, iterations, std::move(salt), digest(hash, hmac(hash, salted_password, "Client Key")),
          hmac(hash, salted_password, "Server Key")};
}

std::size_t digest_size(ScramHash hash) { return static_cast<std::size_t>(EVP_MD_get_size(digest_of(hash))); }

std::string new_salt() {
  std::string salt(kSaltSize, '\0');
  CHECK(RAND_bytes(raw(salt), static_cast<int>(salt.size())) == 1);
  return salt;
}

std::optional<std::size_t> which_matches(std::span<const ScramVerifier> verifiers, std::string_view password) {
  const auto& first = verifiers.front();
  const auto attempt = make_verifier(first.hash, password, first.salt, first.iterations);
  std::optional<std::size_t> found;
  for (std::size_t index = 0; index < verifiers.size(); ++index) {
    if (equal_in_constant_time(attempt.stored_key, verifiers[index].stored_key)) found = index;
  }
  return found;
}

Result<std::string> ScramExchange::read_client_first(std::string_view message) {
  if (message.size() > kMessageMax) return malformed("first message is too long");
  // gs2-header: "n,," or "n,a=authzid,"; channel binding ("p=") is not offered.
  const auto first_comma = message.find(',');
  if (first_comma == std::string_view::npos) return malformed("no GS2 header");
  const auto second_comma = message.find(',', first_comma + 1);
  if (second_comma == std::string_view::npos) return malformed("no GS2 header");
  const auto flag = message.substr(0, first_comma);
  if (flag != "n" && flag != "y") return malformed("channel binding is not offered");
  const auto authorisation = message.substr(first_comma + 1, second_comma - first_comma - 1);
  channel_binding_ = std::string(message.substr(0, second_comma + 1));
  client_first_bare_ = std::string(message.substr(second_comma + 1));

  const auto name = attribute(client_first_bare_, 'n');
  const auto nonce = attribute(client_first_bare_, 'r');
  if (!name || !nonce || nonce->empty()) return malformed("user name or nonce is missing");
  if (client_first_bare_.starts_with("m=")) return malformed("mandatory extensions are not supported");
  auto user = decode_saslname(*name);
  if (!user || user->empty()) return malformed("user name is empty or badly escaped");
  if (!authorisation.empty() && authorisation != "a=" + std::string(*name)) {
    return malformed("acting for another user is not supported");
  }
  user_ = std::move(*user);
  client_nonce_ = std::string(*nonce);
  return user_;
}

std::string ScramExchange::server_first(std::vector<ScramVerifier> verifiers, std::string_view pepper) {
  known_ = !verifiers.empty();
  // Made up for everybody, so that an unknown user takes no longer than a known one.
  ScramVerifier made_up;
  made_up.hash = hash_;
  made_up.salt = hmac(ScramHash::Sha256, pepper, user_).substr(0, kSaltSize);
  made_up.stored_key = hmac(hash_, pepper, "stored" + user_);
  made_up.server_key = hmac(hash_, pepper, "server" + user_);
  if (!known_) verifiers.push_back(std::move(made_up));
  verifiers_ = std::move(verifiers);
  const auto& first = verifiers_.front();
  server_first_ = "r=" + client_nonce_ + server_nonce_ + ",s=" + base64_encode(first.salt) +
                  ",i=" + std::to_string(first.iterations);
  return server_first_;
}

Result<ScramExchange::Success> ScramExchange::finish(std::string_view client_final) const {
  if (client_final.size() > kMessageMax) return malformed("final message is too long");
  const auto refused = fail(Code::Unauthenticated, "wrong user name or password");
  const auto binding = attribute(client_final, 'c');
  const auto nonce = attribute(client_final, 'r');
  const auto proof_at = client_final.rfind(",p=");
  if (!binding || !nonce || proof_at == std::string_view::npos) return malformed("final message is incomplete");
  const auto proof = base64_decode(client_final.substr(proof_at + 3));
  const auto bound = base64_decode(*binding);
  if (!proof || !bound || *bound != channel_binding_) return refused;

  // librdkafka before 2.6.1 puts its own nonce once more in front of the full one. The server's part is whole and the
  // proof covers what was sent, so nothing is lost by accepting exactly that form.
  const auto full_nonce = client_nonce_ + server_nonce_;
  const bool outdated = equal_in_constant_time(*nonce, client_nonce_ + full_nonce);
  if (!outdated && !equal_in_constant_time(*nonce, full_nonce)) return refused;

  const auto message = client_first_bare_ + "," + server_first_ + "," + std::string(client_final.substr(0, proof_at));
  for (std::size_t index = 0; index < verifiers_.size(); ++index) {
    const auto& verifier = verifiers_[index];
    const auto signature = hmac(hash_, verifier.stored_key, message);
    if (proof->size() != signature.size()) return refused;
    std::string client_key = *proof;
    for (std::size_t at = 0; at < client_key.size(); ++at) {
      client_key[at] = static_cast<char>(client_key[at] ^ signature[at]);
    }
    if (equal_in_constant_time(digest(hash_, client_key), verifier.stored_key) && known_) {
      return Success{"v=" + base64_encode(hmac(hash_, verifier.server_key, message)), index, outdated};
    }
  }
  return refused;
}

ScramClient::ScramClient(ScramHash hash, Login login, std::string nonce)
    : hash_(hash), login_(std::move(login)), nonce_(std::move(nonce)) {
  std::string name;
  for (const char letter : login_.user) {
    if (letter == ',') {
      name += "=2C";
    } else if (letter == '=') {
      name += "=3D";
    } else {
      name += letter;
    }
  }
  client_first_bare_ = "n=" + name + ",r=" + nonce_;
}

Result<std::string> ScramClient::client_final(std::string_view server_first) {
  constexpr int kIterationsMax = 1'000'000;  // a server must not keep its client busy for ever
  if (server_first.size() > kMessageMax) return malformed("the challenge is too long");
  const auto nonce = attribute(server_first, 'r');
  const auto salt_text = attribute(server_first, 's');
  const auto iterations_text = attribute(server_first, 'i');
  if (!nonce || !salt_text || !iterations_text) return malformed("the challenge is incomplete");
  const auto salt = base64_decode(*salt_text);
  int iterations = 0;
  const auto* end = iterations_text->data() + iterations_text->size();
  const auto parsed = std::from_chars(iterations_text->data(), end, iterations);
  if (!salt || parsed.ec != std::errc() || parsed.ptr != end) return malformed("the challenge can't be read");
  if (iterations < kScramIterationsMin || iterations > kIterationsMax) {
    return malformed("the challenge asks for too few or too many iterations");
  }
  if (!nonce->starts_with(nonce_) || nonce->size() == nonce_.size()) return malformed("not the answer to this sign-in");
  const auto salted = salted_password(hash_, login_.password, *salt, iterations);
  const auto client_key = hmac(hash_, salted, "Client Key");
  const auto without_proof = "c=biws,r=" + std::string(*nonce);  // "n,,"
  const auto message = client_first_bare_ + "," + std::string(server_first) + "," + without_proof;
  auto proof = hmac(hash_, digest(hash_, client_key), message);
  for (std::size_t at = 0; at < proof.size(); ++at) proof[at] = static_cast<char>(proof[at] ^ client_key[at]);
  server_signature_ = hmac(hash_, hmac(hash_, salted, "Server Key"), message);
  return without_proof + ",p=" + base64_encode(proof);
}

Result<void> ScramClient::check_server(std::string_view server_final) const {
  if (!server_signature_.empty() && equal_in_constant_time(server_final, "v=" + base64_encode(server_signature_))) {
    return {};
  }
  return fail(Code::Unauthenticated, "the server does not prove that it knows the password");
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string random_token(std::size_t length) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string token;
  while (token.size() < length) {
    std::array<unsigned char, 64> random{};
    CHECK(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    for (const auto byte : random) {
      // 248 is the largest multiple of 62 in a byte: no letter is likelier than another.
      if (byte < 248 && token.size() < length) token += kLetters[byte % kLetters.size()];
    }
  }
  return token;
}

}  // namespace myelin::governance
