#pragma once
// Changes that need more than their author's say: proposed, agreed to by those whose consent they need, and applied
// with the last of them. What comes of it is the same revision that an apply by somebody who may would make.
//
// Threads: every function may be called from any thread that may block.
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "governance/model_changes.h"
#include "governance/proposals.h"
#include "governance/standing.h"

namespace myelin::governance {

struct ProposalAnswer {
  KeptProposal proposal;
  std::optional<PlanAnswer> plan;  // of an open one: what it would do now
  std::optional<Applied> applied;  // with this very consent
  // Rules of the Policy at rung warn that what was asked does not obey, in their words; of a request for access.
  std::vector<std::string> warnings{};
};

class ProposalDesk {
 public:
  ProposalDesk(ModelChanges& changes, Proposals& proposals, const PolicyHolder& policy, state::AuditLog& audit,
               const Clock& clock)
      : changes_(changes), proposals_(proposals), policy_(policy), audit_(audit), clock_(clock) {}

  // Invalid when nothing is missing: then it can be applied.
  [[nodiscard]] Result<ProposalAnswer> propose(const Asker& asker, Proposal proposal, std::string message,
                                               std::string commit);
  // Access that is asked for. It is applied at once when the asker may, and when the glass is broken; then it still
  // waits for those whose consent it needed to look at it.
  [[nodiscard]] Result<ProposalAnswer> ask(const Asker& asker, AccessSubject access, document::Source grant,
                                           std::string why);

  // A topic that nobody declared, as a squad's own. It is applied at once when the asker may give every consent.
  [[nodiscard]] Result<ProposalAnswer> claim(const Asker& asker, ClaimSubject claim,
                                             std::vector<document::Source> files, std::string why);

  // What waits for the asker's squads or is told to them, or for anybody where the asker is platform; and the asker's
  // own that are open. Newest first.
  [[nodiscard]] Result<std::vector<KeptProposal>> inbox(const Asker& asker) const;
  [[nodiscard]] Result<ProposalAnswer> at(const Asker& asker, const std::string& id) const;

  // Denied when it does not wait for any of the asker's squads; Exists when it is no longer open, and for a claim that
  // would shut somebody out who came since.
  [[nodiscard]] Result<ProposalAnswer> agree(const Asker& asker, const std::string& id);
  [[nodiscard]] Result<ProposalAnswer> reject(const Asker& asker, const std::string& id, std::string reason);
  // Only its author.
  [[nodiscard]] Result<ProposalAnswer> withdraw(const Asker& asker, const std::string& id);

 private:
  [[nodiscard]] Standing standing_of(const PrincipalName& principal) const;
  [[nodiscard]] Result<KeptProposal> waiting_one(const std::string& id) const;
  [[nodiscard]] Result<PlanAnswer> plan_of(const KeptProposal& proposal) const;
  [[nodiscard]] Result<Proposal> documents_of(const KeptProposal& proposal) const;
  [[nodiscard]] std::vector<Say> says_of(const Asker& asker, const std::vector<plan::Consent>& consents) const;
  [[nodiscard]] std::vector<state::AuditedAct> acts_of(const Asker& asker, const KeptProposal& proposal,
                                                       const std::optional<PlanAnswer>& plan) const;
  [[nodiscard]] Result<ProposalAnswer> put_forward(const Asker& asker, KeptProposal draft, const Proposal& proposal,
                                                   PlanAnswer plan);
  [[nodiscard]] Result<void> check_claim(const KeptProposal& proposal) const;
  [[nodiscard]] Result<KeptProposal> kept(const Asker& asker, KeptProposal proposal, const PlanAnswer& plan,
                                          const std::vector<document::Source>& files);
  [[nodiscard]] Result<ProposalAnswer> apply_if_agreed(const Asker& asker, KeptProposal proposal);
  [[nodiscard]] Result<ProposalAnswer> take_back(const Asker& asker, KeptProposal proposal);
  [[nodiscard]] Result<ProposalAnswer> end(const Asker& asker, KeptProposal proposal, ProposalState state);

  ModelChanges& changes_;
  Proposals& proposals_;
  const PolicyHolder& policy_;
  state::AuditLog& audit_;
  const Clock& clock_;
  std::mutex mutex_;  // one decision at a time
};

}  // namespace myelin::governance
