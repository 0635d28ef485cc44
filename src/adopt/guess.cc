#include "adopt/guess.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/timestamp.h"

namespace myelin::adopt {
namespace {

constexpr std::string_view kMark = "# guess, correct me: ";
constexpr std::size_t kNamed = 3;

}  // namespace

std::string mark(std::size_t indent, std::string_view evidence) {
  return remark(indent, std::string(kMark.substr(2)) + std::string(evidence));
}

std::string remark(std::size_t indent, std::string_view text) {
  auto line = std::string(indent, ' ') + "# " + std::string(text);
  std::ranges::replace_if(line, [](char letter) { return letter < ' ' || letter == 0x7f; }, '?');
  return line + "\n";
}

std::vector<Guess> guesses_in(const std::vector<document::Source>& files) {
  std::vector<Guess> guesses;
  for (const auto& [file, text] : files) {
    std::size_t line = 1;
    for (std::size_t begin = 0; begin < text.size(); ++line) {
      const auto end = std::min(text.find('\n', begin), text.size());
      const auto content = std::string_view(text).substr(begin, end - begin);
      const auto at = content.find_first_not_of(' ');
      if (at != std::string_view::npos && content.substr(at).starts_with(kMark)) {
        guesses.push_back({file, line + 1, std::string(content.substr(at + kMark.size()))});
      }
      begin = end + 1;
    }
  }
  return guesses;
}

std::string with_commas(std::int64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) text.insert(std::size_t(at), ",");
  return text;
}

std::string share_of(std::int64_t part, std::int64_t whole) {
  if (part >= whole) return "all";
  const auto percent = static_cast<int>(100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return percent == 0 ? "less than 1 %" : fmt::format("{} %", percent);
}

std::string day_of(WallTime time) { return model::short_timestamp(std::chrono::floor<std::chrono::days>(time)); }

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  const auto shown = names.size() > kNamed + 1 ? kNamed : names.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == names.size();
    text += fmt::format("{}{}", i == 0 ? "" : is_last ? " and " : ", ", names[i]);
  }
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace myelin::adopt
