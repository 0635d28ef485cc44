#include <algorithm>

#include "directory/gather.h"

namespace myelin::directory {
namespace {

constexpr std::size_t kLengthMax = 63;  // of an entity's name

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter; }

// With a letter or digit at both ends; every run of what a name can't hold is one '-'.
std::string plain(std::string_view text) {
  std::string name;
  for (const char letter : text) {
    const bool fits = is_alphanumeric(letter) || letter == '.' || letter == '_' || letter == '-';
    if (fits) {
      name += letter;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  const auto first = std::ranges::find_if(name, is_alphanumeric);
  name.erase(name.begin(), first);
  name.resize(std::min(name.size(), kLengthMax));
  while (!name.empty() && !is_alphanumeric(name.back())) name.pop_back();
  return name;
}

}  // namespace

std::string team_name(std::string_view text) {
  auto name = plain(text);
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

std::string person_name(std::string_view text) { return plain(text.substr(0, text.find('@'))); }

std::string folded(std::string_view name) {
  auto text = team_name(name);
  std::ranges::replace_if(text, [](char letter) { return !is_alphanumeric(letter); }, '-');
  return text;
}

}  // namespace myelin::directory
