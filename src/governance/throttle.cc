#include "governance/throttle.h"

namespace myelin::governance {

std::chrono::milliseconds Throttle::produced(const policy::Snapshot& snapshot, const SquadName& squad,
                                             std::uint64_t bytes) {
  const auto& rate = snapshot.quota(squad).produce_bytes_per_second;
  return rate ? take(produce_, squad, *rate, bytes) : std::chrono::milliseconds(0);
}

std::chrono::milliseconds Throttle::fetched(const policy::Snapshot& snapshot, const SquadName& squad,
                                            std::uint64_t bytes) {
  const auto& rate = snapshot.quota(squad).fetch_bytes_per_second;
  return rate ? take(fetch_, squad, *rate, bytes) : std::chrono::milliseconds(0);
}

std::chrono::milliseconds Throttle::take(Buckets& buckets, const SquadName& squad, std::uint64_t rate,
                                         std::uint64_t bytes) {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  auto [found, is_new] = buckets.try_emplace(squad, rate, now);
  if (found->second.bytes_per_second() != rate) found->second.set_rate(rate, now);
  return found->second.take(bytes, now);
}

Result<void> Throttle::connected(const policy::Snapshot& snapshot, const SquadName& squad) {
  const auto& most = snapshot.quota(squad).connections_max;
  const std::lock_guard lock(mutex_);
  auto& count = connections_[squad];
  if (most && count >= *most) {
    return fail(Code::Unavailable, "squad \"{}\" has {} connections, as many as its quota allows", squad.text(), count);
  }
  ++count;
  return {};
}

void Throttle::disconnected(const SquadName& squad) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(squad);
  if (found != connections_.end() && --found->second == 0) connections_.erase(found);
}

}  // namespace myelin::governance
