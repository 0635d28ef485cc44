#include "document/parse.h"

#include "base/utf8.h"
#include "document/json_reader.h"
#include "document/yaml_reader.h"

namespace myelin::document {
namespace {

Position position_at(std::string_view text, std::size_t offset) {
  Position position{1, 1};
  for (std::size_t at = 0; at < offset;) {
    const CodePoint point = code_point_at(text.substr(at));
    position = point.value == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + 1};
    at += point.size;
  }
  return position;
}

bool is_forbidden(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || value == 0x7f;
}

// What keeps a file from being parsed at all.
std::optional<Problem> refused(const Source& source, const Limits& limits) {
  const std::string& text = source.text;
  if (text.size() > limits.bytes_max) {
    return Problem{{source.file, {}}, fmt::format("{} bytes; at most {} are read", text.size(), limits.bytes_max)};
  }
  if (const std::size_t valid = utf8_prefix(text); valid != text.size()) {
    return Problem{{source.file, position_at(text, valid)}, "not UTF-8; save the file in that encoding"};
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_forbidden(text[at])) {
      return Problem{{source.file, position_at(text, at)}, "a control character; is this a text file?"};
    }
  }
  return std::nullopt;
}

}  // namespace

Parsed parse(Source source, const Limits& limits) {
  const auto kept = std::make_shared<const Source>(std::move(source));
  Parsed parsed;
  if (auto problem = refused(*kept, limits)) {
    parsed.problems.push_back(std::move(*problem));
    return parsed;
  }
  if (!kept->file.ends_with(".json")) return read_yaml(kept, limits);
  auto root = read_json(kept->text, limits);
  if (root) {
    parsed.documents.push_back(Document{kept, std::make_shared<const Node>(std::move(*root))});
  } else {
    parsed.problems.push_back(Problem{{kept->file, root.error().position}, "not JSON: " + root.error().message});
  }
  return parsed;
}

Result<Node> parse_json(std::string_view text, const Limits& limits) {
  auto node = read_json(text, limits);
  if (node) return std::move(*node);
  const auto& [position, message] = node.error();
  if (position.line == 0) return fail(Code::Invalid, "not JSON: {}", message);
  return fail(Code::Invalid, "not JSON at line {}, column {}: {}", position.line, position.column, message);
}

}  // namespace myelin::document
