#pragma once
// The throttle step: byte rates and connections per squad, and beside them the quotas of clients. An answer over the
// rate goes out at once with a throttle time, and its connection is mute for that long (KIP-219). Unknown principals
// share one squad, the empty one.
//
// Threads: every function may be called from any thread.
#include <chrono>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "governance/client_buckets.h"
#include "policy/client_quota.h"
#include "policy/quota.h"
#include "policy/snapshot.h"

namespace myelin::governance {

class Throttle {
 public:
  explicit Throttle(const Clock& clock) : clock_(clock) {}

  [[nodiscard]] static bool limits_fetches(const policy::Snapshot& snapshot, const SquadName& squad) {
    return snapshot.quota(squad).fetch_bytes_per_second.has_value();
  }
  // Counts bytes against the squad's rate; zero when there is no limit or it is not exceeded.
  [[nodiscard]] std::chrono::milliseconds produced(const policy::Snapshot& snapshot, const SquadName& squad,
                                                   std::uint64_t bytes);
  [[nodiscard]] std::chrono::milliseconds fetched(const policy::Snapshot& snapshot, const SquadName& squad,
                                                  std::uint64_t bytes);

  // The same against a client's own limit.
  [[nodiscard]] std::chrono::milliseconds produced(const policy::ClientLimit& limit, std::uint64_t bytes);
  [[nodiscard]] std::chrono::milliseconds fetched(const policy::ClientLimit& limit, std::uint64_t bytes);
  // Time of an event loop, of which the limit is a percentage: what the earlier requests owe, and what one has cost.
  [[nodiscard]] std::chrono::milliseconds owed(const policy::ClientLimit& limit);
  void worked(const policy::ClientLimit& limit, std::chrono::nanoseconds spent);
  // Whether the address may open one more connection at `rate` a second; counts it if so.
  [[nodiscard]] bool may_open(const std::string& ip, double rate);

  // The same against a squad's request_time_percent, all its connections together.
  [[nodiscard]] static bool limits_time(const policy::Snapshot& snapshot, const SquadName& squad) {
    return snapshot.quota(squad).request_time_percent.has_value();
  }
  [[nodiscard]] std::chrono::milliseconds owed(const policy::Snapshot& snapshot, const SquadName& squad);
  void worked(const policy::Snapshot& snapshot, const SquadName& squad, std::chrono::nanoseconds spent);
  // Counts a signed-in connection; Unavailable when the squad has as many as it may. Paired with disconnected().
  [[nodiscard]] Result<void> connected(const policy::Snapshot& snapshot, const SquadName& squad);
  void disconnected(const SquadName& squad);

 private:
  using Buckets = std::unordered_map<SquadName, policy::TokenBucket>;
  std::chrono::milliseconds take(ClientBuckets& buckets, const policy::ClientLimit& limit, double rate,
                                 std::uint64_t amount);
  std::chrono::milliseconds take(Buckets& buckets, const SquadName& squad, std::uint64_t rate, std::uint64_t bytes);

  const Clock& clock_;
  std::mutex mutex_;
  Buckets produce_;
  Buckets fetch_;
  Buckets work_;
  ClientBuckets client_produce_;
  ClientBuckets client_fetch_;
  ClientBuckets client_work_;
  ClientBuckets opened_;  // by address, in place of a user
  std::unordered_map<SquadName, std::uint32_t> connections_;
};

}  // namespace myelin::governance
