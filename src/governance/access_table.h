#pragma once
// Which API asks for which operation on which resource. This table is the whole of it: what is not in it is not
// advertised and refused. docs/reference/access.md is made from it; a raw-protocol test covers every row.
#include <span>
#include <string>
#include <string_view>

#include "kafka/messages.h"

namespace myelin::governance {

struct AccessRow {
  kafka::ApiKey key;
  std::string_view resource;   // "topic, each", "group", "cluster", ...
  std::string_view operation;  // "write", "read", ..., "none: any signed-in principal"
  std::string_view refusal;    // Kafka's error, or how the answer is filtered
};

[[nodiscard]] std::span<const AccessRow> access_table();
[[nodiscard]] bool in_access_table(kafka::ApiKey key);
// docs/reference/access.md
[[nodiscard]] std::string access_reference();

}  // namespace myelin::governance
