#pragma once
// Grants that are looked at again: listed with what was read by them, confirmed by whoever would approve them. A grant
// that is due goes on: nothing ends by itself.
//
// Threads: every function may be called from any thread that may block.
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "governance/audited_change.h"
#include "governance/measurement.h"
#include "governance/policy_holder.h"
#include "governance/recertifications.h"
#include "governance/revisions.h"
#include "state/audit_log.h"

namespace myelin::governance {

class RecertifyDesk {
 public:
  static constexpr std::size_t kReasonBytesMax = 1000;

  struct Parts {
    const PolicyHolder& policy;
    const Revisions& revisions;
    Recertifications& confirmed;
    Measurement& measurement;
    state::AuditLog& audit;
    const Clock& clock;
  };
  explicit RecertifyDesk(Parts parts) : parts_(parts) {}

  struct Item {
    GrantStanding standing;
    std::string patch;  // takes the grant away; empty where no edit does it
  };
  // Live grants of products that the asker's squads own, all of them for platform.
  [[nodiscard]] Result<std::vector<Item>> grants(const Asker& asker) const;
  // Those that are due; empty, without a look at anything, where the Policy declares no recertify_days.
  [[nodiscard]] Result<std::vector<Item>> due(const Asker& asker) const;

  // It stays, from now on for another recertify_days. NotFound, with the nearest name, for an unknown grant; Invalid
  // for one that allows nothing now; Denied for who could not approve it, as whoever reads by it.
  [[nodiscard]] Result<Item> recertify(const Asker& asker, const std::string& grant, std::string reason);

 private:
  [[nodiscard]] Result<std::vector<GrantStanding>> standings(const model::Model& model) const;

  Parts parts_;
};

}  // namespace myelin::governance
