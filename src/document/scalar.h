#pragma once
// What a plain (unquoted) scalar means, and a text written as one.
#include <string>
#include <string_view>

#include "document/node.h"

namespace myelin::document {

// A number exactly as JSON writes one, whole text.
[[nodiscard]] bool is_json_number(std::string_view text);
// YAML 1.2 core schema, except that 0x1F, 0o17, 010, +1, .5, .inf and .nan are strings: they have no JSON form, and
// YAML versions disagree about them.
[[nodiscard]] NodeKind kind_of_plain_scalar(std::string_view text);

// A text as YAML that every reader takes for that text: plain where that is safe, else in double quotes, on one line.
[[nodiscard]] std::string scalar(std::string_view text);

}  // namespace myelin::document
