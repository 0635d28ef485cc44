#include "adopt/uses.h"

#include <algorithm>

#include "model/name_rules.h"

namespace myelin::adopt {
namespace {

void add(Use& use, std::int64_t count, WallTime last_seen) {
  use.count += count;
  use.last_seen = std::max(use.last_seen, last_seen);
}

void add_all(const std::vector<Traffic>& traffic, std::map<TopicName, ByPrincipal>& uses) {
  for (const auto& one : traffic) {
    if (!one.topic.text().starts_with("__")) add(uses[one.topic][one.principal], one.count, one.last_seen);
  }
}

}  // namespace

Uses uses_of(const Facts& facts) {
  Uses uses;
  add_all(facts.writes, uses.writes);
  add_all(facts.reads, uses.reads);
  for (const auto& commit : facts.commits) add(uses.commits[commit.group][commit.principal], 0, commit.last_seen);
  return uses;
}

bool is_pseudo(const PrincipalName& principal) { return principal.text().starts_with('('); }

bool is_declarable(const PrincipalName& principal) {
  // The annotation separates principals by commas.
  return !model::wrong_principal(principal.text()) && !principal.text().contains(',');
}

LastSeen unknown_principals(const Uses& uses, const policy::Snapshot& policy) {
  LastSeen unknown;
  const auto add_users = [&](const auto& used) {
    for (const auto& [name, users] : used) {
      for (const auto& [principal, use] : users) {
        if (is_pseudo(principal) || policy.subject(principal).known) continue;
        auto& last_seen = unknown[principal];
        last_seen = std::max(last_seen, use.last_seen);
      }
    }
  };
  add_users(uses.writes);
  add_users(uses.reads);
  add_users(uses.commits);
  return unknown;
}

}  // namespace myelin::adopt
