#pragma once
// The byte at which a position of a file stands.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "document/node.h"

namespace myelin::document {

// Both are positions of the text, as its nodes have them.
[[nodiscard]] std::size_t offset_of_line(std::string_view text, std::uint32_t line);
[[nodiscard]] std::size_t offset_of(std::string_view text, const Position& position);

}  // namespace myelin::document
