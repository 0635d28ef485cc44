#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <string>

#include <fmt/format.h>

namespace myelin::log {
namespace {

std::atomic<Level> minimum{Level::Info};

std::string_view level_name(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info ";
    case Level::Warn:
      return "warn ";
    case Level::Error:
      return "error";
  }
  return "?";
}

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char letter : value) {
    if (letter <= ' ' || letter == '"' || letter == '=' || letter == '\\' || letter == 0x7f) return true;
  }
  return false;
}

// Control characters are escaped so that no peer can forge a line or drive a terminal.
void append_value(std::string& line, std::string_view value) {
  if (!needs_quotes(value)) {
    line += value;
    return;
  }
  line += '"';
  for (const char letter : value) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      line += '\\';
      line += letter;
    } else if (code < 0x20 || code == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", code);
    } else {
      line += letter;
    }
  }
  line += '"';
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds % 1000);
}

}  // namespace

void set_level(Level level) { minimum.store(level, std::memory_order_relaxed); }

void write(Level level, std::string_view event, Fields fields) {
  if (level < minimum.load(std::memory_order_relaxed)) return;
  auto line = fmt::format("{} {} {}", timestamp(), level_name(level), event);
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    append_value(line, field.value);
  }
  line += '\n';
  // One write per line keeps lines of several threads apart. A full or closed stderr must not stop the broker.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace myelin::log
