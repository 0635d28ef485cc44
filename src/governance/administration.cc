#include "governance/administration.h"

namespace myelin::governance {
namespace {

Change change_of(const Asker& asker, std::string operation, const PrincipalName& principal) {
  return {asker, std::move(operation), "principal " + principal.text()};
}

}  // namespace

Result<void> Administration::enrol(const std::string& peer, std::string_view token, const PrincipalName& principal,
                                   std::string_view password) {
  const Asker asker{principal, peer};
  const auto change = change_of(asker, "enrol", principal);
  auto checked = enrolment_.check(token);
  if (!checked) {
    auto refused = record_of(change);
    refused.kind = state::AuditKind::RefusedSignIn;
    refused.result = "wrong or old token";
    audit_.note(refused);
    return checked;
  }
  return audited(audit_, change, [&]() -> Result<void> {
    auto added = credentials_.add(principal, password);
    if (!added) return added;
    auto completed = enrolment_.complete(principal);
    if (completed) policy_.add_platform_principal(principal);
    return completed;
  });
}

Result<void> Administration::add(const Asker& asker, const PrincipalName& principal, std::string_view password) {
  const auto change = change_of(asker, "add principal", principal);
  auto allowed = require_platform(policy_, audit_, change);
  if (!allowed) return allowed;
  return audited(audit_, change, [&] { return credentials_.add(principal, password); });
}

Result<void> Administration::rotate(const Asker& asker, const PrincipalName& principal, std::string_view password) {
  const auto change = change_of(asker, "rotate password", principal);
  if (asker.principal != principal) {
    auto allowed = require_platform(policy_, audit_, change);
    if (!allowed) return allowed;
  }
  return audited(audit_, change, [&] { return credentials_.rotate(principal, password); });
}

Result<void> Administration::confirm(const Asker& asker, const PrincipalName& principal) {
  const auto change = change_of(asker, "confirm password", principal);
  if (asker.principal != principal) {
    auto allowed = require_platform(policy_, audit_, change);
    if (!allowed) return allowed;
  }
  return audited(audit_, change, [&] { return credentials_.confirm(principal); });
}

Result<void> Administration::remove(const Asker& asker, const PrincipalName& principal) {
  const auto change = change_of(asker, "remove principal", principal);
  auto allowed = require_platform(policy_, audit_, change);
  if (!allowed) return allowed;
  return audited(audit_, change, [&] { return credentials_.remove(principal); });
}

Result<std::vector<CredentialSummary>> Administration::list(const Asker& asker) const {
  auto allowed = require_platform(policy_, audit_, change_of(asker, "list principals", PrincipalName("*")));
  if (!allowed) return pass(allowed);
  return credentials_.list();
}

}  // namespace myelin::governance
