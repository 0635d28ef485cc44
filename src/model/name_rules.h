#pragma once
// Which names documents can hold. Each answers what is wrong with a name, or nullopt.
#include <optional>
#include <string>
#include <string_view>

namespace myelin::model {

// Backstage: letters, digits, '-', '_', '.', at most 63, starting and ending with a letter or digit.
[[nodiscard]] std::optional<std::string> wrong_entity_name(std::string_view name);
// Names a client can sign in with. Parentheses mark Myelin's own pseudo-principals.
[[nodiscard]] std::optional<std::string> wrong_principal(std::string_view name);
// Kafka: letters, digits, '.', '_', '-', at most 249; names that start with "__" are internal.
[[nodiscard]] std::optional<std::string> wrong_topic(std::string_view name);

// Of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace myelin::model
