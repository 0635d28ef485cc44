#include "governance/proposal_desk.h"

#include <algorithm>
#include <utility>

#include "governance/access_request.h"

namespace myelin::governance {
namespace {

constexpr int kTries = 3;  // when others apply in between
constexpr std::size_t kReasonBytesMax = 1000;

bool has(const std::vector<SquadName>& squads, const SquadName& squad) {
  return std::ranges::find(squads, squad) != squads.end();
}

bool agreed(const KeptProposal& proposal, const SquadName& squad) {
  return std::ranges::any_of(proposal.agreed, [&](const Say& say) { return say.squad == squad || say.squad.empty(); });
}

std::string text_of(const KeptProposal& proposal) { return "proposal " + proposal.id; }

}  // namespace

ProposalDesk::Standing ProposalDesk::standing_of(const PrincipalName& principal) const {
  const auto snapshot = policy_.current();
  return {squads_of_person(snapshot->model(), principal),
          snapshot->settings().dev_mode || snapshot->subject(principal).platform};
}

Result<KeptProposal> ProposalDesk::open_one(const std::string& id) const {
  auto proposal = proposals_.at(id);
  if (!proposal) return proposal;
  if (proposal->state == ProposalState::Open) return proposal;
  return fail(Code::Exists, "proposal {} is {}, not open", id, name_of(proposal->state));
}

Result<Proposal> ProposalDesk::documents_of(const KeptProposal& kept) const {
  auto files = proposals_.documents_of(kept);
  if (!files) return pass(files);
  Proposal proposal{*std::move(files), kept.allow_delete, {}};
  for (const auto& say : kept.agreed) proposal.consenting.insert(say.squad);
  return proposal;
}

Result<PlanAnswer> ProposalDesk::plan_of(const KeptProposal& proposal) const {
  auto documents = documents_of(proposal);
  if (!documents) return pass(documents);
  return changes_.plan({proposal.author, ""}, *std::move(documents));
}

Result<ProposalAnswer> ProposalDesk::propose(const Asker& asker, Proposal proposal, std::string message,
                                             std::string commit) {
  auto plan = changes_.plan(asker, proposal);
  if (!plan) return pass(plan);
  if (plan->plan.missing.empty()) {
    return fail(Code::Invalid, "no consent is missing: it can be applied as it is{}",
                plan->plan.refusals.empty() ? "" : ", once this is settled: " + plan->plan.refusals.front());
  }
  KeptProposal kept;
  kept.time = clock_.wall();
  kept.author = asker.principal;
  kept.message = std::move(message);
  kept.commit = std::move(commit);
  kept.allow_delete = proposal.allow_delete;
  kept.needed = plan->plan.missing;
  const Change change{asker, "propose", fmt::format("plan {}", plan->plan.id)};
  auto id = audited(audit_, change, [&] { return proposals_.add(std::move(kept), proposal.files); });
  if (!id) return pass(id);
  auto added = proposals_.at(*id);
  if (!added) return pass(added);
  return ProposalAnswer{*std::move(added), *std::move(plan), std::nullopt};
}

Result<ProposalAnswer> ProposalDesk::request(const Asker& asker, const AccessRequest& request) {
  auto document = grant_for(request, policy_.current()->model());
  if (!document) return pass(document);
  return propose(asker, {{*std::move(document)}, false, {}}, request.purpose, "");
}

Result<std::vector<KeptProposal>> ProposalDesk::inbox(const Asker& asker) const {
  const auto standing = standing_of(asker.principal);
  std::vector<KeptProposal> found;
  for (auto& proposal : proposals_.newest_first()) {
    if (proposal.state != ProposalState::Open) continue;
    const bool waits = std::ranges::any_of(proposal.needed, [&](const plan::Consent& consent) {
      return has(standing.squads, consent.squad) && !agreed(proposal, consent.squad);
    });
    if (waits || standing.is_platform || proposal.author == asker.principal) found.push_back(std::move(proposal));
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

Result<ProposalAnswer> ProposalDesk::agree(const Asker& asker, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto proposal = open_one(id);
  if (!proposal) return pass(proposal);
  auto plan = plan_of(*proposal);
  if (!plan) return pass(plan);
  const auto standing = standing_of(asker.principal);
  std::vector<Say> says;
  for (const auto& consent : plan->plan.missing) {
    const bool is_own = has(standing.squads, consent.squad);
    if (!is_own && !standing.is_platform) continue;
    const Say say{is_own ? consent.squad : SquadName(), asker.principal, clock_.wall()};
    if (std::ranges::find(says, say.squad, &Say::squad) == says.end()) says.push_back(say);
  }
  const Change change{asker, "approve", text_of(*proposal)};
  if (says.empty()) {
    auto denial = record_of(change);
    denial.kind = state::AuditKind::Denial;
    denial.result = "it waits for none of the asker's squads";
    audit_.note(denial);
    return fail(Code::Denied, "proposal {} waits for none of your squads", id);
  }
  return audited(audit_, change, [&]() -> Result<ProposalAnswer> {
    std::ranges::move(says, std::back_inserter(proposal->agreed));
    if (auto kept = proposals_.replace(*proposal); !kept) return pass(kept);
    return apply_if_agreed(asker, *std::move(proposal));
  });
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
  auto proposal = open_one(id);
  if (!proposal) return pass(proposal);
  const auto standing = standing_of(asker.principal);
  const bool may = standing.is_platform || std::ranges::any_of(proposal->needed, [&](const plan::Consent& consent) {
                     return has(standing.squads, consent.squad);
                   });
  if (!may) return fail(Code::Denied, "proposal {} waits for none of your squads", id);
  return audited(audit_, {asker, "reject", text_of(*proposal)}, [&] {
    proposal->reason = std::move(reason);
    return end(asker, *std::move(proposal), ProposalState::Rejected);
  });
}

Result<ProposalAnswer> ProposalDesk::withdraw(const Asker& asker, const std::string& id) {
  const std::lock_guard lock(mutex_);
  auto proposal = open_one(id);
  if (!proposal) return pass(proposal);
  if (proposal->author != asker.principal) return fail(Code::Denied, "proposal {} is not your own", id);
  return audited(audit_, {asker, "withdraw", text_of(*proposal)},
                 [&] { return end(asker, *std::move(proposal), ProposalState::Withdrawn); });
}

}  // namespace myelin::governance
