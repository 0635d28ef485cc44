#include "blueprint/declared.h"

#include <fmt/core.h>

#include <utility>

#include "document/problem.h"
#include "model/load.h"
#include "model/name_rules.h"

namespace myelin::blueprint {

Result<void> check_entity_name(std::string_view what, const std::string& name) {
  if (const auto wrong = model::wrong_entity_name(name))
    return fail(Code::Invalid, "{} \"{}\": {}", what, name, *wrong);
  return {};
}

std::unexpected<Error> exists(std::string_view what, std::string_view name, const document::Place& place) {
  return fail(Code::Exists, "{} \"{}\" is declared already, at {}", what, name, place.text());
}

Result<bool> is_new_application(const model::Model& model, const std::string& name, const SquadName& squad) {
  const auto found = model.applications.find(ApplicationName(name));
  if (found == model.applications.end()) {
    if (auto valid = check_entity_name("application", name); !valid) return pass(valid);
    return true;
  }
  if (found->second.squad == squad) return false;
  return fail(Code::Exists, "application \"{}\" is squad {}'s, at {}; name another one, or one of squad {}", name,
              found->second.squad.text(), found->second.place.text(), squad.text());
}

Result<PrincipalName> principal_of(const model::Model& model, const std::string& application) {
  const auto found = model.applications.find(ApplicationName(application));
  if (found == model.applications.end()) {
    const auto wrong = model::wrong_principal(application);
    if (wrong) return fail(Code::Invalid, "application \"{}\" can't sign in by its name: {}", application, *wrong);
    return PrincipalName(application);
  }
  if (!found->second.principals.empty()) return found->second.principals.front();
  return fail(Code::Invalid, "application \"{}\" has no principal, at {}; add the annotation myelin.dev/principals",
              application, found->second.place.text());
}

Result<Blueprint> checked(const model::Model& model, Blueprint blueprint) {
  std::map<std::string, std::string> texts;
  for (const auto& document : model.documents) texts[document.source->file] = document.source->text;
  for (const auto& [file, text] : blueprint.files) {
    if (file.starts_with("clients/")) continue;
    if (!texts.try_emplace(file, text).second) {
      return fail(Code::Exists, "{} is there already, with other documents; move them, or take another name", file);
    }
  }
  std::vector<document::Source> sources;
  for (auto& [file, text] : texts) sources.push_back({file, std::move(text)});
  const auto loaded = model::load(std::move(sources));
  if (!loaded.ok()) return fail(Code::Invalid, "{}nothing was written", document::listed(loaded.problems));
  return blueprint;
}

}  // namespace myelin::blueprint
