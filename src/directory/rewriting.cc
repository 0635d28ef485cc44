#include "directory/rewriting.h"

#include <algorithm>

#include "directory/entity.h"
#include "document/scalar.h"

namespace myelin::directory {

using document::Document;
using document::Member;
using document::Node;

Rewriting::Rewriting(const model::Model& in_force, const Export& exported, Matching made)
    : model(in_force),
      teams(exported),
      folder(folder_teams(in_force.documents)),
      matching(std::move(made)),
      edits(in_force.documents) {
  for (const auto& one : matching.successions) {
    if (!one.team) continue;
    const auto& name = matching.name_of_team[*one.team];
    if (name != one.group) names.emplace(one.group, name);
  }
}

std::string Rewriting::name_of(const std::string& group) const {
  const auto found = names.find(group);
  return found == names.end() ? group : found->second;
}

void Rewriting::remove(const Document& document) {
  report.deletes = true;
  if (removed_.insert(&document).second) edits.remove(document);
}

void Rewriting::set(const Document& document, const Node& scalar, std::string value) {
  scalars_[&scalar] = {&document, std::move(value)};
}

void Rewriting::annotate(const Document& document, const std::string& key, const std::string& value) {
  const auto* found = node_at(*document.root, {"metadata", "annotations", key});
  if (found != nullptr && found->text == value) return;
  if (found != nullptr) return set(document, *found, document::scalar(value));
  annotations_[&document].emplace_back(key, document::scalar(value));
}

ListChange& Rewriting::list(const Document& document, const Member& list) {
  auto& [owner, change] = lists_[&list];
  owner = &document;
  return change;
}

void Rewriting::finish() {
  std::set<const Node*> goes;  // with the item that it is of
  for (const auto& [member, change] : lists_) {
    for (const auto item : change.second.removed) {
      for (const auto& field : member->value.items[item].members) goes.insert(&field.value);
    }
  }
  for (const auto& [node, change] : scalars_) {
    if (!is_removed(*change.first) && !goes.contains(node)) edits.replace(*change.first, *node, change.second);
  }
  for (const auto& [member, change] : lists_) {
    if (!is_removed(*change.first)) edits.change(*change.first, *member, change.second);
  }
  for (const auto& [document, members] : annotations_) {
    if (is_removed(*document)) continue;
    const auto* annotations = node_at(*document->root, {"metadata", "annotations"});
    if (annotations != nullptr && annotations->is(document::NodeKind::Map)) {
      edits.insert(*document, *annotations, members);
    } else {
      edits.insert_annotations(*document, members);
    }
  }
}

std::string renamed(const std::string& reference, const std::string& name) {
  const auto last = reference.find_last_of(":/");
  return last == std::string::npos ? document::scalar(name) : reference.substr(0, last + 1) + name;
}

const Member* member_at(const Node& map, std::string_view key) {
  const auto found = std::ranges::find(map.members, key, &Member::key);
  return found == map.members.end() ? nullptr : &*found;
}

}  // namespace myelin::directory
