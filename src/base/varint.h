#pragma once
// Variable-length integers: 7 bits a byte, lowest first, high bit set on all but the last. Signed ones are zigzag
// coded. Source: Kafka protocol guide, "Protocol Primitive Types" (VARINT, VARLONG, UNSIGNED_VARINT); same as Protobuf.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace myelin {

inline constexpr std::size_t kVarint32SizeMax = 5;
inline constexpr std::size_t kVarint64SizeMax = 10;

template <typename Unsigned>
struct Decoded {
  Unsigned value;
  std::size_t size;  // bytes consumed, at least 1
};

// nullopt when the bytes end inside the number or it does not fit in `Unsigned`.
template <typename Unsigned>
[[nodiscard]] std::optional<Decoded<Unsigned>> decode_unsigned_varint(ByteSpan from) {
  constexpr unsigned kBits = sizeof(Unsigned) * 8;
  Unsigned value = 0;
  for (std::size_t index = 0; index < from.size() && index * 7 < kBits; ++index) {
    const auto byte = std::to_integer<std::uint8_t>(from[index]);
    const unsigned shift = static_cast<unsigned>(index) * 7;
    const auto part = static_cast<Unsigned>(byte & 0x7f);
    if (shift + 7 > kBits && (part >> (kBits - shift)) != 0) return std::nullopt;
    value |= static_cast<Unsigned>(part << shift);
    if ((byte & 0x80) == 0) return Decoded<Unsigned>{value, index + 1};
  }
  return std::nullopt;
}

// Writes at most kVarint32SizeMax or kVarint64SizeMax bytes to `to`; returns how many.
template <typename Unsigned>
std::size_t encode_unsigned_varint(std::byte* to, Unsigned value) {
  std::size_t size = 0;
  while (value >= 0x80) {
    to[size++] = static_cast<std::byte>((value & 0x7f) | 0x80);
    value = static_cast<Unsigned>(value >> 7);
  }
  to[size++] = static_cast<std::byte>(value);
  return size;
}

[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int32_t unzigzag(std::uint32_t value) {
  return static_cast<std::int32_t>((value >> 1) ^ (~(value & 1) + 1));
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

}  // namespace myelin
