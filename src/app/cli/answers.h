#pragma once
// The server's answers as tables for people, one function an answer; and how a field is read from one.
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/table.h"
#include "document/node.h"

namespace myelin::app::cli {

[[nodiscard]] Table usage_table(const document::Node& answer);
[[nodiscard]] Table lineage_table(const document::Node& answer);
[[nodiscard]] Table who_table(const document::Node& answer);
// Who is called for a class of failure, or for each where `failure` is "all".
[[nodiscard]] Table calls_table(const document::Node& answer, std::string_view failure);
[[nodiscard]] Table acls_table(const document::Node& answer);
[[nodiscard]] Table topics_table(const document::Node& answer);
[[nodiscard]] Table groups_table(const document::Node& answer);
[[nodiscard]] Table quotas_table(const document::Node& answer);
[[nodiscard]] Table audit_table(const document::Node& answer);

// Empty where the field is missing or null.
[[nodiscard]] const std::vector<document::Node>& items_of(const document::Node& node, std::string_view key);
[[nodiscard]] std::string text_of(const document::Node& node, std::string_view key);

}  // namespace myelin::app::cli
