#include "model/unread.h"

#include <algorithm>

namespace myelin::model {
namespace {

bool is_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool holds_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !is_of_a_name(text[at - 1]);
    const bool ends = end == text.size() || !is_of_a_name(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

std::string_view folder_of(std::string_view kind) {
  if (kind == "contract") return "contracts/";
  if (kind == "product") return "products/";
  return "org/";
}

}  // namespace

bool Unread::may_name(std::string_view folder, std::string_view name) const {
  return std::ranges::any_of(files_, [&](const document::Source& file) {
    return file.file.starts_with(folder) && holds_word(file.text, name);
  });
}

bool Unread::may_declare(std::string_view kind, std::string_view name) const { return may_name(folder_of(kind), name); }

}  // namespace myelin::model
