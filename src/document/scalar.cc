#include "document/scalar.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace myelin::document {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t from) {
  while (from < text.size() && text[from] >= '0' && text[from] <= '9') ++from;
  return from;
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

bool is_plain(char byte) {
  return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

// Words that some version of YAML takes for something else than a text, whatever the case of their letters.
bool is_typed(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kTyped{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](char byte) { return is_letter(byte) ? char(byte | 0x20) : byte; });
  return is_one_of(small, kTyped);
}

constexpr std::array<std::string_view, 5> kNullWords{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 6> kBooleanWords{"true", "True", "TRUE", "false", "False", "FALSE"};

}  // namespace

bool is_json_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole_part = at;
  at = skip_digits(text, at);
  if (at == whole_part) return false;
  if (text[whole_part] == '0' && at != whole_part + 1) return false;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    if (at == fraction) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(text, exponent);
    if (at == exponent) return false;
  }
  return at == text.size();
}

NodeKind kind_of_plain_scalar(std::string_view text) {
  if (is_one_of(text, kNullWords)) return NodeKind::Null;
  if (is_one_of(text, kBooleanWords)) return NodeKind::Boolean;
  return is_json_number(text) ? NodeKind::Number : NodeKind::String;
}

std::string scalar(std::string_view text) {
  if (!text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_plain) && !is_typed(text)) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
      continue;
    }
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

}  // namespace myelin::document
