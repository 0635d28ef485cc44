// The AccountabilityModel: its groups exist, and every class of failure is taken by exactly one accountability.
#include <fmt/core.h>

#include <map>

#include "model/drafts.h"
#include "model/resolve.h"

namespace myelin::model {
namespace {

// nullptr when there is none; a second one is noted.
const AccountabilityModelDraft* only_one(const Drafts& drafts, document::Problems& problems) {
  if (drafts.accountability_models.empty()) return nullptr;
  const auto& first = drafts.accountability_models.front();
  for (const auto& other : drafts.accountability_models) {
    if (&other == &first) continue;
    problems.push_back(
        {other.name.place, fmt::format("AccountabilityModel \"{}\" is a second one; the first, \"{}\", stands at {}",
                                       other.name.value, first.name.value, first.name.place.text())});
  }
  return &first;
}

// Each class of failure is taken, and by one alone.
void check_failures(const AccountabilityModelDraft& draft, document::Problems& problems) {
  std::map<Failure, std::pair<const AccountabilityDraft*, document::Place>> takers;
  for (const auto& one : draft.accountabilities) {
    for (const auto& [failure, place] : one.failures) {
      const auto [first, fresh] = takers.emplace(failure, std::pair(&one, place));
      if (fresh) continue;
      problems.push_back({place, fmt::format("two are accountable for failures of class {}: \"{}\" here, \"{}\" at {}; "
                                             "expected one",
                                             name_of(failure), one.name.value, first->second.first->name.value,
                                             first->second.second.text())});
    }
  }
  for (const auto failure : kFailures) {
    if (takers.contains(failure)) continue;
    problems.push_back({draft.name.place, fmt::format("nobody is accountable for failures of class {}; expected one "
                                                      "accountability that takes them",
                                                      name_of(failure))});
  }
}

void check_names(const AccountabilityModelDraft& draft, document::Problems& problems) {
  std::map<std::string, document::Place> names;
  for (const auto& one : draft.accountabilities) {
    const auto [first, fresh] = names.emplace(one.name.value, one.name.place);
    if (fresh) continue;
    problems.push_back({one.name.place, fmt::format("accountability \"{}\" is declared twice; the first stands at {}",
                                                    one.name.value, first->second.text())});
  }
}

std::vector<Accountability> accountabilities_of(const AccountabilityModelDraft& draft) {
  if (draft.accountabilities.empty()) return default_accountabilities();
  std::vector<Accountability> all;
  for (const auto& one : draft.accountabilities) {
    Accountability accountability{one.name.value, one.stream, one.holder, {}, one.name.place};
    for (const auto& [failure, place] : one.failures) accountability.failures.push_back(failure);
    all.push_back(std::move(accountability));
  }
  return all;
}

}  // namespace

void resolve_accountability(const Drafts& drafts, Model& model, document::Problems& problems) {
  const auto* draft = only_one(drafts, problems);
  if (draft == nullptr) return;
  auto& resolved = model.accountability;
  resolved.is_declared = true;
  resolved.place = draft->name.place;
  const auto squad = [&](const std::optional<Text>& group) -> std::optional<SquadName> {
    if (!group || group->empty()) return std::nullopt;
    if (referred(model.squads, *group, "Group", drafts.unread, problems) == nullptr) return std::nullopt;
    return SquadName(group->value);
  };
  resolved.central = squad(draft->central);
  resolved.governance = squad(draft->governance);
  resolved.facilitation = squad(draft->facilitation);
  resolved.steering = squad(draft->steering);
  if (!draft->accountabilities.empty()) {
    check_names(*draft, problems);
    check_failures(*draft, problems);
  }
  resolved.accountabilities = accountabilities_of(*draft);
  if (!model.policy.platform_group && !drafts.unread.may_name("myelin/", "platform_group")) {
    problems.push_back(
        {draft->name.place,
         "no Policy names a platform_group, so nobody is accountable for what nobody owns; expected one"});
  }
}

}  // namespace myelin::model
