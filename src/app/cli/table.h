#pragma once
// What a command prints: rows under columns, in one of four forms. A terminal gets aligned columns under a header; a
// pipe gets tabs and no header, so that `cut` and `awk` work.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace myelin::app::cli {

enum class Output { Table, Json, Yaml, Csv };
[[nodiscard]] Result<Output> parse_output(std::string_view text);

struct Column {
  std::string name;
  bool is_number = false;  // right-aligned; written without quotes
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

// `to_terminal` decides about header and alignment of Output::Table.
[[nodiscard]] std::string render(const Table& table, Output output, bool to_terminal);

// "12,345" and "1.2 MB", for people.
[[nodiscard]] std::string grouped(std::int64_t number);
[[nodiscard]] std::string byte_size(std::int64_t bytes);

}  // namespace myelin::app::cli
