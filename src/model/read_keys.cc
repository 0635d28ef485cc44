// Keys by which a person signs plans: a User's annotation, one key a line as in files that end with .pub.
#include <fmt/core.h>

#include <algorithm>

#include "model/drafts.h"

namespace myelin::model {
namespace {

constexpr std::size_t kKeysMax = 16;
constexpr std::string_view kSpace = " \t\r";

}  // namespace

std::vector<UserDraft::Key> read_keys(const Fields& annotations, const std::string& user) {
  std::vector<UserDraft::Key> keys;
  const auto declared = annotations.text(kKeysAnnotation);
  if (!declared) return keys;
  const std::string_view text = declared->value;
  std::size_t lines = 0;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    const auto first = std::min(text.find_first_not_of(kSpace, begin), end);
    if (first == end) continue;
    ++lines;
    auto line = text.substr(first, end - first);
    line.remove_suffix(line.size() - 1 - line.find_last_not_of(kSpace));
    const document::Place place{declared->place.file, annotations.position_inside(kKeysAnnotation, first)};
    auto key = signature::PublicKey::parse(line);
    if (key) {
      keys.push_back({*std::move(key), place});
    } else {
      annotations.note(place, fmt::format("key of User \"{}\" {}", user, key.error().message));
    }
  }
  if (lines == 0 || lines > kKeysMax) {
    annotations.note(declared->place, fmt::format("{} of User \"{}\" has {} keys, expected 1 to {}, one a line",
                                                  kKeysAnnotation, user, lines, kKeysMax));
  }
  return keys;
}

}  // namespace myelin::model
