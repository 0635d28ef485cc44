#pragma once
// What a literal's text stands for. Internal to the module.
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "cel/fault.h"

namespace myelin::cel {

struct StringForm {
  bool is_raw = false;    // r"...": a backslash is a backslash
  bool is_bytes = false;  // b"...": escapes are bytes, not characters
};

// The string between its quotes, escapes replaced.
[[nodiscard]] std::expected<std::string, Fault> decoded_string(std::string_view inside, StringForm form);

// Decimal digits, or 0x and hexadecimal ones, after an optional minus; nullopt when it is none or does not fit.
[[nodiscard]] std::optional<std::int64_t> integer_of(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> unsigned_integer_of(std::string_view text);
// nullopt when it is no number.
[[nodiscard]] std::optional<double> real_of(std::string_view text);

}  // namespace myelin::cel
