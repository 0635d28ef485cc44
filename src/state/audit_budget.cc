#include "state/audit_budget.h"

#include <utility>

namespace myelin::state {
namespace {

constexpr auto kWindow = std::chrono::minutes(1);
const std::string kEverybodyElse;

}  // namespace

std::optional<AuditBudget::LeftOut> AuditBudget::take(const std::string& party, MonotonicTime now) {
  if (now - forgot_at_ >= kWindow) forget_all_but(party, now);
  auto& used = used_by(party, now);
  if (now - used.since >= kWindow) {
    used.since = now;
    used.records = 0;
  }
  if (used.records == kPerMinute) {
    ++used.left_out;
    return std::nullopt;
  }
  ++used.records;
  return LeftOut{std::exchange(used.left_out, 0), std::exchange(left_out_of_forgotten_, 0)};
}

AuditBudget::Used& AuditBudget::used_by(const std::string& party, MonotonicTime now) {
  if (const auto found = used_.find(party); found != used_.end()) return found->second;
  const bool has_room = used_.size() < kPartiesMax;
  return used_.try_emplace(has_room ? party : kEverybodyElse, Used{.since = now}).first->second;
}

// Whoever's minute is over, so that nobody can keep the room of others by coming once.
void AuditBudget::forget_all_but(const std::string& party, MonotonicTime now) {
  forgot_at_ = now;
  std::erase_if(used_, [&](const auto& entry) {
    const auto& [name, used] = entry;
    if (now - used.since < kWindow || name == party) return false;
    left_out_of_forgotten_ += used.left_out;
    return true;
  });
}

}  // namespace myelin::state
