#pragma once
// Fields of a Backstage entity, of documents that were read already. Internal to the module.
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "document/parse.h"
#include "document/problem.h"

namespace myelin::directory {

// nullptr where nothing stands.
[[nodiscard]] const document::Node* node_at(const document::Node& root, std::initializer_list<std::string_view> path);
[[nodiscard]] std::string text_at(const document::Node& root, std::initializer_list<std::string_view> path);
// "group:default/web-shop" > "web-shop"
[[nodiscard]] std::string bare_name(std::string_view reference);
[[nodiscard]] std::vector<std::string> names_at(const document::Node& root,
                                                std::initializer_list<std::string_view> path);
// Of metadata.name; of the document where it has none.
[[nodiscard]] document::Place place_of_name(const document::Document& document);

}  // namespace myelin::directory
