#include "governance/request_rules.h"

#include <fmt/core.h>

#include <charconv>

namespace myelin::governance {
namespace {

using cel::Value;

void add(cel::Map& members, std::string_view key, Value value) {
  members.emplace_back(Value::string(key), std::move(value));
}
void add_text(cel::Map& members, std::string_view key, std::string_view text) {
  if (!text.empty()) add(members, key, Value::string(text));
}

// The number at the start of `text`, which is then taken with one dot behind it.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with('.')) text.remove_prefix(1);
  return number;
}

}  // namespace

std::vector<RuleHit> rule_hits(const policy::Snapshot& snapshot, const policy::Subject& subject, model::RuleAbout about,
                               cel::Value members) {
  std::vector<RuleHit> hits;
  cel::Attributes attributes;
  for (const auto& rule : snapshot.model().policy.rules) {
    if (rule.about != about || !rule.covers(subject.squad, subject.domain)) continue;
    if (attributes.empty()) {
      attributes.emplace("principal", Value::string(subject.principal.text()));
      attributes.emplace("squad", Value::string(subject.squad.text()));
      attributes.emplace("domain", Value::string(subject.domain.text()));
      attributes.emplace(model::names_for(about).front().name, std::move(members));
    }
    const auto message = model::disobeyed(rule, attributes);
    if (message.empty()) continue;
    hits.push_back({&rule, fmt::format("rule {}: {}; it serves \"{}\"; ask squad {}", rule.name, message,
                                       rule.principle, rule.owner.text())});
  }
  return hits;
}

std::optional<std::string> refusal_of(const std::vector<RuleHit>& hits) {
  for (const auto& hit : hits) {
    if (hit.rule->rung == model::Rung::Block) return hit.why;
  }
  return std::nullopt;
}

cel::Value members_of(const AskedOfTopic& asked) {
  cel::Map members;
  cel::Map configs;
  for (const auto& [name, value] : asked.configs) add(configs, name, value ? Value::string(*value) : Value::null());
  add_text(members, "name", asked.name);
  if (asked.partitions) add(members, "partitions", Value::integer(*asked.partitions));
  add(members, "configs", Value::map(std::move(configs)));
  add(members, "declared", Value::boolean(asked.is_declared));
  return Value::map(std::move(members));
}

cel::Value members_of(const AccessRequest& asked) {
  cel::Map members;
  add_text(members, "product", asked.product.text());
  add_text(members, "port", asked.port);
  add_text(members, "application", asked.application.text());
  add_text(members, "purpose", asked.purpose);
  add_text(members, "until", asked.until);
  return Value::map(std::move(members));
}

cel::Value client_members(std::string_view library, std::string_view version) {
  cel::Map members;
  add_text(members, "library", library);
  add_text(members, "version", version);
  if (const auto major = take_number(version)) {
    add(members, "major", Value::integer(*major));
    if (const auto minor = take_number(version)) add(members, "minor", Value::integer(*minor));
  }
  return Value::map(std::move(members));
}

}  // namespace myelin::governance
