#include "adopt/pages.h"

#include <fmt/core.h>

namespace myelin::adopt {
namespace {

constexpr std::size_t kBytesMax = 512U << 10;  // a model's file holds at most 1 MiB

}  // namespace

void Pages::add(std::string_view folder, std::string_view stem, std::string_view ending, std::string_view document) {
  auto& path = paths_[fmt::format("{}/{}{}", folder, stem, ending)];
  if (path.empty() || texts_[path].size() + document.size() > kBytesMax) path = names_.file(folder, stem, ending);
  auto& text = texts_[path];
  if (!text.empty()) text += "---\n";
  text += document;
}

std::vector<document::Source> Pages::sources() const {
  std::vector<document::Source> sources;
  for (const auto& [path, text] : texts_) sources.push_back({path, text});
  return sources;
}

}  // namespace myelin::adopt
