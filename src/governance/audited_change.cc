#include "governance/audited_change.h"

#include <future>
#include <memory>

namespace myelin::governance {

state::AuditRecord record_of(const Change& change) {
  return {.principal = change.asker.principal.text(),
          .operation = change.operation,
          .resource = change.resource,
          .peer = change.asker.peer,
          .acts = change.acts};
}

Result<void> require_platform(const PolicyHolder& policy, state::AuditLog& audit, const Change& change) {
  const auto snapshot = policy.current();
  if (snapshot->settings().dev_mode || snapshot->subject(change.asker.principal).platform) return {};
  auto denial = record_of(change);
  denial.kind = state::AuditKind::Denial;
  denial.result = "only the role platform may do this";
  audit.note(denial);
  return fail(Code::Denied, "{}, {}: only the role platform may do this; ask a member of the platform group",
              change.operation, change.resource);
}

Result<std::uint64_t> intend(state::AuditLog& audit, const Change& change) {
  auto done = std::make_shared<std::promise<Result<std::uint64_t>>>();
  auto waited = done->get_future();
  audit.intend(record_of(change), [done](Result<std::uint64_t> id) { done->set_value(std::move(id)); });
  return waited.get();
}

}  // namespace myelin::governance
