#include "base/crc32c.h"

#include <isa-l/crc.h>

namespace myelin {
namespace {
constexpr std::size_t kChunk = std::size_t{1} << 30;  // isa-l counts bytes in an int
}

std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed) {
  std::uint32_t state = ~seed;
  while (!bytes.empty()) {
    const auto part = bytes.first(bytes.size() < kChunk ? bytes.size() : kChunk);
    // isa-l reads only, though its signature is not const.
    auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(part.data()));
    state = crc32_iscsi(data, static_cast<int>(part.size()), state);
    bytes = bytes.subspan(part.size());
  }
  return ~state;
}

}  // namespace myelin
