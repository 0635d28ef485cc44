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

namespace myelin::governance {

// What is asked for when somebody wants to read a product.
struct AccessRequest {
  ProductName product;
  std::string port;  // empty: the product's only one
  ApplicationName application;
  std::string purpose;
  std::string until;  // as in a grant: a date or a time; empty: open-ended
};

struct ProposalAnswer {
  KeptProposal proposal;
  std::optional<PlanAnswer> plan;  // of an open one: what it would do now
  std::optional<Applied> applied;  // with this very consent
};

class ProposalDesk {
 public:
  ProposalDesk(ModelChanges& changes, Proposals& proposals, const PolicyHolder& policy, state::AuditLog& audit,
               const Clock& clock)
      : changes_(changes), proposals_(proposals), policy_(policy), audit_(audit), clock_(clock) {}

  // Invalid when nothing is missing: then it can be applied.
  [[nodiscard]] Result<ProposalAnswer> propose(const Asker& asker, Proposal proposal, std::string message,
                                               std::string commit);
  // Proposes the grant that would allow it. NotFound for what does not exist; Exists when there is one by that name.
  [[nodiscard]] Result<ProposalAnswer> request(const Asker& asker, const AccessRequest& request);

  // Open ones that wait for the asker's squads, or all of them for platform; and the asker's own. Newest first.
  [[nodiscard]] Result<std::vector<KeptProposal>> inbox(const Asker& asker) const;
  [[nodiscard]] Result<ProposalAnswer> at(const Asker& asker, const std::string& id) const;

  // Denied when it does not wait for any of the asker's squads; Exists when it is no longer open.
  [[nodiscard]] Result<ProposalAnswer> agree(const Asker& asker, const std::string& id);
  [[nodiscard]] Result<ProposalAnswer> reject(const Asker& asker, const std::string& id, std::string reason);
  // Only its author.
  [[nodiscard]] Result<ProposalAnswer> withdraw(const Asker& asker, const std::string& id);

 private:
  struct Standing {
    std::vector<SquadName> squads;
    bool is_platform = false;
  };
  [[nodiscard]] Standing standing_of(const PrincipalName& principal) const;
  [[nodiscard]] Result<KeptProposal> open_one(const std::string& id) const;
  [[nodiscard]] Result<PlanAnswer> plan_of(const KeptProposal& proposal) const;
  [[nodiscard]] Result<Proposal> documents_of(const KeptProposal& proposal) const;
  [[nodiscard]] Result<ProposalAnswer> apply_if_agreed(const Asker& asker, KeptProposal proposal);
  [[nodiscard]] Result<ProposalAnswer> end(const Asker& asker, KeptProposal proposal, ProposalState state);

  ModelChanges& changes_;
  Proposals& proposals_;
  const PolicyHolder& policy_;
  state::AuditLog& audit_;
  const Clock& clock_;
  std::mutex mutex_;  // one decision at a time
};

}  // namespace myelin::governance
