#include "net/admission.h"

#include <sys/resource.h>

#include "base/check.h"

namespace myelin::net {

Admission::Verdict Admission::enter(std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (counts_.connections >= limits_.connections) return Verdict::TooMany;
  if (counts_.unauthenticated >= limits_.unauthenticated) return Verdict::TooManyUnauthenticated;
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) {
    if (limits_.per_address == 0) return Verdict::TooManyFromAddress;
    by_address_.emplace(address, 1);
  } else {
    if (found->second >= limits_.per_address) return Verdict::TooManyFromAddress;
    ++found->second;
  }
  ++counts_.connections;
  ++counts_.unauthenticated;
  return Verdict::Admitted;
}

void Admission::authenticated() {
  const std::lock_guard lock(mutex_);
  CHECK(counts_.unauthenticated > 0);
  --counts_.unauthenticated;
}

void Admission::leave(std::string_view address, bool was_authenticated) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  CHECK(found != by_address_.end() && counts_.connections > 0);
  if (--found->second == 0) by_address_.erase(found);
  --counts_.connections;
  if (!was_authenticated) --counts_.unauthenticated;
  if (counts_.connections == 0) left_.notify_all();
}

bool Admission::wait_until_empty(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  return left_.wait_until(lock, until, [&] { return counts_.connections == 0; });
}

Admission::Counts Admission::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

bool leaves_descriptors(int descriptor, std::size_t headroom) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  // The kernel hands out the lowest free number, so a high one means that few are left.
  return static_cast<rlim_t>(descriptor) + headroom < limit.rlim_cur;
}

}  // namespace myelin::net
