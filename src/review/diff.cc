#include "review/diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace myelin::review {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kCellsMax = 4'000'000;  // of the table of common lines; beyond it the middle goes as one piece

using Lines = std::vector<std::string_view>;  // each with its end of line

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

struct Step {
  char sign;  // ' ', '-', '+'
  std::string_view line;
};

// The steps of the differing middle, by the longest common subsequence; what goes stands before what comes.
void add_middle(std::vector<Step>& steps, const Lines& before, const Lines& after) {
  const std::size_t rows = before.size();
  const std::size_t columns = after.size();
  std::vector<std::uint32_t> common;
  if ((rows + 1) * (columns + 1) <= kCellsMax) {
    common.resize((rows + 1) * (columns + 1));
    for (std::size_t i = rows; i-- > 0;) {
      for (std::size_t j = columns; j-- > 0;) {
        const auto below = common[(i + 1) * (columns + 1) + j];
        const auto right = common[i * (columns + 1) + j + 1];
        const bool equal = before[i] == after[j];
        common[i * (columns + 1) + j] = equal ? common[(i + 1) * (columns + 1) + j + 1] + 1 : std::max(below, right);
      }
    }
  }
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    const bool knows = !common.empty() && i < rows && j < columns;
    if (knows && before[i] == after[j]) {
      steps.push_back({' ', before[i++]});
      ++j;
    } else if (i < rows && (!knows || common[(i + 1) * (columns + 1) + j] >= common[i * (columns + 1) + j + 1])) {
      steps.push_back({'-', before[i++]});
    } else {
      steps.push_back({'+', after[j++]});
    }
  }
}

std::vector<Step> steps_between(Lines before, Lines after) {
  const auto [end_before, end_after] = std::ranges::mismatch(before, after);
  const auto head = static_cast<std::size_t>(end_before - before.begin());
  std::size_t tail = 0;
  const auto most = std::min(before.size(), after.size()) - head;
  while (tail < most && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  const auto middle = [&](const Lines& lines) {
    return Lines(lines.begin() + static_cast<std::ptrdiff_t>(head), lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<Step> steps;
  for (std::size_t i = 0; i < head; ++i) steps.push_back({' ', before[i]});
  add_middle(steps, middle(before), middle(after));
  for (std::size_t i = before.size() - tail; i < before.size(); ++i) steps.push_back({' ', before[i]});
  return steps;
}

void add_hunk(std::string& text, const std::vector<Step>& steps, std::size_t begin, std::size_t end) {
  const auto count = [&](std::size_t from, std::size_t to, char other) {
    std::size_t found = 0;
    for (std::size_t i = from; i < to; ++i) found += steps[i].sign != other ? 1U : 0U;
    return found;
  };
  const auto old_lines = count(begin, end, '+');
  const auto new_lines = count(begin, end, '-');
  const auto old_first = count(0, begin, '+') + (old_lines > 0 ? 1 : 0);
  const auto new_first = count(0, begin, '-') + (new_lines > 0 ? 1 : 0);
  text += fmt::format("@@ -{},{} +{},{} @@\n", old_first, old_lines, new_first, new_lines);
  for (std::size_t i = begin; i < end; ++i) {
    text += steps[i].sign;
    text += steps[i].line;
    if (!steps[i].line.ends_with('\n')) text += "\n\\ No newline at end of file\n";
  }
}

void add_hunks(std::string& text, const std::vector<Step>& steps) {
  std::size_t at = 0;
  while (true) {
    while (at < steps.size() && steps[at].sign == ' ') ++at;
    if (at == steps.size()) return;
    const auto begin = at - std::min(at, kContext);
    auto end = at;  // behind the last change of the hunk
    for (std::size_t i = at; i < steps.size() && i < end + 2 * kContext + 1; ++i) {
      if (steps[i].sign != ' ') end = i + 1;
    }
    add_hunk(text, steps, begin, std::min(end + kContext, steps.size()));
    at = end;
  }
}

}  // namespace

std::string patch(const std::vector<FileChange>& changes) {
  std::string text;
  for (const auto& change : changes) {
    if (change.before == change.after) continue;
    text += fmt::format("--- {}\n+++ {}\n", change.before ? "a/" + change.file : "/dev/null",
                        change.after ? "b/" + change.file : "/dev/null");
    const auto before = change.before.value_or("");
    const auto after = change.after.value_or("");
    add_hunks(text, steps_between(lines_of(before), lines_of(after)));
  }
  return text;
}

}  // namespace myelin::review
