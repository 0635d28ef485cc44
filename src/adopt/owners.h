#pragma once
// Whose a topic is that no contract declares. Internal to the module.
#include <functional>
#include <string>

#include "adopt/uses.h"
#include "model/model.h"

namespace myelin::adopt {

struct Owner {
  SquadName squad;
  std::string why;          // evidence; empty where a declared prefix says so
  bool is_claimed = false;  // somebody said so: it is no guess
};

using SquadOf = std::function<SquadName(const PrincipalName&)>;  // empty: of none

// The squad whose declared prefix the topic carries, else that of the principal that wrote most records, else
// `platform`. `writes` may be nullptr.
[[nodiscard]] Owner owner_of(const TopicName& topic, const ByPrincipal* writes, const model::Model& in_force,
                             const SquadName& platform, const SquadOf& squad_of);

}  // namespace myelin::adopt
