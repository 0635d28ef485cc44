#pragma once
// The token buckets of client quotas, by who shares them. Clients invent client ids, so there are at most kMost: a
// bucket that is full is forgotten when room is needed, and while there is none, the new client ids of a user share
// one.
//
// Threads: one at a time.
#include <cstddef>
#include <map>

#include "base/clock.h"
#include "policy/client_quota.h"
#include "policy/quota.h"

namespace myelin::governance {

class ClientBuckets {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::chrono::seconds kForgetEvery{1};

  // The limit's bucket, with `rate` whatever it was before. Lives until the next call.
  [[nodiscard]] policy::TokenBucket& of(const policy::ClientLimit& limit, std::uint64_t rate, MonotonicTime now);
  // Besides those that client ids share.
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  struct SharedBy {
    policy::QuotaName user;
    policy::QuotaName client_id;
    auto operator<=>(const SharedBy&) const = default;
  };
  void make_room(MonotonicTime now);

  std::map<SharedBy, policy::TokenBucket> buckets_;
  std::map<policy::QuotaName, policy::TokenBucket> crowds_;  // by user
  MonotonicTime forgot_at_;
};

}  // namespace myelin::governance
