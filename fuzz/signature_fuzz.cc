// Signatures and keys that strangers bring: whatever the bytes are, reading them ends, and what was read has the sizes
// that its check rests on.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "signature/ssh_signature.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto signature = signature::parse_signature(text)) {
    CHECK(signature->bytes.size() == 64 && signature->key.bytes().size() == 32);
    static_cast<void>(signature::is_over(*signature, text));
  }
  if (const auto key = signature::PublicKey::parse(text)) {
    CHECK(key->fingerprint().size() == std::string_view("SHA256:").size() + 43);
  }
  return 0;
}
