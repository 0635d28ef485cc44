#pragma once
// Whose say a change needs: a squad's over what is its own, the platform group's over what gives somebody more than
// there was. A change needs every one of its consents.
#include <set>
#include <string>
#include <vector>

#include "model/model.h"
#include "plan/entity.h"

namespace myelin::plan {

struct Consent {
  SquadName squad;  // empty: the platform group
  std::string why;  // "product store-sales is its own"
  auto operator<=>(const Consent&) const = default;
};

// The squad that an entity belongs to; empty when it is nobody's but the platform group's.
[[nodiscard]] SquadName squad_of(const EntityName& entity, const model::Model& model);

// Of an entity that is in `before`, in `after` or in both. Sorted, each once.
[[nodiscard]] std::vector<Consent> consents_for(const EntityName& entity, const model::Model& before,
                                                const model::Model& after);

// An entity in both models that another squad has a say in afterwards. An empty squad is the platform group.
struct Handover {
  EntityName entity;
  SquadName before;
  SquadName after;
};
// By kind and name.
[[nodiscard]] std::vector<Handover> handovers(const model::Model& before, const model::Model& after);

}  // namespace myelin::plan
