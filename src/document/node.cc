#include "document/node.h"

#include <charconv>

namespace myelin::document {

std::string_view described(NodeKind kind) {
  switch (kind) {
    case NodeKind::Null:
      return "nothing";
    case NodeKind::Boolean:
      return "a boolean";
    case NodeKind::Number:
      return "a number";
    case NodeKind::String:
      return "a string";
    case NodeKind::List:
      return "a list";
    case NodeKind::Map:
      return "a map";
  }
  return "";
}

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Node Node::null() { return Node{}; }

Node Node::boolean(bool value) {
  Node node;
  node.kind = NodeKind::Boolean;
  node.text = value ? "true" : "false";
  return node;
}

Node Node::number(std::int64_t value) {
  Node node;
  node.kind = NodeKind::Number;
  node.text = std::to_string(value);
  return node;
}

Node Node::string(std::string_view value) {
  Node node;
  node.kind = NodeKind::String;
  node.text = value;
  return node;
}

Node Node::list(std::vector<Node> items) {
  Node node;
  node.kind = NodeKind::List;
  node.items = std::move(items);
  return node;
}

Node Node::map(std::vector<Member> members) {
  Node node;
  node.kind = NodeKind::Map;
  node.members = std::move(members);
  return node;
}

std::optional<std::int64_t> as_integer(const Node& node) {
  if (node.kind != NodeKind::Number) return std::nullopt;
  std::int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stopped, error] = std::from_chars(node.text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::optional<bool> as_boolean(const Node& node) {
  if (node.kind != NodeKind::Boolean) return std::nullopt;
  return node.text.front() == 't' || node.text.front() == 'T';
}

}  // namespace myelin::document
