// One expression a line on standard input, {"expr": ..., "bindings": {name: {"value": ...}}}; one answer a line on
// standard output: {"value": ...}, {"error": why there is none} or {"fault": why it is no expression}. Values are
// written as the conformance data has them, bytes as hexadecimal digits.
#include <fmt/core.h>

#include <charconv>
#include <iostream>
#include <string>

#include "cel/expression.h"
#include "document/json_writer.h"
#include "document/parse.h"

namespace {

using myelin::cel::Value;
using myelin::document::Member;
using myelin::document::Node;
using myelin::document::NodeKind;

Node tagged(std::string_view tag, Node value) { return Node::map({Member{std::string(tag), {}, std::move(value)}}); }

std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

std::string bytes_in(std::string_view hex) {
  constexpr int kBase = 16;
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, kBase);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

template <typename T>
T number_in(const std::string& text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Value value_in(const Node& node) {
  if (node.members.size() != 1) return Value::null();
  const auto& [tag, position, content] = node.members.front();
  if (tag == "boolValue") return Value::boolean(content.text == "true");
  if (tag == "int64Value") return Value::integer(number_in<std::int64_t>(content.text));
  if (tag == "uint64Value") return Value::unsigned_integer(number_in<std::uint64_t>(content.text));
  if (tag == "doubleValue") return Value::real(number_in<double>(content.text));
  if (tag == "stringValue") return Value::string(content.text);
  if (tag == "bytesValue") return Value::bytes(bytes_in(content.text));
  if (tag == "listValue") {
    myelin::cel::List items;
    if (const auto* values = content.find("values")) {
      for (const Node& item : values->items) items.push_back(value_in(item));
    }
    return Value::list(std::move(items));
  }
  myelin::cel::Map entries;
  const auto* pairs = tag == "mapValue" ? content.find("entries") : nullptr;
  if (pairs != nullptr) {
    for (const Node& pair : pairs->items)
      entries.emplace_back(value_in(*pair.find("key")), value_in(*pair.find("value")));
  }
  return tag == "mapValue" ? Value::map(std::move(entries)) : Value::null();
}

Node node_of(const Value& value);

Node map_node(const myelin::cel::Map& map) {
  Node entries = Node::list({});
  for (const auto& [key, value] : map) {
    entries.items.push_back(Node::map({Member{"key", {}, node_of(key)}, Member{"value", {}, node_of(value)}}));
  }
  return tagged("mapValue", tagged("entries", std::move(entries)));
}

Node node_of(const Value& value) {
  if (const auto* boolean = value.as<bool>()) return tagged("boolValue", Node::boolean(*boolean));
  if (const auto* number = value.as<std::int64_t>()) {
    return tagged("int64Value", Node::string(fmt::format("{}", *number)));
  }
  if (const auto* number = value.as<std::uint64_t>()) {
    return tagged("uint64Value", Node::string(fmt::format("{}", *number)));
  }
  if (const auto* real = value.as<double>()) return tagged("doubleValue", Node::string(fmt::format("{}", *real)));
  if (const auto* text = value.as<std::string>()) return tagged("stringValue", Node::string(*text));
  if (const auto* bytes = value.as<myelin::cel::Bytes>()) {
    return tagged("bytesValue", Node::string(hex_of(bytes->bytes)));
  }
  if (const auto* type = value.as<myelin::cel::Type>()) return tagged("typeValue", Node::string(type->name));
  if (const auto* items = value.items()) {
    Node values = Node::list({});
    for (const Value& item : *items) values.items.push_back(node_of(item));
    return tagged("listValue", tagged("values", std::move(values)));
  }
  if (const auto* entries = value.entries()) return map_node(*entries);
  return tagged("nullValue", Node::null());
}

Node answer(const Node& question) {
  std::vector<myelin::cel::Name> names;
  myelin::cel::Attributes attributes;
  if (const auto* bindings = question.find("bindings")) {
    for (const Member& binding : bindings->members) {
      names.push_back({binding.key});
      attributes.emplace(binding.key, value_in(*binding.value.find("value")));
    }
  }
  const auto expression = myelin::cel::Expression::compile(question.find("expr")->text, names);
  if (!expression) return tagged("fault", Node::string(expression.error().message));
  const auto value = expression->evaluate(attributes);
  return value ? tagged("value", node_of(*value)) : tagged("error", Node::string(value.error().message));
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto question = myelin::document::parse_json(line);
    if (!question || question->find("expr") == nullptr) return 2;
    std::cout << myelin::document::json(answer(*question)) << '\n';
  }
  return 0;
}
