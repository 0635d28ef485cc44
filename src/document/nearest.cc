#include "document/nearest.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace myelin::document {
namespace {

// Longer words are compared by their beginning: names are short, and the cost grows with the square.
constexpr std::size_t kComparedLengthMax = 128;

std::string lowered(std::string_view text) {
  std::string lower(text.substr(0, kComparedLengthMax));
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

// Optimal string alignment: Levenshtein's distance with swaps of neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_previous(right.size() + 1);
  std::vector<std::size_t> previous(right.size() + 1);
  std::vector<std::size_t> current(right.size() + 1);
  for (std::size_t column = 0; column <= right.size(); ++column) previous[column] = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    current[0] = row;
    for (std::size_t column = 1; column <= right.size(); ++column) {
      const std::size_t replaced = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1);
      current[column] = std::min({previous[column] + 1, current[column - 1] + 1, replaced});
      const bool swapped =
          row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
      if (swapped) current[column] = std::min(current[column], before_previous[column - 2] + 1);
    }
    std::swap(before_previous, previous);
    std::swap(previous, current);
  }
  return previous[right.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view wanted, std::span<const std::string> known) {
  const std::string wanted_lower = lowered(wanted);
  std::optional<std::string> best;
  std::size_t best_distance = kComparedLengthMax;
  for (const std::string& name : known) {
    const std::size_t length = std::max(name.size(), wanted_lower.size());
    const std::size_t edits = distance(wanted_lower, lowered(name));
    const bool near = edits <= std::max<std::size_t>(1, length / 3) && edits < length;
    if (!near || edits >= best_distance) continue;
    best_distance = edits;
    best = name;
  }
  return best;
}

std::string suggestion(std::string_view wanted, std::span<const std::string> known) {
  const auto meant = nearest(wanted, known);
  return meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
}

}  // namespace myelin::document
