#include "model/name_rules.h"

#include <algorithm>

namespace myelin::model {
namespace {

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

bool is_name_letter(char letter) { return is_alphanumeric(letter) || letter == '-' || letter == '_' || letter == '.'; }

}  // namespace

std::optional<std::string> wrong_entity_name(std::string_view name) {
  constexpr std::size_t kLengthMax = 63;
  const bool fits = !name.empty() && name.size() <= kLengthMax && is_alphanumeric(name.front()) &&
                    is_alphanumeric(name.back()) && std::ranges::all_of(name, is_name_letter);
  if (fits) return std::nullopt;
  return "expected up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

std::optional<std::string> wrong_principal(std::string_view name) {
  constexpr std::size_t kLengthMax = 128;
  if (name.find_first_of("()") != std::string_view::npos) {
    return "parentheses are kept for Myelin's own, such as (anonymous)";
  }
  if (name.starts_with("__") || equal_ignoring_case(name, "anonymous") || equal_ignoring_case(name, "myelin")) {
    return "the name is reserved; use another than anonymous, myelin and names that start with __";
  }
  const bool printable = std::ranges::all_of(name, [](char letter) { return letter > ' ' && letter != 0x7f; });
  if (name.empty() || name.size() > kLengthMax || !printable) return "expected 1 to 128 printable ASCII characters";
  return std::nullopt;
}

std::optional<std::string> wrong_topic(std::string_view name) {
  constexpr std::size_t kLengthMax = 249;
  if (name.starts_with("__")) return "names that start with __ are internal";
  const bool fits = !name.empty() && name.size() <= kLengthMax && std::ranges::all_of(name, is_name_letter) &&
                    name != "." && name != "..";
  if (fits) return std::nullopt;
  return "expected up to 249 letters, digits, '.', '_' and '-'";
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

}  // namespace myelin::model
