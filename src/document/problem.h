#pragma once
// What is wrong with a document, where, and what would be right.
#include <string>
#include <string_view>
#include <vector>

#include "document/node.h"

namespace myelin::document {

// Where something stands: a file, named relative to the folder it was loaded from, and a position in it.
struct Place {
  std::string file;
  Position position;

  // "org/squads.yaml:12:9"; without line and column when the position is unknown.
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Place&) const = default;
};

struct Problem {
  Place place;
  std::string message;  // what is wrong and what was expected

  // "org/squads.yaml:12:9: spec.type \"tem\" is unknown; did you mean \"team\"?"
  [[nodiscard]] std::string text() const { return place.text() + ": " + message; }
  auto operator<=>(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

// In the order of file, line and column, each once.
void sort(Problems& problems);
// One line per problem, each ended by a line feed.
[[nodiscard]] std::string listed(const Problems& problems);

}  // namespace myelin::document
