#include "governance/client_buckets.h"

namespace myelin::governance {

policy::TokenBucket& ClientBuckets::of(const policy::ClientLimit& limit, std::uint64_t rate, MonotonicTime now) {
  SharedBy key{limit.user, limit.client_id};
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    make_room(now);
    if (buckets_.size() >= kMost) {
      auto& crowd = crowds_.try_emplace(limit.user, rate, now).first->second;
      if (crowd.rate() != rate) crowd.set_rate(rate, now);
      return crowd;
    }
    found = buckets_.try_emplace(std::move(key), rate, now).first;
  }
  if (found->second.rate() != rate) found->second.set_rate(rate, now);
  return found->second;
}

void ClientBuckets::make_room(MonotonicTime now) {
  if (buckets_.size() < kMost || now < forgot_at_ + kForgetEvery) return;
  forgot_at_ = now;
  std::erase_if(buckets_, [now](const auto& entry) { return entry.second.is_full(now); });
  std::erase_if(crowds_, [now](const auto& entry) { return entry.second.is_full(now); });
}

}  // namespace myelin::governance
