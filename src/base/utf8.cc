#include "base/utf8.h"

namespace myelin {
namespace {

struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t least;  // smaller values must use fewer bytes
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if ((byte & 0xe0U) == 0xc0) return {2, byte & 0x1fU, 0x80};
  if ((byte & 0xf0U) == 0xe0) return {3, byte & 0x0fU, 0x800};
  if ((byte & 0xf8U) == 0xf0) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

CodePoint code_point_at(std::string_view text) {
  const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return {};
  char32_t value = lead.bits;
  for (std::size_t index = 1; index < lead.size; ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    if ((byte & 0xc0U) != 0x80) return {};
    value = (value << 6) | (byte & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < lead.least || value > 0x10ffff || surrogate) return {};
  return {value, lead.size};
}

void append_utf8(std::string& to, char32_t value) {
  const auto tail = [&](unsigned shift) { to += static_cast<char>(0x80U | ((value >> shift) & 0x3fU)); };
  if (value < 0x80) {
    to += static_cast<char>(value);
  } else if (value < 0x800) {
    to += static_cast<char>(0xc0U | (value >> 6));
    tail(0);
  } else if (value < 0x10000) {
    to += static_cast<char>(0xe0U | (value >> 12));
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xf0U | (value >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::size_t utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const CodePoint point = code_point_at(text.substr(at));
    if (point.size == 0) return at;
    at += point.size;
  }
  return at;
}

std::string with_replacements(std::string_view text) {
  constexpr char32_t kReplacement = 0xfffd;
  std::string replaced;
  while (!text.empty()) {
    const std::size_t valid = utf8_prefix(text);
    replaced += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    append_utf8(replaced, kReplacement);
    text.remove_prefix(1);
  }
  return replaced;
}

}  // namespace myelin
