#pragma once
// From text to nodes. Internal to the module.
#include <expected>
#include <span>
#include <string_view>

#include "cel/expression.h"
#include "cel/node.h"

namespace myelin::cel {

[[nodiscard]] std::expected<Node, Fault> parsed(std::string_view text, std::span<const Name> names);

}  // namespace myelin::cel
