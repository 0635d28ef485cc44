#include "governance/held_back.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"

namespace myelin::governance {

void HeldBackLog::note(const SquadName& squad, std::string_view quota, std::chrono::milliseconds told, WallTime now) {
  const std::lock_guard lock(mutex_);
  auto& last = last_[{squad, quota}];
  if (last.answers > 0 && now - last.until > kPause) {
    if (over_.size() >= kRemembered) over_.pop_front();
    over_.push_back(std::exchange(last, HeldBack()));
  }
  if (last.answers == 0) {
    last = {.squad = squad, .quota = quota, .began = now, .until = now};
    log::info("a squad is over its quota and held back", {{"squad", squad.text()}, {"quota", quota}});
  }
  ++last.answers;
  last.until = std::max(last.until, now + told);
  last.longest = std::max(last.longest, told);
}

std::vector<HeldBack> HeldBackLog::newest_first() const {
  const std::lock_guard lock(mutex_);
  std::vector<HeldBack> all(over_.begin(), over_.end());
  for (const auto& [key, last] : last_) all.push_back(last);
  std::ranges::sort(all, [](const HeldBack& one, const HeldBack& other) {
    return std::tie(other.began, one.squad, one.quota) < std::tie(one.began, other.squad, other.quota);
  });
  return all;
}

}  // namespace myelin::governance
