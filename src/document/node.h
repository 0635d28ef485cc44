#pragma once
// One tree for YAML and JSON. Every node knows the line and column where it stands, so that whoever finds something
// wrong with a value can point at it. Nodes are plain values: copy, compare and keep them as you like.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myelin::document {

// Both count from 1; the column counts characters (Unicode code points), not bytes. {0, 0} means "no position".
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Position&) const = default;
};

enum class NodeKind { Null, Boolean, Number, String, List, Map };

// "a string", "a list", ... for messages that say what was found or expected.
[[nodiscard]] std::string_view described(NodeKind kind);

struct Member;

struct Node {
  NodeKind kind = NodeKind::Null;
  Position position;
  std::string text;             // a scalar as it was written, unquoted: "true", "1.50", "2026-01-31"
  std::vector<Node> items;      // of a list
  std::vector<Member> members;  // of a map, in the order written; keys are unique

  // The member's value, or nullptr when this is not a map or has no such key.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] bool is(NodeKind wanted) const { return kind == wanted; }

  [[nodiscard]] static Node null();
  [[nodiscard]] static Node boolean(bool value);
  [[nodiscard]] static Node number(std::int64_t value);
  [[nodiscard]] static Node string(std::string_view value);
  [[nodiscard]] static Node list(std::vector<Node> items);
  [[nodiscard]] static Node map(std::vector<Member> members);
};

struct Member {
  std::string key;
  Position key_position;
  Node value;
};

// The node as an integer, a boolean; nullopt when it is of another kind, has a fraction or does not fit.
[[nodiscard]] std::optional<std::int64_t> as_integer(const Node& node);
[[nodiscard]] std::optional<bool> as_boolean(const Node& node);

}  // namespace myelin::document
