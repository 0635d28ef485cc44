#include "policy/break_glass.h"

#include <algorithm>

namespace myelin::policy {

Result<void> may_break_glass(const model::Model& model, const PrincipalName& person, const ApplicationName& application,
                             int hours) {
  const auto& most = model.policy.break_glass_hours_max;
  if (!most) return fail(Code::Denied, "the Policy does not allow it: it declares no break_glass_hours_max");
  const auto known = model.applications.find(application);
  if (known == model.applications.end()) return fail(Code::NotFound, "there is no application {}", application.text());
  const auto& squad = known->second.squad;
  const auto user = model.users.find(person);
  if (user == model.users.end() || std::ranges::find(user->second.squads, squad) == user->second.squads.end()) {
    return fail(Code::Denied, "only people of squad {}, whose application {} is, can break the glass for it",
                squad.text(), application.text());
  }
  if (hours >= 1 && hours <= *most) return {};
  return fail(Code::Invalid, "hours: {} is not within 1 to {}, which the Policy allows", hours, *most);
}

}  // namespace myelin::policy
