#pragma once
// Writing header fields. Private to this module.
#include <string>
#include <string_view>

namespace myelin::net {

// A line break in a field would let a name that came in a request write fields of its own: control letters become
// spaces.
inline void append_header(std::string& to, std::string_view name, std::string_view value) {
  const auto append = [&to](std::string_view text) {
    for (const char letter : text) to += static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f ? ' ' : letter;
  };
  append(name);
  to += ": ";
  append(value);
  to += "\r\n";
}

}  // namespace myelin::net
