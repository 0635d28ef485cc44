#include <fmt/core.h>

#include <utility>

#include "blueprint/blueprint.h"
#include "blueprint/declared.h"
#include "blueprint/documents.h"

namespace myelin::blueprint {
namespace {

Result<std::string> domain_of(const model::Model& model, const NewSquad& wanted) {
  if (!wanted.domain.empty()) {
    if (auto valid = check_entity_name("domain", wanted.domain); !valid) return pass(valid);
    return wanted.domain;
  }
  if (model.domains.empty()) return wanted.name;
  if (model.domains.size() == 1) return model.domains.begin()->first.text();
  std::string names;
  for (const auto& [name, domain] : model.domains) names += (names.empty() ? "" : ", ") + name.text();
  return fail(Code::Invalid, "the folder declares several domains: {}; say in which one squad \"{}\" is", names,
              wanted.name);
}

}  // namespace

Result<Blueprint> squad_blueprint(const model::Model& model, const NewSquad& wanted) {
  if (auto valid = check_entity_name("squad", wanted.name); !valid) return pass(valid);
  const auto known = model.squads.find(SquadName(wanted.name));
  if (known != model.squads.end()) return exists("squad", wanted.name, known->second.place);
  auto domain = domain_of(model, wanted);
  if (!domain) return pass(domain);
  std::vector<std::string> declared_members;
  std::string users;
  for (const auto& member : wanted.members) {
    if (model.users.contains(PrincipalName(member))) {
      declared_members.push_back(member);
      continue;
    }
    if (auto valid = check_entity_name("member", member); !valid) return pass(valid);
    users += "---\n" + user_document(member, wanted.name);
  }
  const bool has_domain = model.domains.contains(DomainName(*domain));
  const auto text = (has_domain ? "" : domain_document(*domain, wanted.name) + "---\n") +
                    group_document(wanted.name, *domain, declared_members) + users;
  Blueprint blueprint;
  blueprint.files = {{fmt::format("org/{}.yaml", wanted.name), text},
                     {fmt::format("myelin/teams/{}.yaml", wanted.name), profile_document(wanted)}};
  return checked(model, std::move(blueprint));
}

}  // namespace myelin::blueprint
