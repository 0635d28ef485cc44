#include "governance/throttle.h"

namespace myelin::governance {
namespace {

constexpr std::uint64_t kPerPercent = 1'000'000'000 / 100;  // nanoseconds of an event loop a second

double loop_share(const policy::ClientLimit& limit) { return limit.rate * static_cast<double>(kPerPercent); }

}  // namespace

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

std::chrono::milliseconds Throttle::produced(const policy::ClientLimit& limit, std::uint64_t bytes) {
  return take(client_produce_, limit, limit.rate, bytes);
}

std::chrono::milliseconds Throttle::fetched(const policy::ClientLimit& limit, std::uint64_t bytes) {
  return take(client_fetch_, limit, limit.rate, bytes);
}

std::chrono::milliseconds Throttle::owed(const policy::ClientLimit& limit) {
  return take(client_work_, limit, loop_share(limit), 0);
}

void Throttle::worked(const policy::ClientLimit& limit, std::chrono::nanoseconds spent) {
  (void)take(client_work_, limit, loop_share(limit), static_cast<std::uint64_t>(spent.count()));
}

std::chrono::milliseconds Throttle::owed(const policy::Snapshot& snapshot, const SquadName& squad) {
  const auto& percent = snapshot.quota(squad).request_time_percent;
  return percent ? take(work_, squad, *percent * kPerPercent, 0) : std::chrono::milliseconds(0);
}

void Throttle::worked(const policy::Snapshot& snapshot, const SquadName& squad, std::chrono::nanoseconds spent) {
  const auto& percent = snapshot.quota(squad).request_time_percent;
  if (percent) (void)take(work_, squad, *percent * kPerPercent, static_cast<std::uint64_t>(spent.count()));
}

bool Throttle::may_open(const std::string& ip, double rate) {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  return opened_.of({.rate = rate, .user = ip, .client_id = {}}, static_cast<std::uint64_t>(rate), now)
      .try_take(1, now);
}

std::chrono::milliseconds Throttle::take(ClientBuckets& buckets, const policy::ClientLimit& limit, double rate,
                                         std::uint64_t amount) {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  return buckets.of(limit, static_cast<std::uint64_t>(rate), now).take(amount, now);
}

std::chrono::milliseconds Throttle::take(Buckets& buckets, const SquadName& squad, std::uint64_t rate,
                                         std::uint64_t bytes) {
  const auto now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  auto [found, is_new] = buckets.try_emplace(squad, rate, now);
  if (found->second.rate() != rate) found->second.set_rate(rate, now);
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
