#pragma once
// A signature as `ssh-keygen -Y sign` writes it, and whether it is one over a text. Source: OpenSSH, PROTOCOL.sshsig.
// Whose key it is, and whether they may, is for others to say.
#include <string>
#include <string_view>

#include "base/result.h"
#include "signature/public_key.h"

namespace myelin::signature {

// Of the armoured text. ssh-keygen writes some 300.
inline constexpr std::size_t kSignatureBytesMax = 4096;

struct SshSignature {
  PublicKey key;
  std::string name_space;  // what it was made for, so that it is good for nothing else
  std::string reserved;    // signed as well, and of no meaning
  std::string hash;        // "sha256" or "sha512": how the text was hashed before it was signed
  std::string bytes;       // 64
};

// From "-----BEGIN SSH SIGNATURE-----" to its end, in lines of base64 between. Invalid, with what was expected, for
// anything else; TooLarge beyond kSignatureBytesMax.
[[nodiscard]] Result<SshSignature> parse_signature(std::string_view armoured);

// Whether its key signed exactly these bytes, for its namespace.
[[nodiscard]] bool is_over(const SshSignature& signature, std::string_view text);

}  // namespace myelin::signature
