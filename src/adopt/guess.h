#pragma once
// Words for what was measured, and the mark that stands above each line that is a guess.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "document/parse.h"

namespace myelin::adopt {

struct Guess {
  std::string file;
  std::size_t line = 0;  // of what is guessed, from 1; its mark stands above it
  std::string evidence;
};

// One line with its end: "    # guess, correct me: EVIDENCE". Names in the evidence can't break the line.
[[nodiscard]] std::string mark(std::size_t indent, std::string_view evidence);
// The same for what is no guess: "    # TEXT".
[[nodiscard]] std::string remark(std::size_t indent, std::string_view text);
[[nodiscard]] std::vector<Guess> guesses_in(const std::vector<document::Source>& files);

[[nodiscard]] std::string with_commas(std::int64_t number);                 // "12,400"
[[nodiscard]] std::string share_of(std::int64_t part, std::int64_t whole);  // "98 %", "less than 1 %", "all"
[[nodiscard]] std::string day_of(WallTime time);                            // "2026-11-22"
[[nodiscard]] std::string listed(const std::vector<std::string>& names);    // "a, b and c"; of many the first three

}  // namespace myelin::adopt
