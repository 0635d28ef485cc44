// int(), uint(), double(), string(), bytes() and bool(): a value that does not fit is an error.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/utf8.h"
#include "cel/functions.h"
#include "cel/literal.h"

namespace myelin::cel {
namespace {

std::unexpected<Error> no_conversion(const Value& value, std::string_view to) {
  return fail(Code::Invalid, "this {} can't be made {}", type_name(value), to);
}

Result<Value> to_int(const Value& value) {
  if (value.as<std::int64_t>() != nullptr) return value;
  if (const auto* number = value.as<std::uint64_t>()) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (*number <= kMost) return Value::integer(static_cast<std::int64_t>(*number));
  } else if (const auto* real = value.as<double>()) {
    constexpr double kLimit = 9223372036854775808.0;  // 2^63; not reached from either side, as CEL has it
    if (*real > -kLimit && *real < kLimit) return Value::integer(static_cast<std::int64_t>(*real));
  } else if (const auto* text = value.as<std::string>()) {
    if (const auto integer = integer_of(*text)) return Value::integer(*integer);
  }
  return no_conversion(value, "an int");
}

Result<Value> to_uint(const Value& value) {
  if (value.as<std::uint64_t>() != nullptr) return value;
  if (const auto* number = value.as<std::int64_t>()) {
    if (*number >= 0) return Value::unsigned_integer(static_cast<std::uint64_t>(*number));
  } else if (const auto* real = value.as<double>()) {
    constexpr double kLimit = 18446744073709551616.0;  // 2^64
    if (*real > -1 && *real < kLimit) return Value::unsigned_integer(static_cast<std::uint64_t>(*real));
  } else if (const auto* text = value.as<std::string>()) {
    if (const auto integer = unsigned_integer_of(*text)) return Value::unsigned_integer(*integer);
  }
  return no_conversion(value, "a uint");
}

Result<Value> to_double(const Value& value) {
  if (value.as<double>() != nullptr) return value;
  if (const auto* number = value.as<std::int64_t>()) return Value::real(static_cast<double>(*number));
  if (const auto* number = value.as<std::uint64_t>()) return Value::real(static_cast<double>(*number));
  if (const auto* text = value.as<std::string>()) {
    if (const auto real = real_of(*text)) return Value::real(*real);
  }
  return no_conversion(value, "a double");
}

Result<Value> to_string(const Value& value) {
  if (value.as<std::string>() != nullptr) return value;
  if (const auto* boolean = value.as<bool>()) return Value::string(*boolean ? "true" : "false");
  if (const auto* number = value.as<std::int64_t>()) return Value::string(fmt::format("{}", *number));
  if (const auto* number = value.as<std::uint64_t>()) return Value::string(fmt::format("{}", *number));
  if (const auto* real = value.as<double>()) return Value::string(fmt::format("{}", *real));
  if (const auto* bytes = value.as<Bytes>()) {
    if (utf8_prefix(bytes->bytes) == bytes->bytes.size()) return Value::string(bytes->bytes);
  }
  return no_conversion(value, "a string");
}

Result<Value> to_bool(const Value& value) {
  static constexpr std::array<std::string_view, 5> kTrue{"1", "t", "true", "TRUE", "True"};
  static constexpr std::array<std::string_view, 5> kFalse{"0", "f", "false", "FALSE", "False"};
  if (value.as<bool>() != nullptr) return value;
  if (const auto* text = value.as<std::string>()) {
    if (std::ranges::find(kTrue, *text) != kTrue.end()) return Value::boolean(true);
    if (std::ranges::find(kFalse, *text) != kFalse.end()) return Value::boolean(false);
  }
  return no_conversion(value, "a bool");
}

Result<Value> to_bytes(const Value& value) {
  if (value.as<Bytes>() != nullptr) return value;
  if (const auto* text = value.as<std::string>()) return Value::bytes(*text);
  return no_conversion(value, "bytes");
}

}  // namespace

Result<Value> converted(Function function, const Value& value) {
  switch (function) {
    case Function::ToInt:
      return to_int(value);
    case Function::ToUint:
      return to_uint(value);
    case Function::ToDouble:
      return to_double(value);
    case Function::ToString:
      return to_string(value);
    case Function::ToBytes:
      return to_bytes(value);
    default:
      return to_bool(value);
  }
}

}  // namespace myelin::cel
