// Rules of the Policy: each by a name of its own, owner and scope declared.
#include <fmt/core.h>

#include <map>

#include "model/drafts.h"
#include "model/resolve.h"

namespace myelin::model {
namespace {

// Those of the references that are declared.
template <typename Name, typename Known>
std::vector<Name> resolved(const Known& known, const std::vector<Text>& references, std::string_view kind,
                           const Drafts& drafts, document::Problems& problems) {
  std::vector<Name> names;
  for (const Text& text : references) {
    if (referred(known, text, kind, drafts.unread, problems) != nullptr) names.emplace_back(text.value);
  }
  return names;
}

}  // namespace

void resolve_rules(const Drafts& drafts, Model& model, document::Problems& problems) {
  if (drafts.policies.empty()) return;
  std::map<std::string, document::Place> names;
  for (const RuleDraft& draft : drafts.policies.front().rules) {
    const auto [first, is_new] = names.emplace(draft.name.value, draft.name.place);
    if (!is_new && !draft.name.empty()) {
      problems.push_back({draft.name.place, fmt::format("rule \"{}\" is there twice; the first stands at {}",
                                                        draft.name.value, first->second.text())});
    }
    static_cast<void>(referred(model.squads, draft.owner, "Group", drafts.unread, problems));
    auto squads = resolved<SquadName>(model.squads, draft.squads, "Group", drafts, problems);
    auto domains = resolved<DomainName>(model.domains, draft.domains, "Domain", drafts, problems);
    if (!draft.about || !draft.must) continue;
    model.policy.rules.push_back({draft.name.value, *draft.about, std::move(squads), std::move(domains),
                                  SquadName(draft.owner.value), draft.principle, *draft.must, draft.expression,
                                  draft.message, draft.rung, draft.name.place});
  }
}

}  // namespace myelin::model
