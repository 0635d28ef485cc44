#include "state/audit_budget.h"

#include <utility>

namespace myelin::state {
namespace {

constexpr auto kWindow = std::chrono::minutes(1);
const std::string kEverybodyElse;

}  // namespace

std::optional<std::int64_t> AuditBudget::take(const std::string& party, MonotonicTime now) {
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
  return std::exchange(used.left_out, 0);
}

AuditBudget::Used& AuditBudget::used_by(const std::string& party, MonotonicTime now) {
  if (const auto found = used_.find(party); found != used_.end()) return found->second;
  if (used_.size() >= kPartiesMax) {
    std::erase_if(
        used_, [now](const auto& entry) { return now - entry.second.since >= kWindow && entry.second.left_out == 0; });
  }
  const bool has_room = used_.size() < kPartiesMax;
  return used_.try_emplace(has_room ? party : kEverybodyElse, Used{.since = now}).first->second;
}

}  // namespace myelin::state
