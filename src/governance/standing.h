#pragma once
// For whom somebody speaks when a change needs consent: for the squads that they stand in, and the platform group for
// everybody.
#include <span>
#include <vector>

#include "base/ids.h"
#include "model/model.h"
#include "plan/consent.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// Empty for who is no person: what an application may write and read lets nobody change the model with its password.
[[nodiscard]] std::vector<SquadName> squads_of_person(const model::Model& model, const PrincipalName& principal);

struct Standing {
  std::vector<SquadName> squads;
  bool is_platform = false;

  [[nodiscard]] bool is_in(const SquadName& squad) const;
  // Whose consents they give of these, each once: those of their own squads by name, of all others as the platform
  // group, which is an empty name. Empty: they have no say.
  [[nodiscard]] std::vector<SquadName> spoken_for(std::span<const plan::Consent> consents) const;
};
[[nodiscard]] Standing standing_of(const policy::Snapshot& snapshot, const PrincipalName& principal);

}  // namespace myelin::governance
