#pragma once
// Where a byte of a scalar's value stands in the file: between quotes, folded over lines or in an indented block, the
// value is not what was written.
#include <cstddef>
#include <string_view>

#include "document/node.h"

namespace myelin::document {

// `text` is the whole file that `scalar` was read from, `offset` counts bytes of scalar.text and may be its size. The
// scalar's own position when the place can't be told, as behind an escape that stands for another character.
[[nodiscard]] Position position_inside(std::string_view text, const Node& scalar, std::size_t offset);

}  // namespace myelin::document
