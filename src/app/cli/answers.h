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
[[nodiscard]] Table throttled_table(const document::Node& answer);
[[nodiscard]] Table quotas_table(const document::Node& answer);
[[nodiscard]] Table audit_table(const document::Node& answer);

// Empty where the field is missing or null.
[[nodiscard]] const std::vector<document::Node>& items_of(const document::Node& node, std::string_view key);
[[nodiscard]] std::string text_of(const document::Node& node, std::string_view key);
// "a, b, c" of a list of strings.
[[nodiscard]] std::string list_of(const document::Node& node, std::string_view key);
// "grants/a.yaml:12"; empty when no document says it.
[[nodiscard]] std::string place_of(const document::Node& node);
// "1 record", "2 records".
[[nodiscard]] std::string counted(const std::string& number, std::string_view noun);
// A whole second is enough for a person: "2026-11-21T04:00:00.123Z" to "2026-11-21 04:00:00".
[[nodiscard]] std::string short_time(std::string time);

}  // namespace myelin::app::cli
