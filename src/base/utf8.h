#pragma once
// UTF-8, one code point at a time.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace myelin {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0 when they are not UTF-8 (overlong, surrogate, too large, cut off)
};

// The code point at the start of `text`, which is not empty.
[[nodiscard]] CodePoint code_point_at(std::string_view text);
void append_utf8(std::string& to, char32_t value);
// The bytes before the first that is not UTF-8; text.size() when all is well.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text);
// Each byte that belongs to no code point becomes U+FFFD.
[[nodiscard]] std::string with_replacements(std::string_view text);

}  // namespace myelin
