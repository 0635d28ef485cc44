// What an import of teams keeps in the documents: ids of the directory they came from, and names that squads had.
#include <fmt/core.h>

#include <map>

#include "model/drafts.h"

namespace myelin::model {
namespace {

// One id is one Group's, or one User's.
template <typename Draft>
void check_ids(const std::vector<Draft>& drafts, document::Problems& problems) {
  std::map<std::string, const Draft*> holders;
  for (const auto& draft : drafts) {
    if (!draft.directory_id) continue;
    const auto [first, is_new] = holders.emplace(draft.directory_id->value, &draft);
    if (is_new) continue;
    problems.push_back(
        {draft.directory_id->place,
         fmt::format("myelin.dev/directory-id \"{}\" is there twice; \"{}\" at {} has it too",
                     draft.directory_id->value, first->second->name.value, first->second->name.place.text())});
  }
}

// A name that a Group has today is that Group's, whoever had it before.
void former_names(const Drafts& drafts, Model& model, document::Problems& problems) {
  std::map<std::string, const GroupDraft*> groups;
  for (const auto& group : drafts.groups) groups.emplace(group.name.value, &group);
  std::map<std::string, const GroupDraft*> holders;
  for (const auto& group : drafts.groups) {
    const auto squad = model.squads.find(SquadName(group.name.value));
    for (const auto& name : group.formerly) {
      const auto [first, is_new] = holders.emplace(name.value, &group);
      if (!is_new && first->second != &group) {
        problems.push_back(
            {name.place, fmt::format("\"{}\" is a former name of Group \"{}\" at {} too; expected one", name.value,
                                     first->second->name.value, first->second->name.place.text())});
      }
      if (!is_new || squad == model.squads.end()) continue;
      squad->second.formerly.emplace_back(name.value);
      if (!groups.contains(name.value)) model.former_squads.emplace(name.value, squad->first);
    }
  }
}

}  // namespace

void resolve_directory(const Drafts& drafts, Model& model, document::Problems& problems) {
  check_ids(drafts.groups, problems);
  check_ids(drafts.users, problems);
  former_names(drafts, model, problems);
}

}  // namespace myelin::model
