#pragma once
// A log line is an event with fields: log::warn("listener refused connection", {{"peer", peer}, {"reason", reason}}).
// Never pass keys, values, headers of records, or secrets. One line per event on standard error:
//   2026-11-21T04:00:00.123Z warn  listener refused connection peer=127.0.0.1:9 reason="too many connections"
// error: someone must act. warn: degraded but handled. info: lifecycle. debug: per request.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace myelin::log {

enum class Level { Debug, Info, Warn, Error };

struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  template <std::integral Number>
  Field(std::string_view field_name, Number number) : name(field_name), value(std::to_string(number)) {}

  std::string name;
  std::string value;
};
using Fields = std::initializer_list<Field>;

// Lines below this level are not written. Safe to call from any thread.
void set_level(Level level);

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields fields = {}) { write(Level::Debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::Info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::Warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::Error, event, fields); }

}  // namespace myelin::log
