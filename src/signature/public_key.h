#pragma once
// A public key as OpenSSH writes it, one line: "ssh-ed25519 AAAA... comment". Ed25519 is the one type that is taken: it
// has no sizes or curves to choose, and is what ssh-keygen makes where nothing else is asked for.
#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin::signature {

inline constexpr std::string_view kKeyType = "ssh-ed25519";
inline constexpr std::size_t kKeyLineBytesMax = 1024;

class PublicKey {
 public:
  // Invalid, with what was expected, for any other line; of a longer one than kKeyLineBytesMax too.
  [[nodiscard]] static Result<PublicKey> parse(std::string_view line);
  // The same of the bytes behind the base64 of a line. Invalid, worded to follow the key's name.
  [[nodiscard]] static Result<PublicKey> from_blob(std::string_view blob);

  // "SHA256:" and 43 letters, as `ssh-keygen -l` shows it.
  [[nodiscard]] std::string fingerprint() const;
  // The key itself, 32 bytes.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  auto operator<=>(const PublicKey&) const = default;

 private:
  explicit PublicKey(std::string bytes) : bytes_(std::move(bytes)) {}

  std::string bytes_;
};

}  // namespace myelin::signature
