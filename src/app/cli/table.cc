#include "app/cli/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace myelin::app::cli {
namespace {

// Columns a text takes on a terminal: its code points, good enough for names and numbers.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char letter) { return (static_cast<unsigned char>(letter) & 0xc0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width, bool right) {
  const auto space = std::string(width - std::min(width, width_of(text)), ' ');
  return right ? space + std::string(text) : std::string(text) + space;
}

// For a person, a column without a single value is noise.
Table without_empty_columns(const Table& table) {
  Table kept;
  kept.rows.resize(table.rows.size());
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (std::ranges::all_of(table.rows, [&](const auto& row) { return row[column].empty(); })) continue;
    kept.columns.push_back(table.columns[column]);
    for (std::size_t row = 0; row < table.rows.size(); ++row) kept.rows[row].push_back(table.rows[row][column]);
  }
  return kept;
}

std::string render_terminal(const Table& whole) {
  const auto table = without_empty_columns(whole);
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    auto width = width_of(table.columns[column].name);
    for (const auto& row : table.rows) width = std::max(width, width_of(row[column]));
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t column = 0; column < widths.size(); ++column) {
      if (column > 0) line += "  ";
      line += padded(cell_of(column), widths[column], table.columns[column].is_number);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add_line([&](std::size_t column) {
    auto name = table.columns[column].name;
    std::ranges::transform(name, name.begin(), [](char letter) { return letter == '_' ? ' ' : letter; });
    return name;
  });
  for (const auto& row : table.rows) add_line([&](std::size_t column) { return row[column]; });
  return text;
}

std::string render_tabs(const Table& table) {
  std::string text;
  for (const auto& row : table.rows) {
    for (std::size_t column = 0; column < row.size(); ++column) text += (column > 0 ? "\t" : "") + row[column];
    text += '\n';
  }
  return text;
}

std::string quoted_json(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      quoted += '\\';
      quoted += letter;
    } else if (code < 0x20) {
      quoted += fmt::format("\\u{:04x}", code);
    } else {
      quoted += letter;
    }
  }
  return quoted + '"';
}

std::string value_of(const Column& column, std::string_view cell) {
  if (column.is_number) return cell.empty() ? "null" : std::string(cell);
  return quoted_json(cell);
}

std::string render_json(const Table& table) {
  std::string text = "[";
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    text += row > 0 ? ",\n  {" : "\n  {";
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      text += fmt::format("{}{}: {}", column > 0 ? ", " : "", quoted_json(table.columns[column].name),
                          value_of(table.columns[column], table.rows[row][column]));
    }
    text += '}';
  }
  return text + (table.rows.empty() ? "]\n" : "\n]\n");
}

// JSON strings and numbers are YAML scalars, so quoting is shared.
std::string render_yaml(const Table& table) {
  if (table.rows.empty()) return "[]\n";
  std::string text;
  for (const auto& row : table.rows) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      text += fmt::format("{} {}: {}\n", column > 0 ? " " : "-", table.columns[column].name,
                          value_of(table.columns[column], row[column]));
    }
  }
  return text;
}

// RFC 4180. A cell that a spreadsheet would take for a formula is quoted with a leading apostrophe.
std::string csv_cell(const Column& column, const std::string& cell) {
  std::string safe = cell;
  if (!column.is_number && !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char letter : safe) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + '"';
}

std::string render_csv(const Table& table) {
  std::string text;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    text += (column > 0 ? "," : "") + table.columns[column].name;
  }
  text += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      text += (column > 0 ? "," : "") + csv_cell(table.columns[column], row[column]);
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace

Result<Output> parse_output(std::string_view text) {
  if (text == "table") return Output::Table;
  if (text == "json") return Output::Json;
  if (text == "yaml") return Output::Yaml;
  if (text == "csv") return Output::Csv;
  return fail(Code::Invalid, "\"{}\" is unknown; use table, json, yaml or csv", text);
}

std::string render(const Table& table, Output output, bool to_terminal) {
  switch (output) {
    case Output::Table:
      return to_terminal ? render_terminal(table) : render_tabs(table);
    case Output::Json:
      return render_json(table);
    case Output::Yaml:
      return render_yaml(table);
    case Output::Csv:
      return render_csv(table);
  }
  return {};
}

std::string grouped(std::int64_t number) {
  auto digits = std::to_string(number);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string byte_size(std::int64_t bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace myelin::app::cli
