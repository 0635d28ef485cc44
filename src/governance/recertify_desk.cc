#include "governance/recertify_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "document/nearest.h"
#include "governance/grant_ages.h"
#include "governance/product_acts.h"
#include "governance/standing.h"
#include "review/diff.h"
#include "review/edit.h"
#include "usage/report.h"

namespace myelin::governance {
namespace {

std::string patch_of(const model::Model& model, const document::Place& place) {
  const auto* document = review::document_of(model.documents, place);
  if (document == nullptr) return {};
  auto changes = review::edited(model.documents, {{place.file, document->root->position, {"status"}, "rejected"}});
  return changes ? review::patch(*changes) : std::string();
}

std::map<std::pair<PrincipalName, TopicName>, std::int64_t> offsets_read(Measurement& measurement, WallTime from) {
  const usage::Filter filter{.from = from, .measure = usage::Measure::ServedOffsets};
  const usage::GroupBy by{.squad = false};
  const auto nobody = [](const PrincipalName& /*principal*/) { return SquadName(); };
  std::map<std::pair<PrincipalName, TopicName>, std::int64_t> offsets;
  for (const auto& line : usage::report(measurement.usage_rows(), filter, by, nobody)) {
    offsets[{PrincipalName(line.principal), TopicName(line.topic)}] += line.amount;
  }
  return offsets;
}

// Why a grant that is declared can't be confirmed.
std::string why_not_live(const model::Grant& grant, WallTime now) {
  if (grant.status != model::GrantStatus::Approved) return fmt::format("is {}", model::name_of(grant.status));
  return grant.end && *grant.end <= now ? "is over" : "has not begun";
}

}  // namespace

Result<std::vector<GrantStanding>> RecertifyDesk::standings(const model::Model& model) const {
  auto since = approved_since(parts_.revisions);
  if (!since) return pass(since);
  const auto now = parts_.clock.moment().reached;
  return grant_standings(model, {.approved_since = *std::move(since),
                                 .confirmed = parts_.confirmed.all(),
                                 .reads = parts_.measurement.edges().reads,
                                 .offsets = offsets_read(parts_.measurement, now - kEvidence),
                                 .now = now});
}

Result<std::vector<RecertifyDesk::Item>> RecertifyDesk::grants(const Asker& asker) const {
  const auto snapshot = parts_.policy.current();
  const auto standing = standing_of(*snapshot, asker.principal);
  std::vector<Item> items;
  if (standing.squads.empty() && !standing.is_platform) return items;
  auto all = standings(snapshot->model());
  if (!all) return pass(all);
  for (auto& one : *all) {
    if (!standing.is_platform && !standing.is_in(one.owner)) continue;
    auto patch = patch_of(snapshot->model(), one.place);
    items.push_back({std::move(one), std::move(patch)});
  }
  return items;
}

Result<std::vector<RecertifyDesk::Item>> RecertifyDesk::due(const Asker& asker) const {
  if (!parts_.policy.current()->model().policy.recertify_days) return std::vector<Item>();
  auto items = grants(asker);
  if (items) std::erase_if(*items, [](const Item& item) { return !item.standing.is_due; });
  return items;
}

Result<RecertifyDesk::Item> RecertifyDesk::recertify(const Asker& asker, const std::string& grant, std::string reason) {
  if (reason.size() > kReasonBytesMax) {
    return fail(Code::Invalid, "the reason is at most {} bytes long", kReasonBytesMax);
  }
  const auto snapshot = parts_.policy.current();
  const auto& model = snapshot->model();
  const auto* known = model.grant(grant);
  if (known == nullptr) {
    std::vector<std::string> names;
    for (const auto& one : model.grants) names.push_back(one.id);
    return fail(Code::NotFound, "there is no grant {}{}", grant, document::suggestion(grant, names));
  }
  const plan::EntityName entity{plan::EntityKind::Grant, grant};
  const std::vector<plan::Consent> consents{{plan::squad_of(entity, model), "grant " + grant + " is its own"}};
  const auto spoken = standing_of(*snapshot, asker.principal).spoken_for(consents);
  if (spoken.empty()) {
    auto denial = record_of({asker, "recertify", "grant " + grant});
    denial.kind = state::AuditKind::Denial;
    denial.result = "it is none of the asker's squads'";
    parts_.audit.note(denial);
    return fail(Code::Denied, "grant {} is for squad {} and the platform group to confirm, whose product it is of",
                grant, consents.front().squad.text());
  }
  auto all = standings(model);
  if (!all) return pass(all);
  const auto shown = std::ranges::find(*all, grant, &GrantStanding::grant);
  if (shown == all->end()) {
    return fail(Code::Invalid, "grant {} {}: there is nothing to confirm", grant,
                why_not_live(*known, parts_.clock.moment().reached));
  }
  const auto evidence = shown->evidence();
  const Change change{asker, "recertify", fmt::format("grant {}: {}", grant, evidence),
                      acts_of_answer({*snapshot, asker.principal}, known->product, consents)};
  return audited(parts_.audit, change, [&]() -> Result<Item> {
    Confirmation confirmation{parts_.clock.moment().reached, spoken.front(), asker.principal, std::move(reason),
                              evidence};
    if (auto kept = parts_.confirmed.put(grant, std::move(confirmation)); !kept) return pass(kept);
    auto again = standings(model);
    if (!again) return pass(again);
    auto confirmed = std::ranges::find(*again, grant, &GrantStanding::grant);
    if (confirmed == again->end()) return fail(Code::Invalid, "grant {} is over", grant);
    return Item{std::move(*confirmed), patch_of(model, known->place)};
  });
}

}  // namespace myelin::governance
