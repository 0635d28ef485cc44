#include "api/request.h"

#include <algorithm>
#include <charconv>

#include "document/parse.h"
#include "governance/credentials.h"
#include "model/timestamp.h"

namespace myelin::api {
namespace {

template <typename Name>
std::optional<Name> name_or_none(const net::HttpRequest& request, std::string_view parameter) {
  const auto text = query_text(request, parameter);
  if (text.empty()) return std::nullopt;
  return Name(text);
}

Result<std::optional<WallTime>> time_or_none(const net::HttpRequest& request, std::string_view parameter) {
  const auto text = query_text(request, parameter);
  if (text.empty()) return std::nullopt;
  const auto time = model::parse_timestamp(text, model::DateMeans::StartOfDay);
  if (!time)
    return fail(Code::Invalid, "{}: '{}' is no time; write 2026-11-21T04:00:00Z or 2026-11-21", parameter, text);
  return time;
}

}  // namespace

std::string_view query_text(const net::HttpRequest& request, std::string_view name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string_view() : found->second;
}

Result<std::int64_t> query_number(const net::HttpRequest& request, std::string_view name, NumberRange range) {
  const auto text = query_text(request, name);
  if (text.empty()) return range.otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < range.lowest || value > range.highest) {
    return fail(Code::Invalid, "{}: '{}' is no whole number from {} to {}", name, text, range.lowest, range.highest);
  }
  return value;
}

Result<usage::Filter> usage_filter(const net::HttpRequest& request) {
  usage::Filter filter;
  filter.principal = name_or_none<PrincipalName>(request, "principal");
  filter.squad = name_or_none<SquadName>(request, "squad");
  filter.topic = name_or_none<TopicName>(request, "topic");
  const auto direction = query_text(request, "direction");
  if (direction == "write") filter.direction = usage::Direction::Write;
  if (direction == "read") filter.direction = usage::Direction::Read;
  if (!direction.empty() && !filter.direction)
    return fail(Code::Invalid, "direction: '{}' is neither write nor read", direction);
  const auto measure = query_text(request, "measure");
  filter.measure = usage::measure_named(measure);
  if (!measure.empty() && !filter.measure) {
    std::string names;
    for (const auto& traits : usage::all_measures()) names += (names.empty() ? "" : ", ") + std::string(traits.name);
    return fail(Code::Invalid, "measure: '{}' is not measured; use one of {}", measure, names);
  }
  const auto exactness = query_text(request, "class");
  if (exactness == "exact") filter.exactness = usage::Exactness::Exact;
  if (exactness == "journalled") filter.exactness = usage::Exactness::Journalled;
  if (!exactness.empty() && !filter.exactness)
    return fail(Code::Invalid, "class: '{}' is neither exact nor journalled", exactness);
  auto from = time_or_none(request, "from");
  if (!from) return pass(from);
  auto to = time_or_none(request, "to");
  if (!to) return pass(to);
  filter.from = *from;
  filter.to = *to;
  return filter;
}

Result<usage::GroupBy> usage_columns(const net::HttpRequest& request) {
  std::string_view rest = query_text(request, "group_by");
  if (rest.empty()) return usage::GroupBy{};
  usage::GroupBy columns{false, false, false, false};
  while (!rest.empty()) {
    const auto end = rest.find(',');
    const auto column = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    bool* wanted = column == "principal"   ? &columns.principal
                   : column == "squad"     ? &columns.squad
                   : column == "topic"     ? &columns.topic
                   : column == "direction" ? &columns.direction
                   : column == "hour"      ? &columns.hour
                   : column == "group"     ? &columns.group
                   : column == "partition" ? &columns.partition
                   : column == "client"    ? &columns.client
                                           : nullptr;
    if (wanted == nullptr) {
      return fail(Code::Invalid,
                  "group_by: '{}' is no column; use principal, squad, topic, direction, hour, group, partition, client",
                  column);
    }
    *wanted = true;
  }
  return columns;
}

Result<document::Node> body_object(const net::HttpRequest& request, const BodyLimits& limits,
                                   std::initializer_list<std::string_view> members) {
  if (request.body.size() > limits.bytes)
    return fail(Code::TooLarge, "the body has {} bytes, at most {} are read", request.body.size(), limits.bytes);
  auto body = document::parse_json(
      request.body, {.bytes_max = limits.bytes, .depth_max = 4, .nodes_max = limits.nodes, .alias_nodes_max = 0});
  if (!body) return pass(body);
  if (!body->is(document::NodeKind::Map))
    return fail(Code::Invalid, "the body is {}, expected an object", document::described(body->kind));
  for (const auto& member : body->members) {
    if (std::find(members.begin(), members.end(), member.key) == members.end()) {
      return fail(Code::Invalid, "the body's member '{}' is unknown", member.key);
    }
  }
  return body;
}

Result<std::string> required_text(const document::Node& body, std::string_view member) {
  const auto* found = body.find(member);
  if (found == nullptr || !found->is(document::NodeKind::String) || found->text.empty()) {
    return fail(Code::Invalid, "the body's member '{}' is missing, empty or no string", member);
  }
  return found->text;
}

Result<PrincipalName> principal_named(std::string name) {
  auto checked = governance::check_principal_length(name);
  if (!checked) return pass(checked);
  return PrincipalName(std::move(name));
}

Result<PrincipalName> required_principal(const document::Node& body, std::string_view member) {
  auto name = required_text(body, member);
  if (!name) return pass(name);
  return principal_named(*std::move(name));
}

}  // namespace myelin::api
