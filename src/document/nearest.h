#pragma once
// The known name that a mistyped one most likely meant.
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace myelin::document {

// By edit distance (insert, delete, replace, swap of neighbours), ignoring case; the first of equals. nullopt when even
// the nearest differs in more than a third of the longer word's letters (one edit is always forgiven).
[[nodiscard]] std::optional<std::string> nearest(std::string_view wanted, std::span<const std::string> known);

// "; did you mean \"retail\"?", or empty when nothing is near: to be appended to a message.
[[nodiscard]] std::string suggestion(std::string_view wanted, std::span<const std::string> known);

}  // namespace myelin::document
