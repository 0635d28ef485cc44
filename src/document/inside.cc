#include "document/inside.h"

#include <algorithm>

namespace myelin::document {
namespace {

bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r'; }
bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// The byte at a position; the file's size when it is not there.
std::size_t byte_at(std::string_view text, Position position) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < position.line; ++line) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (std::uint32_t column = 1; column < position.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && !starts_character(text[at])) ++at;
  }
  return at;
}

Position position_of(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto column = std::ranges::count_if(before.substr(line_start), starts_character) + 1;
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
}

}  // namespace

Position position_inside(std::string_view text, const Node& scalar, std::size_t offset) {
  auto at = byte_at(text, scalar.position);
  if (at >= text.size()) return scalar.position;
  const char first = text[at];
  if (first == '|' || first == '>') at = std::min(text.find('\n', at), text.size());
  if (first == '"' || first == '\'') ++at;
  const std::string_view value = scalar.text;
  for (std::size_t done = 0; done <= std::min(offset, value.size()); ++done) {
    const bool is_there = done == offset;
    if (done == value.size() || (is_space(value[done]) && is_there)) return position_of(text, at);
    if (is_space(value[done])) continue;
    while (at < text.size() && is_space(text[at])) ++at;
    // '' and \" stand for one quote.
    const bool is_doubled =
        (first == '\'' && text.substr(at).starts_with("''")) || (first == '"' && text.substr(at, 1) == "\\");
    if (is_doubled) ++at;
    if (at >= text.size() || text[at] != value[done]) return scalar.position;
    if (is_there) return position_of(text, at);
    ++at;
  }
  return scalar.position;
}

}  // namespace myelin::document
