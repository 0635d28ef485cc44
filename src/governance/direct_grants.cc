#include "governance/direct_grants.h"

#include <algorithm>

namespace myelin::governance {

std::vector<const model::DirectGrant*> direct_grants(const policy::Snapshot& snapshot) {
  std::vector<const model::DirectGrant*> grants;
  const auto add = [&](const model::DirectGrant& grant) {
    if (snapshot.subject(grant.right.principal).known) grants.push_back(&grant);
  };
  std::ranges::for_each(snapshot.model().direct_grants, add);
  if (const auto& made = snapshot.settings().made_grants) std::ranges::for_each(*made, add);
  return grants;
}

bool takes_in(const model::Right& right, std::string_view topic) {
  if (right.resource != model::RightResource::Topic) return false;
  return right.is_prefix ? topic.starts_with(right.name) : topic == right.name;
}

void add_direct_accesses(lineage::Declared& declared, const policy::Snapshot& snapshot) {
  using model::RightOperation;
  for (const auto* grant : direct_grants(snapshot)) {
    const auto application = snapshot.model().principals.find(grant->right.principal);
    if (application == snapshot.model().principals.end()) continue;
    const auto operation = grant->right.operation;
    for (const auto& [topic, declaration] : snapshot.model().topics) {
      if (!takes_in(grant->right, topic.text())) continue;
      for (const auto direction : {lineage::Direction::Write, lineage::Direction::Read}) {
        const auto wanted = direction == lineage::Direction::Write ? RightOperation::Write : RightOperation::Read;
        if (operation != wanted && operation != RightOperation::All) continue;
        declared.accesses.push_back({application->second, topic, direction, policy::provenance_of(*grant),
                                     grant->is_made() ? std::string() : grant->place.text(), true});
      }
    }
  }
}

}  // namespace myelin::governance
