#include "api/router.h"

#include <optional>

namespace myelin::api {
namespace {

using Parameters = std::map<std::string, std::string, std::less<>>;

std::optional<Parameters> matched(std::string_view pattern, const std::vector<std::string>& segments) {
  Parameters parameters;
  std::size_t index = 0;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const auto end = pattern.find('/');
    const auto part = pattern.substr(0, end);
    pattern.remove_prefix(end == std::string_view::npos ? pattern.size() : end);
    if (index == segments.size()) return std::nullopt;
    const std::string& segment = segments[index++];
    if (part.starts_with('{')) {
      if (segment.empty()) return std::nullopt;
      parameters.emplace(part.substr(1, part.size() - 2), segment);
    } else if (part != segment) {
      return std::nullopt;
    }
  }
  if (index != segments.size()) return std::nullopt;
  return parameters;
}

}  // namespace

std::variant<Router::Match, Router::NoSuchPath, Router::WrongMethod> Router::find(
    std::string_view method, const std::vector<std::string>& segments) const {
  if (method == "HEAD") method = "GET";
  // Fixed paths come first, so "/principals/enrol" is not the principal "enrol".
  std::optional<Match> best;
  std::string allow;
  for (const Route& route : routes_) {
    auto parameters = matched(route.pattern, segments);
    if (!parameters) continue;
    if (route.method == method) {
      if (!best || parameters->size() < best->parameters.size()) best = Match{&route, std::move(*parameters)};
      continue;
    }
    if (!allow.empty()) allow += ", ";
    allow += route.method;
    if (route.method == "GET") allow += ", HEAD";
  }
  if (best) return std::move(*best);
  if (allow.empty()) return NoSuchPath{};
  return WrongMethod{std::move(allow)};
}

}  // namespace myelin::api
