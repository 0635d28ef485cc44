#include "review/consumers.h"

#include <algorithm>

namespace myelin::review {

std::set<PrincipalName> consumers_of(const model::Model& model, const model::Grant& grant) {
  if (grant.user) return {*grant.user};
  std::set<PrincipalName> principals;
  for (const auto& [name, application] : model.applications) {
    if (grant.application ? name != *grant.application : application.squad != *grant.squad) continue;
    principals.insert(application.principals.begin(), application.principals.end());
  }
  if (grant.application) return principals;
  for (const auto& [name, user] : model.users) {
    if (std::ranges::find(user.squads, *grant.squad) != user.squads.end()) principals.insert(name);
  }
  return principals;
}

std::optional<WallTime> last_read(const model::Model& model, const model::Grant& grant,
                                  const std::vector<lineage::ReadEdge>& reads) {
  const auto principals = consumers_of(model, grant);
  std::optional<WallTime> last;
  for (const auto& read : reads) {
    if (!principals.contains(read.principal)) continue;
    if (std::ranges::find(grant.topics, read.topic) == grant.topics.end()) continue;
    if (!last || *last < read.last_seen) last = read.last_seen;
  }
  return last;
}

}  // namespace myelin::review
