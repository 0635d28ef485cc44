#include "app/cli/plan_offline.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "api/plan_json.h"
#include "governance/model_changes.h"
#include "model/load.h"
#include "organisation/flow.h"
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

// The uses that were saved, without amounts: those are not in the file.
std::vector<organisation::Flow> flows_in(const plan::Live& live) {
  std::vector<organisation::Flow> flows;
  for (const auto& use : live.uses) {
    const bool is_read = use.operation == policy::Operation::Read;
    flows.push_back({use.principal, use.topic, is_read ? lineage::Direction::Read : lineage::Direction::Write,
                     std::nullopt, use.last_seen});
  }
  return flows;
}

Result<governance::PlanAnswer> plan_against(const plan::SavedState& state, const OfflineQuestion& question) {
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
  auto after = model::load(std::move(overlay.sources), before.model);
  if (!after.ok()) return fail(Code::Invalid, "{}", document::listed(after.problems));
  std::optional<governance::WhatIf> what_if;
  if (question.what_if) what_if = governance::what_if(before.model, after.model, flows_in(state.live), state.live.now);
  auto plan = plan::made({.base = state.revision,
                          .before = std::make_shared<const model::Model>(std::move(before.model)),
                          .after = std::make_shared<const model::Model>(std::move(after.model)),
                          .settings = state.settings,
                          .live = state.live,
                          .applier = *std::move(applier),
                          .left_out = overlay.left_out.size()});
  return governance::plan_answer(std::move(plan), std::move(what_if), state.live.now);
}

}  // namespace

Result<document::Node> plan_offline(const OfflineQuestion& question) {
  std::ifstream stream(question.against, std::ios::binary);
  if (!stream.is_open()) return fail(Code::NotFound, "--against {}: can't be opened", question.against);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const auto state = plan::read_saved_state(text);
  if (!state) return fail(Code::Invalid, "{}: {}", question.against, state.error().message);
  auto answer = plan_against(*state, question);
  if (!answer) return pass(answer);
  return api::plan_json(*answer);
}

}  // namespace myelin::app::cli
