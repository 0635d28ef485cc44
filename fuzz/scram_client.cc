#include "fuzz/scram_client.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>

#include "base/check.h"

namespace myelin::fuzz {
namespace {

constexpr std::size_t kKeysKept = 64;

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const EVP_MD* digest_of(bool is_512) { return is_512 ? EVP_sha512() : EVP_sha256(); }
std::size_t size_of(bool is_512) { return is_512 ? 64 : 32; }

std::string mac(bool is_512, std::string_view key, std::string_view text) {
  std::string code(size_of(is_512), '\0');
  unsigned int size = 0;
  CHECK(HMAC(digest_of(is_512), key.data(), static_cast<int>(key.size()), raw(text), text.size(), raw(code), &size));
  CHECK(size == code.size());
  return code;
}

std::string hashed(bool is_512, std::string_view text) {
  std::string hash(size_of(is_512), '\0');
  unsigned int size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), raw(hash), &size, digest_of(is_512), nullptr) == 1);
  return hash;
}

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      group = group << 8 | (at + index < bytes.size() ? static_cast<unsigned char>(bytes[at + index]) : 0U);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      text += at + index > bytes.size() ? '=' : kLetters[group >> (18 - 6 * index) & 63];
    }
  }
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  unsigned group = 0;
  int bits = 0;
  for (const char letter : text) {
    const auto value = kLetters.find(letter);
    if (value == std::string_view::npos) break;
    group = group << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 255);
    }
  }
  return bytes;
}

std::size_t end_of_gs2_header(std::string_view client_first) {
  const auto first = client_first.find(',');
  return first == std::string_view::npos ? 0 : client_first.find(',', first + 1) + 1;
}

}  // namespace

std::string scram_attribute(std::string_view message, char name) {
  std::size_t at = 0;
  while (at < message.size()) {
    const auto end = std::min(message.find(',', at), message.size());
    if (end - at >= 2 && message[at] == name && message[at + 1] == '=') {
      return std::string(message.substr(at + 2, end - at - 2));
    }
    at = end + 1;
  }
  return {};
}

std::string ScramClient::client_first(std::string_view user, std::string_view nonce) {
  std::string message = "n,,n=";
  for (const char letter : user) {
    if (letter == ',') {
      message += "=2C";
    } else if (letter == '=') {
      message += "=3D";
    } else {
      message += letter;
    }
  }
  return message + ",r=" + std::string(nonce);
}

std::string ScramClient::client_final(const FirstRound& round, std::string_view password, bool is_512,
                                      bool repeats_nonce) {
  const auto header = end_of_gs2_header(round.client_first);
  const auto bare = round.client_first.substr(header);
  auto nonce = scram_attribute(round.server_first, 'r');
  if (repeats_nonce) nonce.insert(0, scram_attribute(bare, 'r'));
  const auto iterations = std::atoi(scram_attribute(round.server_first, 'i').c_str());
  const auto& key = salted(password, from_base64(scram_attribute(round.server_first, 's')), iterations, is_512);

  std::string message = "c=" + to_base64(round.client_first.substr(0, header)) + ",r=" + nonce;
  const auto signed_text = bare + "," + round.server_first + "," + message;
  std::string proof = mac(is_512, key, "Client Key");
  const auto signature = mac(is_512, hashed(is_512, proof), signed_text);
  for (std::size_t at = 0; at < proof.size(); ++at) proof[at] = static_cast<char>(proof[at] ^ signature[at]);
  return message + ",p=" + to_base64(proof);
}

const std::string& ScramClient::salted(std::string_view password, const std::string& salt, int iterations,
                                       bool is_512) {
  if (salted_.size() >= kKeysKept) salted_.clear();
  auto& key = salted_[{std::string(password), salt, iterations, is_512}];
  if (key.empty()) {
    key.resize(size_of(is_512));
    CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                            static_cast<int>(salt.size()), iterations, digest_of(is_512), static_cast<int>(key.size()),
                            raw(key)) == 1);
  }
  return key;
}

}  // namespace myelin::fuzz
