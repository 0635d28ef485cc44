// TeamProfiles: one for a squad, and each says once with whom it works how.
#include <fmt/core.h>

#include <map>
#include <tuple>

#include "model/drafts.h"
#include "model/resolve.h"

namespace myelin::model {
namespace {

// Working together is the same from both sides; a service and help go one way.
using InteractionKey = std::tuple<std::string, std::string, InteractionMode>;
InteractionKey key_of(const std::string& squad, const std::string& with, InteractionMode mode) {
  const bool is_mutual = mode == InteractionMode::Collaboration;
  return is_mutual && with < squad ? InteractionKey(with, squad, mode) : InteractionKey(squad, with, mode);
}

class Profiles {
 public:
  Profiles(const Drafts& drafts, Model& model, document::Problems& problems)
      : drafts_(drafts), model_(model), problems_(problems) {}

  void add(const TeamProfileDraft& draft) {
    const auto [first_name, is_new_name] = names_.emplace(draft.name.value, draft.name.place);
    if (!is_new_name) {
      problems_.push_back({draft.name.place, fmt::format("TeamProfile \"{}\" is declared twice; the first stands at {}",
                                                         draft.name.value, first_name->second.text())});
    }
    if (referred(model_.squads, draft.squad, "Group", drafts_.unread, problems_) == nullptr) return;
    const auto [first, is_new] = squads_.emplace(draft.squad.value, &draft);
    if (!is_new) {
      problems_.push_back(
          {draft.squad.place,
           fmt::format("Group \"{}\" has a second TeamProfile; the first, \"{}\", stands at {}", draft.squad.value,
                       first->second->name.value, first->second->name.place.text())});
      return;
    }
    TeamProfile profile{draft.name.value, SquadName(draft.squad.value), draft.type,      draft.headcount,
                        draft.on_call,    interactions_of(draft),       draft.name.place};
    model_.team_profiles.emplace(profile.squad, std::move(profile));
  }

 private:
  std::vector<Interaction> interactions_of(const TeamProfileDraft& draft) {
    std::vector<Interaction> interactions;
    for (const auto& one : draft.interactions) {
      if (referred(model_.squads, one.with, "Group", drafts_.unread, problems_) == nullptr || !one.mode) continue;
      if (one.with.value == draft.squad.value) {
        problems_.push_back({one.with.place, fmt::format("Group \"{}\" would interact with itself; expected another "
                                                         "squad",
                                                         one.with.value)});
        continue;
      }
      const auto [first, is_new] =
          interactions_.emplace(key_of(draft.squad.value, one.with.value, *one.mode), one.place);
      if (!is_new) {
        problems_.push_back(
            {one.place, fmt::format("{} of \"{}\" with \"{}\" is declared twice; the first stands at {}",
                                    name_of(*one.mode), draft.squad.value, one.with.value, first->second.text())});
        continue;
      }
      interactions.push_back({SquadName(one.with.value), *one.mode, one.purpose, one.until, one.place});
    }
    return interactions;
  }

  const Drafts& drafts_;
  Model& model_;
  document::Problems& problems_;
  std::map<std::string, document::Place> names_;
  std::map<std::string, const TeamProfileDraft*> squads_;
  std::map<InteractionKey, document::Place> interactions_;
};

}  // namespace

void resolve_teams(const Drafts& drafts, Model& model, document::Problems& problems) {
  Profiles profiles(drafts, model, problems);
  for (const auto& draft : drafts.team_profiles) profiles.add(draft);
}

}  // namespace myelin::model
