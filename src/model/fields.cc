#include "model/fields.h"

#include <fmt/core.h>

#include <algorithm>

#include "document/inside.h"
#include "document/nearest.h"

namespace myelin::model {

using document::Node;
using document::NodeKind;

std::string alternatives(std::span<const std::string> known) {
  std::string text;
  for (std::size_t index = 0; index < known.size(); ++index) {
    if (index > 0) text += index + 1 == known.size() ? " or " : ", ";
    text += known[index];
  }
  return text;
}

std::string Fields::name_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

document::Position Fields::position_inside(std::string_view key, std::size_t offset) const {
  return document::position_inside(source_->text, *find(key), offset);
}

void Fields::note(document::Place place, std::string message) const {
  problems_->push_back({std::move(place), std::move(message)});
}

bool Fields::expect_kind(const Node& node, std::string_view key, NodeKind kind) const {
  if (node.is(kind)) return true;
  std::string message =
      fmt::format("{} is {}, expected {}", name_of(key), document::described(node.kind), document::described(kind));
  const bool unquoted = node.is(NodeKind::Number) || node.is(NodeKind::Boolean);
  if (kind == NodeKind::String && unquoted) message += fmt::format("; write it in quotes: \"{}\"", node.text);
  note(place_of(node), std::move(message));
  return false;
}

Text Fields::required_text(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) {
    note(node == nullptr ? place() : place_of(*node), name_of(key) + " is missing; expected a string");
    return {};
  }
  if (!expect_kind(*node, key, NodeKind::String)) return {};
  if (node->text.empty()) note(place_of(*node), name_of(key) + " is empty; expected a string");
  return {node->text, place_of(*node)};
}

std::optional<Text> Fields::text(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) return std::nullopt;
  if (!expect_kind(*node, key, NodeKind::String)) return std::nullopt;
  return Text{node->text, place_of(*node)};
}

std::string Fields::text_or_empty(std::string_view key) const {
  auto found = text(key);
  return found ? std::move(found->value) : std::string();
}

std::optional<Text> Fields::choice(std::string_view key, std::span<const std::string> known) const {
  auto found = text(key);
  if (!found || std::ranges::find(known, found->value) != known.end()) return found;
  note(found->place, fmt::format("{} \"{}\" is unknown; use {}{}", name_of(key), found->value, alternatives(known),
                                 known.size() > 1 ? document::suggestion(found->value, known) : std::string()));
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view key, Range range) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) return std::nullopt;
  const auto value = document::as_integer(*node);
  if (value && *value >= range.least && *value <= range.most) return value;
  note(place_of(*node),
       fmt::format("{} is {}, expected a whole number from {} to {}", name_of(key),
                   node->is(NodeKind::Number) ? node->text : document::described(node->kind), range.least, range.most));
  return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) return std::nullopt;
  if (!expect_kind(*node, key, NodeKind::Boolean)) return std::nullopt;
  return document::as_boolean(*node);
}

std::optional<Fields> Fields::map(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) return std::nullopt;
  if (!expect_kind(*node, key, NodeKind::Map)) return std::nullopt;
  return Fields(*node, name_of(key), *source_, *problems_);
}

std::optional<Fields> Fields::required_map(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null)) {
    note(node == nullptr ? place() : place_of(*node), name_of(key) + " is missing; expected a map");
    return std::nullopt;
  }
  return map(key);
}

std::vector<Fields> Fields::maps(std::string_view key) const {
  std::vector<Fields> found;
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null) || !expect_kind(*node, key, NodeKind::List)) return found;
  for (std::size_t index = 0; index < node->items.size(); ++index) {
    const std::string item = fmt::format("{}[{}]", key, index);
    if (!expect_kind(node->items[index], item, NodeKind::Map)) continue;
    found.emplace_back(node->items[index], name_of(item), *source_, *problems_);
  }
  return found;
}

std::vector<Text> Fields::texts(std::string_view key) const {
  std::vector<Text> found;
  const Node* node = find(key);
  if (node == nullptr || node->is(NodeKind::Null) || !expect_kind(*node, key, NodeKind::List)) return found;
  for (std::size_t index = 0; index < node->items.size(); ++index) {
    const Node& item = node->items[index];
    if (!expect_kind(item, fmt::format("{}[{}]", key, index), NodeKind::String)) continue;
    found.push_back({item.text, place_of(item)});
  }
  return found;
}

void Fields::allow_only(std::span<const std::string> known) const {
  for (const document::Member& member : map_->members) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    note({source_->file, member.key_position},
         fmt::format("{} is not a field here{}; use {}", name_of(member.key), document::suggestion(member.key, known),
                     alternatives(known)));
  }
}

}  // namespace myelin::model
