#pragma once
// Letters of protocol words: ASCII, whatever the locale. Private to this module.
#include <algorithm>
#include <string_view>

namespace myelin::net {

[[nodiscard]] constexpr char ascii_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
[[nodiscard]] constexpr bool ascii_equal(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, ascii_lower, ascii_lower);
}

}  // namespace myelin::net
