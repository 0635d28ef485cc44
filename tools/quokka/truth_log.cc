#include "quokka/truth_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>

namespace quokka {

std::int64_t wall_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

TruthLog::TruthLog(const std::string& path)
    : file_(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)) {
  if (file_ < 0) throw std::runtime_error(path + ": cannot be opened for appending");
}

TruthLog::~TruthLog() { close(file_); }

void TruthLog::line(std::string_view event, const std::string& fields) {
  std::string text = "{\"t\":" + std::to_string(wall_ms()) + ",\"event\":" + quoted(event);
  if (!fields.empty()) text += "," + fields;
  text += "}\n";
  if (write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the truth log cannot be written; a truth with holes proves nothing");
  }
}

std::string ranges_of(const std::set<std::int64_t>& sequences) {
  std::string text = "[";
  for (auto it = sequences.begin(); it != sequences.end();) {
    const std::int64_t from = *it;
    std::int64_t to = from;
    for (++it; it != sequences.end() && *it == to + 1; ++it) to = *it;
    if (text.size() > 1) text += ',';
    text += "[" + std::to_string(from) + "," + std::to_string(to) + "]";
  }
  return text + "]";
}

std::map<std::string, std::int64_t> next_sequences(const std::string& path) {
  std::map<std::string, std::int64_t> next;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    if (text.find("\"event\":\"acked\"") == std::string::npos) continue;
    const auto line = boost::json::parse(text).as_object();
    auto& sequence = next[std::string(line.at("topic").as_string())];
    for (const auto& range : line.at("ranges").as_array()) {
      sequence = std::max(sequence, range.as_array().at(1).as_int64() + 1);
    }
  }
  return next;
}

}  // namespace quokka
