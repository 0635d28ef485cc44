#include "base/base64.h"

#include <array>
#include <cstdint>

namespace myelin {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoLetter = 0xff;
constexpr std::uint32_t kSixBits = 0x3f;
constexpr std::uint32_t kByte = 0xff;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoLetter);
  for (std::size_t at = 0; at < kLetters.size(); ++at) {
    values[static_cast<unsigned char>(kLetters[at])] = static_cast<std::uint8_t>(at);
  }
  return values;
}();

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) text += i > group.size() ? '=' : kLetters[bits >> (18 - 6 * i) & kSixBits];
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const bool is_padding = i >= text.size() - padding;
      const auto value = is_padding ? std::uint8_t{0} : kValues[static_cast<unsigned char>(text[i])];
      if (value == kNoLetter) return std::nullopt;
      bits = bits << 6U | value;
    }
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(bits >> shift & kByte);
  }
  const bool has_spare_bits = padding > 0 && bytes.substr(bytes.size() - padding) != std::string(padding, '\0');
  if (has_spare_bits) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace myelin
