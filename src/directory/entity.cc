#include "directory/entity.h"

namespace myelin::directory {

const document::Node* node_at(const document::Node& root, std::initializer_list<std::string_view> path) {
  const auto* node = &root;
  for (const auto key : path) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

std::string text_at(const document::Node& root, std::initializer_list<std::string_view> path) {
  const auto* node = node_at(root, path);
  return node == nullptr ? std::string() : node->text;
}

std::string bare_name(std::string_view reference) {
  const auto last = reference.find_last_of(":/");
  return std::string(last == std::string_view::npos ? reference : reference.substr(last + 1));
}

std::vector<std::string> names_at(const document::Node& root, std::initializer_list<std::string_view> path) {
  std::vector<std::string> names;
  if (const auto* list = node_at(root, path)) {
    for (const auto& item : list->items) names.push_back(bare_name(item.text));
  }
  return names;
}

document::Place place_of_name(const document::Document& document) {
  const auto* name = node_at(*document.root, {"metadata", "name"});
  return {document.source->file, name == nullptr ? document.root->position : name->position};
}

}  // namespace myelin::directory
