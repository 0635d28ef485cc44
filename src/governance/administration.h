#pragma once
// Administrative changes that come over HTTP: enrolment and principals. Each writes its intent to the audit log before
// and its outcome after. Who may: `platform`; the first enrolment needs the one-time token of a first start.
//
// Threads: every function may be called from any thread that may block.
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "governance/audited_change.h"
#include "governance/credentials.h"
#include "governance/enrolment.h"
#include "governance/policy_holder.h"
#include "state/audit_log.h"

namespace myelin::governance {

class Administration {
 public:
  Administration(Credentials& credentials, Enrolment& enrolment, PolicyHolder& policy, state::AuditLog& audit)
      : credentials_(credentials), enrolment_(enrolment), policy_(policy), audit_(audit) {}

  // True until the first principal is enrolled: everything else over HTTP is refused.
  [[nodiscard]] bool needs_enrolment() const { return enrolment_.is_open(); }
  // Uses the one-time token: the principal gets this password and acts as platform from now on.
  [[nodiscard]] Result<void> enrol(const std::string& peer, std::string_view token, const PrincipalName& principal,
                                   std::string_view password);

  [[nodiscard]] Result<void> add(const Asker& asker, const PrincipalName& principal, std::string_view password);
  // Platform, or the principal itself.
  [[nodiscard]] Result<void> rotate(const Asker& asker, const PrincipalName& principal, std::string_view password);
  [[nodiscard]] Result<void> confirm(const Asker& asker, const PrincipalName& principal);
  [[nodiscard]] Result<void> remove(const Asker& asker, const PrincipalName& principal);
  [[nodiscard]] Result<std::vector<CredentialSummary>> list(const Asker& asker) const;

 private:
  Credentials& credentials_;
  Enrolment& enrolment_;
  PolicyHolder& policy_;
  state::AuditLog& audit_;
};

}  // namespace myelin::governance
