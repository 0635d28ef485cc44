#pragma once
// RFC 8259, strictly, with positions. Used by parse() and parse_json().
#include <expected>
#include <string>
#include <string_view>

#include "document/parse.h"

namespace myelin::document {

struct JsonFault {
  Position position;
  std::string message;
};

[[nodiscard]] std::expected<Node, JsonFault> read_json(std::string_view text, const Limits& limits);

}  // namespace myelin::document
