#include "cel/literal.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/utf8.h"

namespace myelin::cel {
namespace {

constexpr std::array<std::pair<char, char>, 12> kEscapes{{{'a', '\a'},
                                                          {'b', '\b'},
                                                          {'f', '\f'},
                                                          {'n', '\n'},
                                                          {'r', '\r'},
                                                          {'t', '\t'},
                                                          {'v', '\v'},
                                                          {'\\', '\\'},
                                                          {'?', '?'},
                                                          {'"', '"'},
                                                          {'\'', '\''},
                                                          {'`', '`'}}};

// How an escape that gives a code by digits is written.
struct Coded {
  std::size_t skip;  // letters before the digits
  std::size_t digits;
  int base;
};

std::optional<Coded> coded(std::string_view escape, bool is_bytes) {
  if (escape.empty()) return std::nullopt;
  constexpr int kHex = 16;
  constexpr int kOctal = 8;
  switch (escape.front()) {
    case 'x':
    case 'X':
      return Coded{1, 2, kHex};
    case 'u':
      return is_bytes ? std::nullopt : std::optional(Coded{1, 4, kHex});
    case 'U':
      return is_bytes ? std::nullopt : std::optional(Coded{1, 8, kHex});
    case '0':
    case '1':
    case '2':
    case '3':
      return Coded{0, 3, kOctal};
    default:
      return std::nullopt;
  }
}

// The code that the digits give, if there are all of them and it is a character.
std::optional<std::uint32_t> code_of(std::string_view escape, const Coded& form, bool is_bytes) {
  if (escape.size() < form.skip + form.digits) return std::nullopt;
  const auto digits = escape.substr(form.skip, form.digits);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, form.base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (!is_bytes && (is_surrogate || code > 0x10FFFF)) return std::nullopt;
  return code;
}

template <typename T>
std::optional<T> whole(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_hexadecimal(std::string_view digits) { return digits.starts_with("0x") || digits.starts_with("0X"); }

}  // namespace

std::expected<std::string, Fault> decoded_string(std::string_view inside, StringForm form) {
  if (form.is_raw) return std::string(inside);
  std::string decoded;
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] != '\\') {
      decoded += inside[at];
      continue;
    }
    const auto escape = inside.substr(at + 1);
    if (const auto code_form = coded(escape, form.is_bytes)) {
      const auto code = code_of(escape, *code_form, form.is_bytes);
      if (!code) return std::unexpected(Fault{at, "an escape that gives no character"});
      if (form.is_bytes) {
        decoded += static_cast<char>(*code);
      } else {
        append_utf8(decoded, static_cast<char32_t>(*code));
      }
      at += code_form->skip + code_form->digits;
      continue;
    }
    const auto* const known =
        std::ranges::find(kEscapes, escape.empty() ? '\0' : escape.front(), &std::pair<char, char>::first);
    if (known == kEscapes.end()) {
      return std::unexpected(Fault{at, "an escape that is not known; write r\"...\" where a backslash is meant"});
    }
    decoded += known->second;
    ++at;
  }
  return decoded;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto digits = text.substr(is_negative ? 1 : 0);
  if (!is_hexadecimal(digits)) return whole<std::int64_t>(text, 10);
  return whole<std::int64_t>((is_negative ? "-" : "") + std::string(digits.substr(2)), 16);
}

std::optional<std::uint64_t> unsigned_integer_of(std::string_view text) {
  return is_hexadecimal(text) ? whole<std::uint64_t>(text.substr(2), 16) : whole<std::uint64_t>(text, 10);
}

std::optional<double> real_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc()) return value;
  // from_chars calls too small a number out of range as well: that one is zero, or nearly.
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::abs(value) < 1 ? std::optional(value) : std::nullopt;
}

}  // namespace myelin::cel
