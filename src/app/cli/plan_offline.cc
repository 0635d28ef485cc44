#include "app/cli/plan_offline.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include "api/plan_json.h"
#include "governance/model_changes.h"
#include "model/load.h"
#include "plan/overlay.h"
#include "plan/plan.h"
#include "plan/saved_state.h"

namespace myelin::app::cli {
namespace {

// Who applies, where no server knows: a person of the model that was saved, else the platform group.
Result<plan::Applier> applier_in(const model::Model& model, const policy::Settings& settings,
                                 const OfflineQuestion& question) {
  plan::Applier applier{.squads = {}, .is_platform = question.as.empty(), .may_delete = question.allow_delete};
  if (question.as.empty()) return applier;
  const PrincipalName principal(question.as);
  applier.squads = governance::squads_of_person(model, principal);
  applier.is_platform =
      std::ranges::find(settings.platform_principals, principal) != settings.platform_principals.end();
  for (const auto& squad : applier.squads) applier.is_platform |= model.policy.platform_group == squad;
  if (!applier.squads.empty() || applier.is_platform) return applier;
  return fail(Code::NotFound, "--as {}: nobody by that name stands in a squad of the saved state", question.as);
}

Result<plan::Plan> plan_against(const plan::SavedState& state, const OfflineQuestion& question) {
  auto before = model::load(state.documents);
  if (!before.ok()) return fail(Code::Invalid, "{}the saved state is no model", document::listed(before.problems));
  auto applier = applier_in(before.model, state.settings, question);
  if (!applier) return pass(applier);
  auto given = model::read_folder(question.folder);
  if (!given) return pass(given);
  auto overlay = plan::overlaid(before.model, *std::move(given), [&](const plan::EntityName& entity) {
    const auto owner = plan::squad_of(entity, before.model);
    return question.allow_delete &&
           (applier->is_platform || std::ranges::find(applier->squads, owner) != applier->squads.end());
  });
  auto after = model::load(std::move(overlay.sources));
  if (!after.ok()) return fail(Code::Invalid, "{}", document::listed(after.problems));
  return plan::made({.base = state.revision,
                     .before = std::make_shared<const model::Model>(std::move(before.model)),
                     .after = std::make_shared<const model::Model>(std::move(after.model)),
                     .settings = state.settings,
                     .live = state.live,
                     .applier = *std::move(applier),
                     .left_out = overlay.left_out.size()});
}

}  // namespace

Result<document::Node> plan_offline(const OfflineQuestion& question) {
  std::ifstream stream(question.against, std::ios::binary);
  if (!stream.is_open()) return fail(Code::NotFound, "--against {}: can't be opened", question.against);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const auto state = plan::read_saved_state(text);
  if (!state) return fail(Code::Invalid, "{}: {}", question.against, state.error().message);
  auto plan = plan_against(*state, question);
  if (!plan) return pass(plan);
  const auto now = state->live.now;
  auto words = plan::rendered(*plan, now);
  auto markdown = plan::as_markdown(*plan, now);
  return api::plan_json({*std::move(plan), std::move(words), std::move(markdown)});
}

}  // namespace myelin::app::cli
