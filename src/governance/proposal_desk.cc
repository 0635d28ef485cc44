#include "governance/proposal_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "governance/access_request.h"
#include "governance/product_acts.h"

namespace myelin::governance {
namespace {

constexpr int kTries = 3;  // when others apply in between
constexpr std::size_t kReasonBytesMax = 1000;

bool has(const std::vector<SquadName>& squads, const SquadName& squad) {
  return std::ranges::find(squads, squad) != squads.end();
}

std::string text_of(const KeptProposal& proposal) { return "proposal " + proposal.id; }

// As the audit log names it.
std::string operation_of(const KeptProposal& proposal) {
  if (proposal.claim) return "claim";
  return proposal.access ? std::string(name_of(proposal.access->kind)) : "propose";
}

// What waits for a squad waits for it by the name that it had when it was proposed.
std::vector<SquadName> with_former_names(const model::Model& model, std::vector<SquadName> squads) {
  for (const auto& [former, today] : model.former_squads) {
    if (has(squads, today) && !has(squads, former)) squads.push_back(former);
  }
  return squads;
}

// Of a claim: whether the squad that stands in for the platform group agreed, or asks itself.
bool is_settled(const KeptProposal& proposal, const std::vector<SquadName>& squads_of_author) {
  if (!proposal.claim || proposal.claim->settler.empty()) return false;
  const auto& settler = proposal.claim->settler;
  return has(squads_of_author, settler) || proposal.is_agreed_by(settler);
}

// Whom the missing consents are asked of: who settles a claim, where they are the platform group's.
std::vector<plan::Consent> asked_of(const KeptProposal& proposal, const std::vector<plan::Consent>& missing) {
  if (!proposal.claim || proposal.claim->settler.empty()) return missing;
  std::set<plan::Consent> asked;
  for (const auto& consent : missing) {
    const auto& squad = consent.squad.empty() ? proposal.claim->settler : consent.squad;
    asked.insert({squad, consent.why});
  }
  return {asked.begin(), asked.end()};
}

}  // namespace

Standing ProposalDesk::standing_of(const PrincipalName& principal) const {
  const auto snapshot = policy_.current();
  auto standing = governance::standing_of(*snapshot, principal);
  standing.squads = with_former_names(snapshot->model(), std::move(standing.squads));
  return standing;
}

Result<KeptProposal> ProposalDesk::waiting_one(const std::string& id) const {
  auto proposal = proposals_.at(id);
  if (!proposal) return proposal;
  if (proposal->state == ProposalState::Open || proposal->is_unacknowledged()) return proposal;
  return fail(Code::Exists, "proposal {} is {}, not open", id, name_of(proposal->state));
}

Result<Proposal> ProposalDesk::documents_of(const KeptProposal& kept) const {
  auto files = proposals_.documents_of(kept);
  if (!files) return pass(files);
  Proposal proposal{*std::move(files), kept.allow_delete, {}};
  for (const auto& say : kept.agreed) proposal.consenting.insert(say.squad);
  proposal.stands_in_for_platform = is_settled(kept, standing_of(kept.author).squads);
  if (kept.access && kept.access->kind == AccessKind::BreakGlass) {
    for (const auto& consent : kept.needed) proposal.consenting.insert(consent.squad);
  }
  return proposal;
}

Result<PlanAnswer> ProposalDesk::plan_of(const KeptProposal& proposal) const {
  auto documents = documents_of(proposal);
  if (!documents) return pass(documents);
  return changes_.plan({proposal.author, ""}, *std::move(documents));
}

Result<KeptProposal> ProposalDesk::kept(const Asker& asker, KeptProposal proposal, const PlanAnswer& plan,
                                        const std::vector<document::Source>& files) {
  proposal.time = clock_.wall();
  proposal.author = asker.principal;
  proposal.needed = asked_of(proposal, plan.plan.missing);
  const Change change{asker, operation_of(proposal), fmt::format("plan {}", plan.plan.id)};
  auto id = audited(audit_, change, [&] { return proposals_.add(std::move(proposal), files); });
  if (!id) return pass(id);
  return proposals_.at(*id);
}

Result<ProposalAnswer> ProposalDesk::propose(const Asker& asker, Proposal proposal, std::string message,
                                             std::string commit) {
  auto plan = changes_.plan(asker, proposal);
  if (!plan) return pass(plan);
  if (plan->plan.missing.empty()) {
    return fail(Code::Invalid, "no consent is missing: it can be applied as it is{}",
                plan->plan.refusals.empty() ? "" : ", once this is settled: " + plan->plan.refusals.front());
  }
  KeptProposal draft;
  draft.message = std::move(message);
  draft.commit = std::move(commit);
  draft.allow_delete = proposal.allow_delete;
  auto added = kept(asker, std::move(draft), *plan, proposal.files);
  if (!added) return pass(added);
  return ProposalAnswer{*std::move(added), *std::move(plan), std::nullopt};
}

Result<ProposalAnswer> ProposalDesk::ask(const Asker& asker, AccessSubject access, document::Source grant,
                                         std::string why) {
  const std::lock_guard lock(mutex_);
  const Proposal proposal{{std::move(grant)}, false, {}};
  auto plan = changes_.plan(asker, proposal);
  if (!plan) return pass(plan);
  const bool breaks_glass = access.kind == AccessKind::BreakGlass;
  if (breaks_glass && plan->plan.missing.empty()) {
    return fail(Code::Invalid,
                "nobody else's consent is missing: ask with `myelin request`, and it is granted at once");
  }
  KeptProposal draft;
  draft.message = std::move(why);
  draft.access = std::move(access);
  return put_forward(asker, std::move(draft), proposal, *std::move(plan));
}

Result<ProposalAnswer> ProposalDesk::claim(const Asker& asker, ClaimSubject claim, std::vector<document::Source> files,
                                           std::string why) {
  const std::lock_guard lock(mutex_);
  KeptProposal draft;
  draft.message = std::move(why);
  draft.claim = std::move(claim);
  Proposal proposal{std::move(files), false, {}};
  proposal.stands_in_for_platform = is_settled(draft, standing_of(asker.principal).squads);
  auto plan = changes_.plan(asker, proposal);
  if (!plan) return pass(plan);
  return put_forward(asker, std::move(draft), proposal, *std::move(plan));
}

// Applied at once when nobody else's consent is missing, and access that is taken.
Result<ProposalAnswer> ProposalDesk::put_forward(const Asker& asker, KeptProposal draft, const Proposal& proposal,
                                                 PlanAnswer plan) {
  const bool breaks_glass = draft.access && draft.access->kind == AccessKind::BreakGlass;
  if (plan.plan.missing.empty()) {
    for (const auto& change : plan.plan.entities)
      std::ranges::move(says_of(asker, change.consents), std::back_inserter(draft.agreed));
  }
  auto added = kept(asker, std::move(draft), plan, proposal.files);
  if (!added) return pass(added);
  if (breaks_glass || added->needed.empty()) return apply_if_agreed(asker, *std::move(added));
  return ProposalAnswer{*std::move(added), std::move(plan), std::nullopt};
}

Result<std::vector<KeptProposal>> ProposalDesk::inbox(const Asker& asker) const {
  const auto standing = standing_of(asker.principal);
  std::vector<KeptProposal> found;
  for (auto& proposal : proposals_.newest_first()) {
    const bool is_open = proposal.state == ProposalState::Open;
    if (!is_open && !proposal.is_unacknowledged()) continue;
    const bool waits = std::ranges::any_of(proposal.needed, [&](const plan::Consent& consent) {
      return has(standing.squads, consent.squad) && !proposal.is_agreed_by(consent.squad);
    });
    const bool is_told = is_open && proposal.claim && proposal.claim->tells(standing.squads);
    if (waits || is_told || standing.is_platform || (is_open && proposal.author == asker.principal)) {
      found.push_back(std::move(proposal));
    }
  }
  return found;
}

Result<ProposalAnswer> ProposalDesk::at(const Asker& asker, const std::string& id) const {
  const auto standing = standing_of(asker.principal);
  if (standing.squads.empty() && !standing.is_platform) {
    return fail(Code::Denied, "{} stands in no squad: only people who do, and the platform group, see proposals",
                asker.principal.text());
  }
  auto proposal = proposals_.at(id);
  if (!proposal) return pass(proposal);
  if (proposal->state != ProposalState::Open) return ProposalAnswer{*std::move(proposal), std::nullopt, std::nullopt};
  auto plan = plan_of(*proposal);
  if (!plan) return pass(plan);
  return ProposalAnswer{*std::move(proposal), *std::move(plan), std::nullopt};
}

std::vector<Say> ProposalDesk::says_of(const Asker& asker, const std::vector<plan::Consent>& consents) const {
  std::vector<Say> says;
  for (auto& squad : standing_of(asker.principal).spoken_for(consents)) {
    says.push_back({std::move(squad), asker.principal, clock_.wall()});
  }
  return says;
}

// Access is about one product, whatever became of its plan.
std::vector<state::AuditedAct> ProposalDesk::acts_of(const Asker& asker, const KeptProposal& proposal,
                                                     const std::optional<PlanAnswer>& plan) const {
  const auto snapshot = policy_.current();
  const Actor actor{*snapshot, asker.principal};
  if (proposal.access) return acts_of_answer(actor, proposal.access->product, proposal.needed);
  return plan ? acts_of_answer(actor, plan->plan) : std::vector<state::AuditedAct>();
}

Result<ProposalAnswer> ProposalDesk::agree(const Asker& asker, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto proposal = waiting_one(id);
  if (!proposal) return pass(proposal);
  std::vector<Say> says;
  std::optional<PlanAnswer> plan;
  if (proposal->is_unacknowledged()) {
    says = says_of(asker, proposal->needed);
  } else {
    auto made = plan_of(*proposal);
    if (!made) return pass(made);
    plan = *std::move(made);
    says = says_of(asker, asked_of(*proposal, plan->plan.missing));
  }
  const Change change{asker, "approve", text_of(*proposal), acts_of(asker, *proposal, plan)};
  if (says.empty()) {
    auto denial = record_of(change);
    denial.kind = state::AuditKind::Denial;
    denial.result = "it waits for none of the asker's squads";
    audit_.note(denial);
    return fail(Code::Denied, "proposal {} waits for none of your squads", id);
  }
  if (auto holds = check_claim(*proposal); !holds) return pass(holds);
  return audited(audit_, change, [&]() -> Result<ProposalAnswer> {
    std::ranges::move(says, std::back_inserter(proposal->agreed));
    if (auto kept = proposals_.replace(*proposal); !kept) return pass(kept);
    if (proposal->state == ProposalState::Applied)
      return ProposalAnswer{*std::move(proposal), std::nullopt, std::nullopt};
    return apply_if_agreed(asker, *std::move(proposal));
  });
}

// The documents of a claim let those go on who were seen when it was made.
Result<void> ProposalDesk::check_claim(const KeptProposal& proposal) const {
  if (!proposal.claim) return {};
  auto documents = documents_of(proposal);
  if (!documents) return pass(documents);
  const auto& topic = proposal.claim->topic;
  auto users = changes_.shut_out(*std::move(documents), topic);
  if (!users) return pass(users);
  if (users->empty()) return {};
  return fail(Code::Exists, "{} came to use topic {} since it was claimed, and would be refused: claim it again",
              users->front().text(), topic.text());
}

// In the author's name: what they may and what others agreed to, together.
Result<ProposalAnswer> ProposalDesk::apply_if_agreed(const Asker& asker, KeptProposal proposal) {
  for (int attempt = 1;; ++attempt) {
    auto plan = plan_of(proposal);
    if (!plan) return pass(plan);
    if (!plan->plan.refusals.empty()) return ProposalAnswer{std::move(proposal), *std::move(plan), std::nullopt};
    auto documents = documents_of(proposal);
    if (!documents) return pass(documents);
    auto applied = changes_.apply({proposal.author, asker.peer}, *std::move(documents),
                                  {plan->plan.id, proposal.message, proposal.commit});
    if (!applied && applied.error().code == Code::Exists && attempt < kTries) continue;
    if (!applied) return pass(applied);
    proposal.revision = applied->revision;
    auto ended = end(asker, std::move(proposal), ProposalState::Applied);
    if (!ended) return ended;
    ended->applied = *std::move(applied);
    return ended;
  }
}

Result<ProposalAnswer> ProposalDesk::end(const Asker& asker, KeptProposal proposal, ProposalState state) {
  proposal.state = state;
  proposal.ended = Say{{}, asker.principal, clock_.wall()};
  if (auto kept = proposals_.replace(proposal); !kept) return pass(kept);
  return ProposalAnswer{std::move(proposal), std::nullopt, std::nullopt};
}

Result<ProposalAnswer> ProposalDesk::reject(const Asker& asker, const std::string& id, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (reason.empty() || reason.size() > kReasonBytesMax) {
    return fail(Code::Invalid, "say why, in at most {} bytes: the author reads it", kReasonBytesMax);
  }
  auto proposal = waiting_one(id);
  if (!proposal) return pass(proposal);
  const auto standing = standing_of(asker.principal);
  const bool may =
      standing.is_platform ||
      std::ranges::any_of(proposal->needed,
                          [&](const plan::Consent& consent) { return has(standing.squads, consent.squad); }) ||
      (proposal->claim && proposal->claim->tells(standing.squads));
  if (!may) return fail(Code::Denied, "proposal {} waits for none of your squads", id);
  std::optional<PlanAnswer> plan;  // none of documents that make no model by now
  if (auto made = plan_of(*proposal); made) plan = *std::move(made);
  return audited(audit_, {asker, "reject", text_of(*proposal), acts_of(asker, *proposal, plan)}, [&] {
    proposal->reason = std::move(reason);
    if (proposal->state == ProposalState::Applied) return take_back(asker, *std::move(proposal));
    return end(asker, *std::move(proposal), ProposalState::Rejected);
  });
}

// Access that was taken by breaking the glass ends at once.
Result<ProposalAnswer> ProposalDesk::take_back(const Asker& asker, KeptProposal proposal) {
  for (int attempt = 1;; ++attempt) {
    auto grant = withdrawn(policy_.current()->model(), proposal.access->grant);
    if (!grant) return pass(grant);
    const Proposal ending{{*std::move(grant)}, false, {}};
    auto plan = changes_.plan(asker, ending);
    if (!plan) return pass(plan);
    auto applied = changes_.apply(asker, ending,
                                  {plan->plan.id, "Ends what was taken by breaking the glass: " + proposal.reason, ""});
    if (!applied && applied.error().code == Code::Exists && attempt < kTries) continue;
    if (!applied) return pass(applied);
    proposal.revision = applied->revision;
    auto ended = end(asker, std::move(proposal), ProposalState::Rejected);
    if (ended) ended->applied = *std::move(applied);
    return ended;
  }
}

Result<ProposalAnswer> ProposalDesk::withdraw(const Asker& asker, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto proposal = waiting_one(id);
  if (!proposal) return pass(proposal);
  if (proposal->state != ProposalState::Open) {
    return fail(Code::Exists, "proposal {} is {}, not open", id, name_of(proposal->state));
  }
  if (proposal->author != asker.principal) return fail(Code::Denied, "proposal {} is not your own", id);
  return audited(audit_, {asker, "withdraw", text_of(*proposal)},
                 [&] { return end(asker, *std::move(proposal), ProposalState::Withdrawn); });
}

}  // namespace myelin::governance
