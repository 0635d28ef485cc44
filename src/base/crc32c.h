#pragma once
// CRC-32C (Castagnoli), as in Kafka's record batch v2 and in our own journals.
#include <cstdint>

#include "base/bytes.h"

namespace myelin {

// The checksum of `bytes`, continuing `seed` (0 to start): crc32c(b, crc32c(a)) == crc32c(a + b).
[[nodiscard]] std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed = 0);

}  // namespace myelin
