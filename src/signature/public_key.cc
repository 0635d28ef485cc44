#include "signature/public_key.h"

#include <openssl/sha.h>

#include <array>

#include "base/base64.h"
#include "base/one_line.h"
#include "signature/ssh_fields.h"

namespace myelin::signature {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kShownMax = 40;

// Foreign text in a message.
std::string shown(std::string_view text) {
  return in_one_line(std::string(text.substr(0, kShownMax))) + (text.size() > kShownMax ? "..." : "");
}

}  // namespace

Result<PublicKey> PublicKey::from_blob(std::string_view blob) {
  SshReader reader(blob);
  const auto type = reader.string();
  if (type != kKeyType) {
    return fail(Code::Invalid, "is of type \"{}\"; expected {}", shown(type), kKeyType);
  }
  const auto key = reader.string();
  if (!reader.complete() || key.size() != kKeyBytes) {
    return fail(Code::Invalid, "is not whole: an {} key has {} bytes; copy the line again", kKeyType, kKeyBytes);
  }
  return PublicKey(std::string(key));
}

Result<PublicKey> PublicKey::parse(std::string_view line) {
  constexpr std::string_view kExpected = "expected a line of a .pub file, \"ssh-ed25519 AAAA... comment\"";
  if (line.size() > kKeyLineBytesMax) {
    return fail(Code::Invalid, "is longer than {} bytes; {}", kKeyLineBytesMax, kExpected);
  }
  const auto space = line.find(' ');
  const auto type = line.substr(0, space);
  if (line.contains("PRIVATE KEY"))
    return fail(Code::Invalid, "is a private key: it is no secret any more, make a new one");
  if (type != kKeyType) {
    const bool is_other =
        space != std::string_view::npos && (type.starts_with("ssh-") || type.contains("-sha2-") || type.contains('@'));
    if (is_other) return fail(Code::Invalid, "is of type \"{}\"; expected {}", shown(type), kKeyType);
    return fail(Code::Invalid, "begins with \"{}\"; {}", shown(type), kExpected);
  }
  const auto rest = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  const auto blob = base64_decode(rest.substr(0, rest.find(' ')));
  if (!blob || blob->empty()) return fail(Code::Invalid, "has no base64 behind its type; {}", kExpected);
  return from_blob(*blob);
}

std::string PublicKey::fingerprint() const {
  const auto blob = ssh_string(kKeyType) + ssh_string(bytes_);
  std::array<char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(blob.data()), blob.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  auto text = base64_encode({digest.data(), digest.size()});
  text.erase(text.find('='));
  return "SHA256:" + text;
}

}  // namespace myelin::signature
