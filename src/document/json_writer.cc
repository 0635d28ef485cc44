#include "document/json_writer.h"

#include <fmt/core.h>

#include "base/utf8.h"

namespace myelin::document {
namespace {

void append_escaped(std::string& to, char32_t value) {
  switch (value) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    case '\b':
      to += "\\b";
      return;
    case '\f':
      to += "\\f";
      return;
    default:
      if (value < 0x20) {
        to += fmt::format("\\u{:04x}", static_cast<unsigned>(value));
      } else {
        append_utf8(to, value);
      }
  }
}

void append(std::string& to, const Node& node);

void append_list(std::string& to, const Node& node) {
  to += '[';
  const char* separator = "";
  for (const Node& item : node.items) {
    to += separator;
    separator = ",";
    append(to, item);
  }
  to += ']';
}

void append_map(std::string& to, const Node& node) {
  to += '{';
  const char* separator = "";
  for (const Member& member : node.members) {
    to += separator;
    separator = ",";
    append_json_string(to, member.key);
    to += ':';
    append(to, member.value);
  }
  to += '}';
}

void append(std::string& to, const Node& node) {
  switch (node.kind) {
    case NodeKind::Null:
      to += "null";
      return;
    case NodeKind::Boolean:
      to += *as_boolean(node) ? "true" : "false";
      return;
    case NodeKind::Number:
      to += node.text;
      return;
    case NodeKind::String:
      append_json_string(to, node.text);
      return;
    case NodeKind::List:
      append_list(to, node);
      return;
    case NodeKind::Map:
      append_map(to, node);
      return;
  }
}

}  // namespace

void append_json_string(std::string& to, std::string_view text) {
  constexpr char32_t kReplacement = 0xfffd;
  to += '"';
  while (!text.empty()) {
    const CodePoint point = code_point_at(text);
    append_escaped(to, point.size == 0 ? kReplacement : point.value);
    text.remove_prefix(point.size == 0 ? 1 : point.size);
  }
  to += '"';
}

std::string json(const Node& node) {
  std::string text;
  append(text, node);
  return text;
}

}  // namespace myelin::document
