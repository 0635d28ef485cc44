#include "governance/model_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "governance/plan_signatures.h"
#include "governance/product_acts.h"
#include "governance/sight.h"
#include "governance/topic_changes.h"
#include "model/load.h"
#include "plan/overlay.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kRefusalsNamed = 20;

std::string listed(const std::vector<std::string>& refusals) {
  std::string text;
  for (std::size_t i = 0; i < std::min(refusals.size(), kRefusalsNamed); ++i) {
    text += (i == 0 ? "" : "\n") + refusals[i];
  }
  if (refusals.size() > kRefusalsNamed) text += fmt::format("\nand {} more", refusals.size() - kRefusalsNamed);
  return text;
}

Result<std::shared_ptr<const model::Model>> loaded(std::vector<document::Source> sources, const model::Model& known) {
  auto loaded = model::load(std::move(sources), known);
  if (!loaded.ok()) return fail(Code::Invalid, "{}", document::listed(loaded.problems));
  return std::make_shared<const model::Model>(std::move(loaded.model));
}

}  // namespace

PlanAnswer plan_answer(plan::Plan plan, std::optional<WhatIf> what_if, WallTime now) {
  auto text = plan::rendered(plan, now);
  auto markdown = plan::as_markdown(plan, now);
  if (what_if) {
    text += rendered(*what_if);
    markdown += as_markdown(*what_if);
  }
  return {std::move(plan), std::move(text), std::move(markdown), std::move(what_if)};
}

Result<plan::Applier> ModelChanges::applier_of(const Asker& asker, bool allow_delete) const {
  const auto snapshot = parts_.policy.current();
  const auto standing = standing_of(*snapshot, asker.principal);
  plan::Applier applier{.squads = standing.squads, .is_platform = standing.is_platform, .may_delete = allow_delete};
  if (applier.is_platform || !applier.squads.empty()) return applier;
  return fail(Code::Denied,
              "{} stands in no squad: only people who do, and the platform group, see plans and apply them",
              asker.principal.text());
}

ModelChanges::Draft ModelChanges::draft_of(Proposal proposal, const plan::Applier& applier) const {
  const auto before = parts_.policy.current();
  const auto may_go = [&](const plan::EntityName& entity) {
    if (!proposal.allow_delete) return false;
    // The asker's own: that others agree to the documents lets nothing go that is not in them.
    const auto owner = plan::squad_of(entity, before->model());
    return applier.is_platform || std::ranges::find(applier.squads, owner) != applier.squads.end();
  };
  auto overlay = plan::overlaid(before->model(), std::move(proposal.files), may_go);
  return {std::move(overlay.sources), overlay.left_out.size(), proposal.allow_delete, 0,
          std::move(proposal.signatures)};
}

Result<ModelChanges::Draft> ModelChanges::draft_of(std::uint64_t revision, bool allow_delete) const {
  auto documents = parts_.revisions.documents_of(revision);
  if (!documents) return pass(documents);
  return Draft{*std::move(documents), 0, allow_delete, revision};
}

// Who is no platform member learns nothing about names of others: only uses of topics that its squads own.
Result<plan::Live> ModelChanges::live(const WantsSettings& wants_settings, const plan::Applier& applier) const {
  const auto before = parts_.policy.current();
  auto topics = live_topics(parts_.engine, wants_settings);
  if (!topics) return pass(topics);
  plan::Live live{*std::move(topics), {}, parts_.clock.moment().reached, parts_.rule_counts.tallies(before->model())};
  const auto sees = [&](const TopicName& topic) { return applier.speaks_for(before->owner_of_topic(topic.text())); };
  if (!applier.is_platform) std::erase_if(live.topics, [&](const auto& topic) { return !wants_settings(topic.first); });
  // Somebody with several clients is one user.
  std::map<std::tuple<TopicName, PrincipalName, policy::Operation>, plan::Use> uses;
  const auto add = [&](const auto& edge, policy::Operation operation) {
    if (!sees(edge.topic)) return;
    auto& use = uses[{edge.topic, edge.principal, operation}];
    use.principal = edge.principal;
    use.topic = edge.topic;
    use.operation = operation;
    use.last_seen = std::max(use.last_seen, edge.last_seen);
    use.bytes_per_second += edge.bytes_per_second;
  };
  const auto edges = parts_.measurement.edges();
  for (const auto& edge : edges.writes) add(edge, policy::Operation::Write);
  for (const auto& edge : edges.reads) add(edge, policy::Operation::Read);
  for (auto& [key, use] : uses) live.uses.push_back(std::move(use));
  return live;
}

Result<ModelChanges::Made> ModelChanges::make(const plan::Applier& applier, const Draft& draft) const {
  const auto snapshot = parts_.policy.current();
  auto after = loaded(draft.sources, snapshot->model());
  if (!after) return pass(after);
  const auto is_declared = [&](const TopicName& name) { return (*after)->topics.contains(name); };
  auto live = this->live(is_declared, applier);
  if (!live) return pass(live);
  // The snapshot keeps its model alive.
  std::shared_ptr<const model::Model> before(snapshot, &snapshot->model());
  plan::Question question{.base = parts_.revisions.head(),
                          .before = before,
                          .after = *after,
                          .settings = snapshot->settings(),
                          .live = *live,
                          .applier = applier,
                          .left_out = draft.left_out};
  return Made{plan::made(question), std::move(before), *std::move(after), live->now};
}

Result<ModelChanges::Made> ModelChanges::with_signatures(Made made, plan::Applier& applier, const Draft& draft) const {
  const auto snapshot = parts_.policy.current();
  auto signers = signers_of(draft.signatures, made.plan, *snapshot);
  if (!signers) return pass(signers);
  std::vector<Approval> approvals;
  for (auto& signer : *signers) {
    for (auto& squad : standing_of(*snapshot, signer.principal).spoken_for(made.plan.missing)) {
      applier.consenting.insert(std::move(squad));
    }
    auto acts = acts_of_answer({*snapshot, signer.principal}, made.plan);
    approvals.push_back({std::move(signer), std::move(acts)});
  }
  if (!approvals.empty()) {
    auto again = make(applier, draft);
    if (!again) return again;
    made = *std::move(again);
  }
  made.approvals = std::move(approvals);
  return made;
}

Result<PlanAnswer> ModelChanges::plan(const Asker& asker, Proposal proposal) const {
  const std::lock_guard lock(mutex_);
  auto applier = applier_of(asker, proposal.allow_delete);
  if (!applier) return pass(applier);
  applier->consenting = std::move(proposal.consenting);
  applier->stands_in_for_platform = proposal.stands_in_for_platform;
  const bool wants_what_if = proposal.what_if;
  const auto draft = draft_of(std::move(proposal), *applier);
  auto made = make(*applier, draft);
  if (made) made = with_signatures(*std::move(made), *applier, draft);
  if (!made) return pass(made);
  std::optional<WhatIf> told;
  if (wants_what_if) {
    const Sight sight(parts_.policy.current(), asker.principal, made->now);
    told = what_if(*made->before, *made->after, sight.flows(parts_.measurement.edges()), made->now);
  }
  auto answer = plan_answer(std::move(made->plan), std::move(told), made->now);
  for (auto& approval : made->approvals) answer.signers.push_back(std::move(approval.signer));
  return answer;
}

Result<std::vector<PrincipalName>> ModelChanges::shut_out(Proposal proposal, const TopicName& topic) const {
  const std::lock_guard lock(mutex_);
  const auto before = parts_.policy.current();
  auto model = loaded(draft_of(std::move(proposal), {}).sources, before->model());
  if (!model) return pass(model);
  const auto after = policy::Snapshot::build(*std::move(model), before->settings());
  const auto now = parts_.clock.moment();
  std::set<PrincipalName> found;
  const auto look_at = [&](const auto& edge, policy::Operation operation) {
    if (edge.topic != topic) return;
    const auto may = [&](const policy::Snapshot& snapshot) {
      return snapshot.decide(snapshot.subject(edge.principal), operation, policy::Resource::topic(topic), now).allowed;
    };
    if (may(*before) && !may(*after)) found.insert(edge.principal);
  };
  const auto edges = parts_.measurement.edges();
  for (const auto& edge : edges.writes) look_at(edge, policy::Operation::Write);
  for (const auto& edge : edges.reads) look_at(edge, policy::Operation::Read);
  return std::vector<PrincipalName>(found.begin(), found.end());
}

Result<PlanAnswer> ModelChanges::plan_rollback(const Asker& asker, std::uint64_t revision, bool allow_delete) const {
  const std::lock_guard lock(mutex_);
  auto applier = applier_of(asker, allow_delete);
  if (!applier) return pass(applier);
  auto draft = draft_of(revision, allow_delete);
  if (!draft) return pass(draft);
  auto made = make(*applier, *draft);
  if (!made) return pass(made);
  return plan_answer(std::move(made->plan), std::nullopt, made->now);
}

Result<Applied> ModelChanges::apply(const Asker& asker, Proposal proposal, ApplyOrder order) {
  const std::lock_guard lock(mutex_);
  auto applier = applier_of(asker, proposal.allow_delete);
  if (!applier) return pass(applier);
  applier->consenting = std::move(proposal.consenting);
  applier->stands_in_for_platform = proposal.stands_in_for_platform;
  auto draft = draft_of(std::move(proposal), *applier);
  return carry_out(asker, *std::move(applier), std::move(draft), std::move(order));
}

Result<Applied> ModelChanges::roll_back(const Asker& asker, std::uint64_t revision, bool allow_delete,
                                        ApplyOrder order) {
  const std::lock_guard lock(mutex_);
  auto applier = applier_of(asker, allow_delete);
  if (!applier) return pass(applier);
  auto draft = draft_of(revision, allow_delete);
  if (!draft) return pass(draft);
  return carry_out(asker, *std::move(applier), *std::move(draft), std::move(order));
}

Result<Applied> ModelChanges::carry_out(const Asker& asker, plan::Applier applier, Draft draft, ApplyOrder order) {
  if (!parts_.folder.empty()) {
    return fail(
        Code::Denied,
        "the model is the folder {}, as --model says: change it there and start again, or start without --model "
        "and apply it",
        parts_.folder);
  }
  auto made = make(applier, draft);
  if (!made) return pass(made);
  const auto snapshot = parts_.policy.current();
  Change change{asker, draft.restores == 0 ? "apply" : "roll back",
                draft.restores == 0 ? fmt::format("plan {} over revision {}", order.plan, made->plan.base)
                                    : fmt::format("revision {} to {}", made->plan.base, draft.restores)};
  const auto denied = [&](const std::string& why) {
    auto denial = record_of(change);
    denial.kind = state::AuditKind::Denial;
    denial.result = why;
    parts_.audit.note(denial);
  };
  made = with_signatures(*std::move(made), applier, draft);
  if (!made) {
    if (made.error().code == Code::Denied) denied(made.error().message);
    return pass(made);
  }
  auto& plan = made->plan;
  if (plan.id != order.plan) {
    return fail(Code::Exists, "plan {} is not what an apply would do by now, which is {}: plan again", order.plan,
                plan.id);
  }
  change.acts = acts_of_apply({*snapshot, asker.principal}, plan, applier.consenting);
  if (!plan.refusals.empty()) {
    denied(plan.refusals.front());
    return fail(Code::Denied, "{}", listed(plan.refusals));
  }
  if (plan.is_empty()) return Applied{std::move(plan), parts_.revisions.head(), {}};
  return audited(parts_.audit, change, [&] { return carried_out(asker, *std::move(made), draft, std::move(order)); });
}

// Who signed has said so before the change is made.
Result<Applied> ModelChanges::carried_out(const Asker& asker, Made made, const Draft& draft, ApplyOrder order) {
  if (auto recorded = record(made.approvals, made.plan, asker); !recorded) return pass(recorded);
  auto revision = parts_.revisions.head();
  if (!made.plan.entities.empty() || made.plan.reworded > 0) {
    auto added = add_revision(asker, made, draft, std::move(order));
    if (!added) return pass(added);
    revision = *added;
  }
  auto left = change_topics(parts_.engine, *made.after, made.plan.topics);
  Applied applied{std::move(made.plan), revision, std::move(left)};
  for (auto& approval : made.approvals) applied.signers.push_back(std::move(approval.signer));
  return applied;
}

Result<void> ModelChanges::record(const std::vector<Approval>& approvals, const plan::Plan& plan, const Asker& asker) {
  for (const auto& [signer, acts] : approvals) {
    const Asker signing{signer.principal, asker.peer};
    const Change change{signing, "approve",
                        fmt::format("plan {} over revision {}, signed with key {}, brought by {}", plan.id, plan.base,
                                    signer.key, asker.principal.text()),
                        acts};
    auto said = audited(parts_.audit, change, [] { return Result<void>(); });
    if (!said) return said;
  }
  return {};
}

// Durable first, then in force.
Result<std::uint64_t> ModelChanges::add_revision(const Asker& asker, const Made& made, const Draft& draft,
                                                 ApplyOrder order) {
  Revision revision;
  revision.time = made.now;
  revision.author = asker.principal;
  revision.message = std::move(order.message);
  revision.commit = std::move(order.commit);
  revision.plan = made.plan.id;
  revision.restores = draft.restores;
  for (const auto& approval : made.approvals) revision.signers.push_back(approval.signer);
  auto added = parts_.revisions.add(std::move(revision), draft.sources);
  if (!added) return added;
  parts_.policy.use_model(made.after);
  // Counting begins here, not with the first request.
  static_cast<void>(parts_.rule_counts.of(*made.after));
  // What a document declares by now is no longer made by API.
  auto dropped = parts_.grants.drop_declared(made.after->direct_grants);
  if (!dropped) return pass(dropped);
  if (*dropped > 0) parts_.policy.use_made_grants(parts_.grants.all());
  return added;
}

Result<plan::SavedState> ModelChanges::state(const Asker& asker) const {
  const Change change{asker, "save state", "model"};
  auto allowed = require_platform(parts_.policy, parts_.audit, change);
  if (!allowed) return pass(allowed);
  const std::lock_guard lock(mutex_);
  auto live =
      this->live([](const TopicName&) { return true; }, {.squads = {}, .is_platform = true, .may_delete = false});
  if (!live) return pass(live);
  const auto snapshot = parts_.policy.current();
  plan::SavedState state{parts_.revisions.head(), {}, snapshot->settings(), *std::move(live)};
  std::set<std::string> files;
  for (const auto& document : snapshot->model().documents) {
    if (files.insert(document.source->file).second) state.documents.push_back(*document.source);
  }
  return state;
}

Result<std::vector<Revision>> ModelChanges::revisions(const Asker& asker) const {
  auto applier = applier_of(asker, false);
  if (!applier) return pass(applier);
  return parts_.revisions.newest_first();
}

Result<std::vector<document::Source>> ModelChanges::documents_of(const Asker& asker, std::uint64_t revision) const {
  auto applier = applier_of(asker, false);
  if (!applier) return pass(applier);
  return parts_.revisions.documents_of(revision);
}

Result<PlanAnswer> ModelChanges::compare(const Asker& asker, std::uint64_t before, std::uint64_t after) const {
  const std::lock_guard lock(mutex_);
  auto applier = applier_of(asker, true);
  if (!applier) return pass(applier);
  auto old_documents = parts_.revisions.documents_of(before);
  if (!old_documents) return pass(old_documents);
  auto new_documents = parts_.revisions.documents_of(after);
  if (!new_documents) return pass(new_documents);
  const auto in_force = parts_.policy.current();
  auto old_model = loaded(*std::move(old_documents), in_force->model());
  if (!old_model) return pass(old_model);
  auto new_model = loaded(*std::move(new_documents), **old_model);
  if (!new_model) return pass(new_model);
  plan::Live nothing{{}, {}, parts_.clock.moment().reached};
  plan::Question question{.base = before,
                          .before = *std::move(old_model),
                          .after = *std::move(new_model),
                          .settings = in_force->settings(),
                          .live = nothing,
                          .applier = {{}, true, true},
                          .left_out = 0};
  auto plan = plan::made(question);
  plan.topics.clear();
  plan.tree.clear();
  return plan_answer(std::move(plan), std::nullopt, nothing.now);
}

}  // namespace myelin::governance
