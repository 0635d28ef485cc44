#include "signature/ssh_signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

#include "base/base64.h"
#include "base/check.h"
#include "base/one_line.h"
#include "signature/ssh_fields.h"

namespace myelin::signature {
namespace {

constexpr std::string_view kMagic = "SSHSIG";
constexpr std::uint32_t kVersion = 1;
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kShownMax = 40;

constexpr std::string_view kExpected = "expected what `ssh-keygen -Y sign` writes";

// The next line without its end; `rest` loses it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The bytes in the armour.
Result<std::string> unwrapped(std::string_view armoured) {
  if (take_line(armoured) != kBegin) return fail(Code::Invalid, "does not begin with {}; {}", kBegin, kExpected);
  std::string base64;
  while (!armoured.empty()) {
    const auto line = take_line(armoured);
    if (line == kEnd) {
      if (armoured.find_first_not_of(" \t\r\n") != std::string_view::npos) {
        return fail(Code::Invalid, "goes on behind its end; give each signature by itself");
      }
      auto blob = base64_decode(base64);
      if (!blob) return fail(Code::Invalid, "is no base64; {}", kExpected);
      return *std::move(blob);
    }
    base64 += line;
  }
  return fail(Code::Invalid, "does not end with {}; {}", kEnd, kExpected);
}

const EVP_MD* digest_named(std::string_view hash) { return hash == "sha512" ? EVP_sha512() : EVP_sha256(); }

std::string digest_of(std::string_view text, std::string_view hash) {
  std::array<char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, digest_named(hash),
                   nullptr) == 1);
  return {digest.data(), size};
}

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

Result<SshSignature> parse_signature(std::string_view armoured) {
  if (armoured.size() > kSignatureBytesMax) {
    return fail(Code::TooLarge, "is longer than {} bytes; {}", kSignatureBytesMax, kExpected);
  }
  auto blob = unwrapped(armoured);
  if (!blob) return pass(blob);
  SshReader reader(*blob);
  if (reader.bytes(kMagic.size()) != kMagic) return fail(Code::Invalid, "is no SSH signature; {}", kExpected);
  if (const auto version = reader.number(); version != kVersion) {
    return fail(Code::Invalid, "is of version {}; {} is read", version, kVersion);
  }
  const auto key_blob = reader.string();
  const std::string name_space(reader.string());
  const std::string reserved(reader.string());
  const std::string hash(reader.string());
  const auto signature_blob = reader.string();
  if (!reader.complete()) return fail(Code::Invalid, "is not whole; {}", kExpected);
  auto key = PublicKey::from_blob(key_blob);
  if (!key) return fail(Code::Invalid, "is made with a key that {}", key.error().message);
  if (hash != "sha256" && hash != "sha512") {
    return fail(Code::Invalid, "hashes by \"{}\"; expected sha256 or sha512", in_one_line(hash.substr(0, kShownMax)));
  }
  SshReader inner(signature_blob);
  const auto type = inner.string();
  const auto bytes = inner.string();
  if (!inner.complete() || type != kKeyType || bytes.size() != kSignatureBytes) {
    return fail(Code::Invalid, "holds no {} signature of {} bytes; {}", kKeyType, kSignatureBytes, kExpected);
  }
  return SshSignature{*std::move(key), name_space, reserved, hash, std::string(bytes)};
}

bool is_over(const SshSignature& signature, std::string_view text) {
  const auto message = std::string(kMagic) + ssh_string(signature.name_space) + ssh_string(signature.reserved) +
                       ssh_string(signature.hash) + ssh_string(digest_of(text, signature.hash));
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(signature.key.bytes()), signature.key.bytes().size()),
      EVP_PKEY_free);
  CHECK(key != nullptr);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CHECK(context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  const bool is_right =
      EVP_DigestVerify(context.get(), raw(signature.bytes), signature.bytes.size(), raw(message), message.size()) == 1;
  ERR_clear_error();  // a wrong signature is no error of whatever the thread does next
  return is_right;
}

}  // namespace myelin::signature
