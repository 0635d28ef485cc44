#pragma once
// The canonical JSON form of a tree: one line, no spaces, members in the given order, numbers as written, strings with
// the shortest escapes. The same tree always gives the same bytes.
#include <string>
#include <string_view>

#include "document/node.h"

namespace myelin::document {

[[nodiscard]] std::string json(const Node& node);
// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& to, std::string_view text);

}  // namespace myelin::document
