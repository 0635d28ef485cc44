#include "document/offset.h"

namespace myelin::document {
namespace {

bool is_begin_of_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

std::size_t offset_of_line(std::string_view text, std::uint32_t line) {
  std::size_t at = 0;
  for (std::uint32_t passed = 1; passed < line; ++passed) at = text.find('\n', at) + 1;
  return at;
}

std::size_t offset_of(std::string_view text, const Position& position) {
  std::size_t at = offset_of_line(text, position.line);
  for (std::uint32_t column = 1; column < position.column; ++column) {
    do ++at;
    while (at < text.size() && !is_begin_of_character(text[at]));
  }
  return at;
}

}  // namespace myelin::document
