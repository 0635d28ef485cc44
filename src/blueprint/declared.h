#pragma once
// What a model says of names that somebody gave. Internal to the module.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "blueprint/blueprint.h"
#include "document/nearest.h"
#include "model/model.h"

namespace myelin::blueprint {

// NotFound with the nearest name when there is no such thing. `what` names its kind: "squad".
template <typename Name, typename Thing>
Result<const Thing*> declared(const std::map<Name, Thing>& things, const std::string& name, std::string_view what) {
  if (const auto found = things.find(Name(name)); found != things.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [key, thing] : things) known.push_back(key.text());
  const auto hint = document::suggestion(name, known);
  return fail(Code::NotFound, "{} \"{}\" is not declared in the folder{}", what, name,
              hint.empty() ? "; `myelin new` writes one" : hint);
}

// Invalid for a name that no entity can have.
[[nodiscard]] Result<void> check_entity_name(std::string_view what, const std::string& name);
// The error of a name that another has.
[[nodiscard]] std::unexpected<Error> exists(std::string_view what, std::string_view name, const document::Place& place);

// Whose the application is: true when it is to be declared, false when it is the squad's already.
[[nodiscard]] Result<bool> is_new_application(const model::Model& model, const std::string& name,
                                              const SquadName& squad);
// As which the application signs in: the first of its principals, or for a new one its name.
[[nodiscard]] Result<PrincipalName> principal_of(const model::Model& model, const std::string& application);

// The blueprint, when the model with its documents is one; else Invalid with every problem.
[[nodiscard]] Result<Blueprint> checked(const model::Model& model, Blueprint blueprint);

}  // namespace myelin::blueprint
