#include "governance/open_sessions.h"

#include <utility>
#include <vector>

namespace myelin::governance {

void OpenSessions::add(const Session& session, LookAgain look_again) {
  const std::lock_guard lock(mutex_);
  sessions_.insert_or_assign(&session, std::move(look_again));
}

void OpenSessions::remove(const Session& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(&session);
}

void OpenSessions::tell(std::uint64_t version) {
  std::vector<LookAgain> told;
  {
    const std::lock_guard lock(mutex_);
    if (version == told_) return;
    told_ = version;
    told.reserve(sessions_.size());
    for (const auto& [session, look_again] : sessions_) told.push_back(look_again);
  }
  for (const auto& look_again : told) look_again();
}

}  // namespace myelin::governance
