#pragma once
// Access as a conversation: asked for, granted by whoever owns the product, renewed, and in an emergency taken and
// looked at afterwards.
//
// Threads: every function may be called from any thread that may block.
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "governance/access_request.h"
#include "governance/access_times.h"
#include "governance/measurement.h"
#include "governance/proposal_desk.h"
#include "governance/rule_counts.h"
#include "state/audit_log.h"

namespace myelin::governance {

class AccessDesk {
 public:
  struct Parts {
    ProposalDesk& desk;
    const Proposals& proposals;
    const PolicyHolder& policy;
    Measurement& measurement;
    RuleCounts& rule_counts;
    state::AuditLog& audit;
    const Clock& clock;
  };
  explicit AccessDesk(Parts parts) : parts_(parts) {}

  // Proposes the grant that would allow it. NotFound for what does not exist; Exists when there is one by that name;
  // Denied, with the message, where a rule of the Policy refuses it.
  [[nodiscard]] Result<ProposalAnswer> request(const Asker& asker, const AccessRequest& request);
  // Proposes a later end for a grant in force, or for one that is over. `until` is a date or a time.
  [[nodiscard]] Result<ProposalAnswer> renew(const Asker& asker, const std::string& grant, const std::string& until,
                                             std::string why);
  // Grants it for some hours, from now on and without the owner, whom it is put before afterwards. Denied where the
  // Policy does not allow it, and to who stands outside the application's squad. request.until is not read.
  [[nodiscard]] Result<ProposalAnswer> break_glass(const Asker& asker, AccessRequest request, int hours);

  // Of what the asker's squads asked for or own; of everything for platform.
  [[nodiscard]] AccessTimes times(const Asker& asker) const;
  // How often the glass was broken, and how much of it nobody has looked at yet.
  struct BrokenGlass {
    std::size_t times = 0;
    std::size_t unacknowledged = 0;
  };
  [[nodiscard]] BrokenGlass broken_glass() const;

 private:
  // Denied by a rule that blocks; else what those that warn say.
  [[nodiscard]] Result<std::vector<std::string>> rule_on(const Asker& asker, const AccessRequest& request) const;

  Parts parts_;
};

}  // namespace myelin::governance
