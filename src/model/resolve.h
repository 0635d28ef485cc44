#pragma once
// What the resolvers share: looking names up, and wording what is not there. Internal to the module.
#include <fmt/core.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "document/nearest.h"
#include "model/drafts.h"

namespace myelin::model {

template <typename Tag>
[[nodiscard]] std::string_view key_text(const StrongName<Tag>& name) {
  return name.text();
}
[[nodiscard]] inline std::string_view key_text(std::string_view name) { return name; }

template <typename Key, typename Value>
[[nodiscard]] std::vector<std::string> names_of(const std::map<Key, Value>& known) {
  std::vector<std::string> names;
  for (const auto& [key, value] : known) names.emplace_back(key_text(key));
  return names;
}

// Adds `value` under its name; a second one of that name is noted with the place of the first.
template <typename Key, typename Value>
void declare(std::map<Key, Value>& known, Key name, Value value, std::string_view kind, document::Problems& problems) {
  const auto [first, fresh] = known.try_emplace(name, value);
  if (fresh) return;
  problems.push_back({value.place, fmt::format("{} \"{}\" is declared twice; the first stands at {}", kind,
                                               key_text(name), first->second.place.text())});
}

// The value of that name; nullptr when the reference is empty (noted before) or dangling (noted here, unless a file
// that can't be read may declare it).
template <typename Key, typename Value>
const Value* referred(const std::map<Key, Value>& known, const Text& reference, std::string_view kind,
                      const Unread& unread, document::Problems& problems) {
  if (reference.empty()) return nullptr;
  const auto found = known.find(Key(reference.value));
  if (found != known.end()) return &found->second;
  if (unread.may_declare(kind, reference.value)) return nullptr;
  problems.push_back({reference.place, fmt::format("{} \"{}\" is not declared{}", kind, reference.value,
                                                   document::suggestion(reference.value, names_of(known)))});
  return nullptr;
}

}  // namespace myelin::model
