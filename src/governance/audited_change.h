#pragma once
// A change of the control plane as the audit log sees it: intent before, outcome after; a refusal is one record.
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "governance/policy_holder.h"
#include "state/audit_log.h"

namespace myelin::governance {

// Who asks, and from where.
struct Asker {
  PrincipalName principal;
  std::string peer;  // address
};

struct Change {
  const Asker& asker;
  std::string operation;  // "add principal"
  std::string resource;   // "principal till-app"
  std::vector<state::AuditedAct> acts = {};
};

// What the audit log is told of it; its kind is Intent.
[[nodiscard]] state::AuditRecord record_of(const Change& change);

// Denied, and recorded as such, unless the asker has the role platform, as everybody has in dev mode.
[[nodiscard]] Result<void> require_platform(const PolicyHolder& policy, state::AuditLog& audit, const Change& change);

// Returns when the intent is on disk.
[[nodiscard]] Result<std::uint64_t> intend(state::AuditLog& audit, const Change& change);

// Runs `act`, which returns a Result, between intent and outcome. Without a durable intent nothing is done.
template <typename Act>
[[nodiscard]] auto audited(state::AuditLog& audit, const Change& change, Act act) -> decltype(act()) {
  auto id = intend(audit, change);
  if (!id) return pass(id);
  auto outcome = act();
  audit.conclude(*id, record_of(change), outcome ? "done" : outcome.error().message);
  return outcome;
}

}  // namespace myelin::governance
