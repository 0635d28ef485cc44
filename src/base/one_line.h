#pragma once
// Names and values are whatever somebody wrote: in a text made of lines they must not look like lines of it.
#include <algorithm>
#include <string>

namespace myelin {

// Control characters become spaces.
[[nodiscard]] inline std::string in_one_line(std::string text) {
  const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

}  // namespace myelin
