#pragma once
// What one application knows to be true, as append-only JSON lines: what was acknowledged, received, committed,
// refused. A line is written whole and at once, so a killed application leaves whole lines only. Lines:
// tools/quokka/README.md.
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace quokka {

std::int64_t wall_ms();

// Text as a JSON string, with its quotes.
std::string quoted(std::string_view text);

class TruthLog {
 public:
  explicit TruthLog(const std::string& path);  // throws std::runtime_error when the file cannot be opened
  ~TruthLog();
  TruthLog(const TruthLog&) = delete;
  TruthLog& operator=(const TruthLog&) = delete;

  // `fields` is the inside of a JSON object, without braces.
  void line(std::string_view event, const std::string& fields);

 private:
  int file_ = -1;
};

// "[[0,99],[101,120]]" of an ordered set.
std::string ranges_of(const std::set<std::int64_t>& sequences);

// The sequence after the last one acknowledged, per topic, from an earlier run of the same application.
std::map<std::string, std::int64_t> next_sequences(const std::string& path);

}  // namespace quokka
