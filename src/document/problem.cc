#include "document/problem.h"

#include <fmt/core.h>

#include <algorithm>

namespace myelin::document {

std::string Place::text() const {
  if (position.line == 0) return file;
  return fmt::format("{}:{}:{}", file, position.line, position.column);
}

void sort(Problems& problems) {
  std::ranges::sort(problems);
  problems.erase(std::ranges::unique(problems).begin(), problems.end());
}

std::string listed(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.text() + "\n";
  return text;
}

}  // namespace myelin::document
