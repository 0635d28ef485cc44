// Prefixes decide who owns undeclared topics, groups and transactional ids, so no name may have two owners.
#include "model/ownership.h"
#include "model/resolve.h"

namespace myelin::model {
namespace {

struct Claim {
  std::string prefix;
  const ComponentDraft* component;
  Place place;
};

// Two claims of one squad may nest, because the longest wins and the owner is the same.
bool conflict(const Claim& outer, const Claim& inner) {
  return has_prefix(inner.prefix, outer.prefix) && outer.component->owner.value != inner.component->owner.value;
}

}  // namespace

void resolve_prefixes(const Drafts& drafts, document::Problems& problems) {
  // Sorted by prefix: whatever lies within a prefix follows it.
  std::map<std::string, Claim> claims;
  for (const ComponentDraft& component : drafts.components) {
    for (const Text& prefix : component.prefixes) {
      const Claim claim{prefix.value, &component, prefix.place};
      const auto [first, fresh] = claims.try_emplace(prefix.value, claim);
      if (fresh || first->second.component->name.value == component.name.value) continue;
      problems.push_back({claim.place, fmt::format("prefix \"{}\" is also that of Component \"{}\" at {}", claim.prefix,
                                                   first->second.component->name.value, first->second.place.text())});
    }
  }
  for (auto outer = claims.begin(); outer != claims.end(); ++outer) {
    for (auto inner = std::next(outer); inner != claims.end() && inner->first.starts_with(outer->first); ++inner) {
      if (!conflict(outer->second, inner->second)) continue;
      problems.push_back(
          {inner->second.place,
           fmt::format("prefix \"{}\" of Component \"{}\" lies within prefix \"{}\" of Component \"{}\" at {}, which "
                       "another squad owns; set other ones with the annotation myelin.dev/prefixes",
                       inner->first, inner->second.component->name.value, outer->first,
                       outer->second.component->name.value, outer->second.place.text())});
    }
  }
}

}  // namespace myelin::model
