#include "bench/sign_in.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <map>

#include "kafka/message/sasl_authenticate.h"
#include "kafka/message/sasl_handshake.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kHandshakeVersion = 1;
constexpr std::int16_t kAuthenticateVersion = 1;

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::vector<unsigned char> from_base64(const std::string& text) {
  std::vector<unsigned char> bytes(text.size());
  const int size = ::EVP_DecodeBlock(bytes.data(), octets(text), static_cast<int>(text.size()));
  if (size < 0) die("SCRAM: the salt is no base64");
  bytes.resize(static_cast<std::size_t>(size) - static_cast<std::size_t>(std::ranges::count(text, '=')));
  return bytes;
}

Digest hmac(const Digest& key, std::string_view text) {
  Digest out{};
  ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(text), text.size(), out.data(), nullptr);
  return out;
}

// "r=…,s=…,i=…" by its letters.
std::map<char, std::string> fields(const std::string& message) {
  std::map<char, std::string> found;
  for (std::size_t at = 0; at + 2 <= message.size();) {
    const auto end = std::min(message.find(',', at), message.size());
    found[message[at]] = message.substr(at + 2, end - at - 2);
    at = end + 1;
  }
  return found;
}

std::string round_trip(Connection& connection, const std::string& message) {
  kafka::SaslAuthenticateRequest request;
  request.auth_bytes =
      SharedBytes(ByteBuffer(std::as_bytes(std::span(message)).begin(), std::as_bytes(std::span(message)).end()));
  const auto answer =
      ask<kafka::SaslAuthenticateResponse>(connection, kafka::ApiKey::SaslAuthenticate, kAuthenticateVersion, request);
  if (answer.error_code != 0) die("sign-in: error {} {}", answer.error_code, answer.error_message.value_or(""));
  const auto bytes = answer.auth_bytes.view();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void sign_in(Connection& connection, const Credentials& credentials) {
  kafka::SaslHandshakeRequest handshake;
  handshake.mechanism = "SCRAM-SHA-256";
  const auto offered =
      ask<kafka::SaslHandshakeResponse>(connection, kafka::ApiKey::SaslHandshake, kHandshakeVersion, handshake);
  if (offered.error_code != 0) die("sign-in: {} is not offered", handshake.mechanism);
  std::array<unsigned char, 18> random{};
  ::RAND_bytes(random.data(), static_cast<int>(random.size()));
  const auto first = fmt::format("n={},r={}", credentials.user, base64(random));
  const auto server_first = round_trip(connection, "n,," + first);
  auto told = fields(server_first);
  const auto salt = from_base64(told['s']);
  Digest salted{};
  ::PKCS5_PBKDF2_HMAC(credentials.password.data(), static_cast<int>(credentials.password.size()), salt.data(),
                      static_cast<int>(salt.size()), std::stoi(told['i']), ::EVP_sha256(),
                      static_cast<int>(salted.size()), salted.data());
  const auto without_proof = "c=biws,r=" + told['r'];
  auto proof = hmac(salted, "Client Key");
  Digest stored{};
  ::SHA256(proof.data(), proof.size(), stored.data());
  const auto signature = hmac(stored, fmt::format("{},{},{}", first, server_first, without_proof));
  for (std::size_t at = 0; at < proof.size(); ++at) proof[at] ^= signature[at];
  round_trip(connection, fmt::format("{},p={}", without_proof, base64(proof)));
}

}  // namespace myelin::bench
