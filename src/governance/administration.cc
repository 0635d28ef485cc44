#include "governance/administration.h"

#include <future>

namespace myelin::governance {
namespace {

state::AuditRecord intent_of(const Asker& asker, std::string_view operation, const PrincipalName& principal) {
  return {.principal = asker.principal.text(),
          .operation = std::string(operation),
          .resource = "principal " + principal.text(),
          .peer = asker.peer};
}

Result<std::uint64_t> wait_for_intent(state::AuditLog& audit, const state::AuditRecord& intent) {
  auto done = std::make_shared<std::promise<Result<std::uint64_t>>>();
  auto waited = done->get_future();
  audit.intend(intent, [done](Result<std::uint64_t> id) { done->set_value(std::move(id)); });
  return waited.get();
}

}  // namespace

template <typename Act>
Result<void> Administration::audited(const Asker& asker, std::string_view operation, const PrincipalName& principal,
                                     Act act) {
  const auto intent = intent_of(asker, operation, principal);
  auto id = wait_for_intent(audit_, intent);
  if (!id) return pass(id);
  auto outcome = act();
  audit_.conclude(*id, intent, outcome ? "done" : outcome.error().message);
  return outcome;
}

Result<void> Administration::require_platform(const Asker& asker, std::string_view operation,
                                              const PrincipalName& principal) const {
  if (policy_.current()->subject(asker.principal).platform) return {};
  auto denial = intent_of(asker, operation, principal);
  denial.kind = state::AuditKind::Denial;
  denial.result = "only the role platform may do this";
  audit_.note(denial);
  return fail(Code::Denied, "{} {}: only the role platform may do this; ask a member of the platform group", operation,
              principal.text());
}

Result<void> Administration::enrol(const std::string& peer, std::string_view token, const PrincipalName& principal,
                                   std::string_view password) {
  const Asker asker{principal, peer};
  auto checked = enrolment_.check(token);
  if (!checked) {
    auto refused = intent_of(asker, "enrol", principal);
    refused.kind = state::AuditKind::SignIn;
    refused.result = "refused: wrong or old token";
    audit_.note(refused);
    return checked;
  }
  return audited(asker, "enrol", principal, [&]() -> Result<void> {
    auto added = credentials_.add(principal, password);
    if (!added) return added;
    auto completed = enrolment_.complete(principal);
    if (completed) policy_.add_platform_principal(principal);
    return completed;
  });
}

Result<void> Administration::add(const Asker& asker, const PrincipalName& principal, std::string_view password) {
  auto allowed = require_platform(asker, "add principal", principal);
  if (!allowed) return allowed;
  return audited(asker, "add principal", principal, [&] { return credentials_.add(principal, password); });
}

Result<void> Administration::rotate(const Asker& asker, const PrincipalName& principal, std::string_view password) {
  if (asker.principal != principal) {
    auto allowed = require_platform(asker, "rotate password", principal);
    if (!allowed) return allowed;
  }
  return audited(asker, "rotate password", principal, [&] { return credentials_.rotate(principal, password); });
}

Result<void> Administration::confirm(const Asker& asker, const PrincipalName& principal) {
  if (asker.principal != principal) {
    auto allowed = require_platform(asker, "confirm password", principal);
    if (!allowed) return allowed;
  }
  return audited(asker, "confirm password", principal, [&] { return credentials_.confirm(principal); });
}

Result<void> Administration::remove(const Asker& asker, const PrincipalName& principal) {
  auto allowed = require_platform(asker, "remove principal", principal);
  if (!allowed) return allowed;
  return audited(asker, "remove principal", principal, [&] { return credentials_.remove(principal); });
}

Result<std::vector<CredentialSummary>> Administration::list(const Asker& asker) const {
  auto allowed = require_platform(asker, "list principals", PrincipalName("*"));
  if (!allowed) return pass(allowed);
  return credentials_.list();
}

}  // namespace myelin::governance
