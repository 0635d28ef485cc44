#include "api/json_object.h"

#include <fmt/core.h>

#include <chrono>

namespace myelin::api {

std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

JsonObject& JsonObject::add(std::string_view key, document::Node value) {
  node_.members.push_back({std::string(key), {}, std::move(value)});
  return *this;
}

JsonObject& JsonObject::real(std::string_view key, double value) {
  document::Node node = document::Node::number(0);
  node.text = fmt::format("{}", value);
  return add(key, std::move(node));
}

JsonObject& JsonObject::rate(std::string_view key, double value) {
  document::Node node = document::Node::number(0);
  node.text = fmt::format("{:.1f}", value);
  return add(key, std::move(node));
}

JsonObject& JsonObject::time(std::string_view key, const std::optional<WallTime>& value) {
  return value ? time(key, *value) : add(key, document::Node::null());
}

}  // namespace myelin::api
