#include "adopt/names.h"

#include <fmt/core.h>

#include <algorithm>

namespace myelin::adopt {
namespace {

constexpr std::string_view kFile = "file";
constexpr std::size_t kEntityMax = 58;  // of 63 letters, which leaves room for a number
constexpr std::size_t kStemMax = 200;   // of 255 bytes of a file's name

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

// With a letter or digit at both ends; "unnamed" where none is left.
std::string trimmed(std::string_view text, std::size_t most) {
  const auto begin = std::ranges::find_if(text, is_alphanumeric);
  text.remove_prefix(static_cast<std::size_t>(begin - text.begin()));
  text = text.substr(0, most);
  while (!text.empty() && !is_alphanumeric(text.back())) text.remove_suffix(1);
  return text.empty() ? "unnamed" : std::string(text);
}

std::string text_at(const document::Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr ? std::string() : found->text;
}

std::string key_of(std::string_view kind, std::string_view name) {
  auto key = fmt::format("{} {}", kind, name);
  std::ranges::transform(key, key.begin(),
                         [](char letter) { return letter >= 'A' && letter <= 'Z' ? char(letter | 0x20) : letter; });
  return key;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string plain(text);
  const auto is_foreign = [](char letter) {
    return !is_alphanumeric(letter) && letter != '.' && letter != '_' && letter != '-';
  };
  std::ranges::replace_if(plain, is_foreign, '-');
  return plain;
}

Names::Names(const model::Model& in_force) {
  for (const auto& document : in_force.documents) {
    take(kFile, document.source->file);
    const auto kind = text_at(*document.root, "kind");
    for (const auto* key : {"id", "name"}) take(kind, text_at(*document.root, key));
    if (const auto* metadata = document.root->find("metadata")) take(kind, text_at(*metadata, "name"));
  }
}

bool Names::take(std::string_view kind, std::string_view name) { return taken_.insert(key_of(kind, name)).second; }

bool Names::is_taken(std::string_view kind, std::string_view name) const { return taken_.contains(key_of(kind, name)); }

std::string Names::id(std::string_view kind, std::string_view wanted) {
  std::string name(wanted);
  for (int number = 2; !take(kind, name); ++number) name = fmt::format("{}-{}", wanted, number);
  return name;
}

std::string Names::entity(std::string_view kind, std::string_view wanted) {
  return id(kind, trimmed(plain(wanted), kEntityMax));
}

std::string Names::file(std::string_view folder, std::string_view stem, std::string_view ending) {
  const auto base = fmt::format("{}/{}", folder, trimmed(plain(stem), kStemMax));
  auto name = fmt::format("{}{}", base, ending);
  for (int number = 2; !take(kFile, name); ++number) name = fmt::format("{}-{}{}", base, number, ending);
  return name;
}

}  // namespace myelin::adopt
