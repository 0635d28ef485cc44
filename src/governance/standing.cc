#include "governance/standing.h"

#include <algorithm>

namespace myelin::governance {

std::vector<SquadName> squads_of_person(const model::Model& model, const PrincipalName& principal) {
  const auto user = model.users.find(principal);
  return user == model.users.end() ? std::vector<SquadName>() : user->second.squads;
}

bool Standing::is_in(const SquadName& squad) const { return std::ranges::find(squads, squad) != squads.end(); }

std::vector<SquadName> Standing::spoken_for(std::span<const plan::Consent> consents) const {
  std::vector<SquadName> spoken;
  for (const auto& consent : consents) {
    const bool is_own = is_in(consent.squad);
    if (!is_own && !is_platform) continue;
    auto squad = is_own ? consent.squad : SquadName();
    if (std::ranges::find(spoken, squad) == spoken.end()) spoken.push_back(std::move(squad));
  }
  return spoken;
}

Standing standing_of(const policy::Snapshot& snapshot, const PrincipalName& principal) {
  return {squads_of_person(snapshot.model(), principal),
          snapshot.settings().dev_mode || snapshot.subject(principal).platform};
}

}  // namespace myelin::governance
