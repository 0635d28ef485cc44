#include "engine/upstream/lanes.h"

#include <utility>
#include <vector>

namespace myelin::engine::upstream {
namespace {

bool is_empty(const std::weak_ptr<const void>& client) {
  const std::weak_ptr<const void> nobody;
  return !client.owner_before(nobody) && !nobody.owner_before(client);
}

}  // namespace

Result<std::shared_ptr<Lane>> Lanes::of(const std::weak_ptr<const void>& client) {
  const std::weak_ptr<const void> key = is_empty(client) ? std::weak_ptr<const void>(itself_) : client;
  const std::scoped_lock lock(mutex_);
  const auto found = lanes_.find(key);
  if (found != lanes_.end()) {
    if (!found->second->is_closed()) return found->second;
    lanes_.erase(found);
  }
  if (key.expired()) return fail(Code::Unavailable, "the client has gone");
  if (lanes_.size() >= kLanesMax) return fail(Code::Unavailable, "{} connections to the cluster are open", kLanesMax);
  auto lane = Lane::open(reactor_.next_loop(), options_, on_fault_);
  if (lane) lanes_.emplace(key, *lane);
  return lane;
}

// Closing answers what is under way, and whoever is answered may ask again: never under the lock.
void Lanes::sweep(MonotonicTime now) {
  std::vector<std::shared_ptr<Lane>> abandoned;
  std::vector<std::shared_ptr<Lane>> kept;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(lanes_, [&](const auto& entry) {
      const bool is_over = entry.first.expired() || entry.second->is_closed();
      (is_over ? abandoned : kept).push_back(entry.second);
      return is_over;
    });
  }
  for (const auto& lane : abandoned) lane->close("the client has gone");
  for (const auto& lane : kept) lane->sweep(now);
}

void Lanes::close_all(std::string_view why) {
  ByClient closing;
  {
    const std::scoped_lock lock(mutex_);
    closing.swap(lanes_);
  }
  for (const auto& [client, lane] : closing) lane->close(why);
}

std::size_t Lanes::size() const {
  const std::scoped_lock lock(mutex_);
  return lanes_.size();
}

}  // namespace myelin::engine::upstream
