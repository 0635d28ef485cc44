#include "api/map_feed.h"

#include <chrono>
#include <utility>

#include "document/json_writer.h"

namespace myelin::api {
namespace {

// Whether the browser is gone, or is sent away because it may not watch any more.
bool is_over(const MapStream& stream) {
  if (stream.events->closed()) return true;
  if (stream.may_watch()) return false;
  stream.events->close();
  return true;
}

// The rates that are others than were told; `told` becomes what is told now.
EdgeRates take_changed(const lineage::Map& map, EdgeRates& told) {
  EdgeRates changed;
  EdgeRates now;
  for (const auto& edge : map.edges) {
    const auto before = told.find(edge.id);
    const double was = before == told.end() ? 0.0 : before->second;
    if (edge.bytes_per_second != was) changed[edge.id] = edge.bytes_per_second;
    if (edge.bytes_per_second != 0.0) now[edge.id] = edge.bytes_per_second;
  }
  told = std::move(now);
  return changed;
}

}  // namespace

void MapFeed::start() {
  thread_ = std::thread([this] { run(); });
}

void MapFeed::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [principal, watcher] : watchers_) {
      for (auto& stream : watcher.streams) stream.events->close();
    }
    watchers_.clear();
    streams_ = 0;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void MapFeed::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (streams_ == 0) {
      changed_.wait(lock, [&] { return stopping_ || streams_ > 0; });
      continue;
    }
    lock.unlock();
    tick();
    lock.lock();
    changed_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
  }
}

bool MapFeed::has_room() const {
  const std::lock_guard lock(mutex_);
  return !stopping_ && streams_ < kStreams;
}

void MapFeed::add(const PrincipalName& watcher, MapStream stream) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      stream.events->close();
      return;
    }
    watchers_[watcher].streams.push_back(std::move(stream));
    watchers_[watcher].version.reset();
    ++streams_;
  }
  changed_.notify_all();
}

void MapFeed::tick() {
  std::vector<PrincipalName> principals;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [principal, watcher] : watchers_) principals.push_back(principal);
  }
  for (const auto& principal : principals) {
    // Asked outside the lock: it reads the whole ledger.
    const lineage::Map map = map_of_(principal);
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(principal);
    if (found == watchers_.end()) continue;
    Watcher& watcher = found->second;
    std::erase_if(watcher.streams, is_over);
    EdgeRates changed = take_changed(map, watcher.told);
    const std::int64_t version = version_of(map);
    // A browser that just came may have fetched its map before the window began: it hears of every edge once.
    if (watcher.version != version) {
      for (const auto& edge : map.edges) changed.try_emplace(edge.id, edge.bytes_per_second);
    }
    if (!changed.empty() || watcher.version != version) {
      watcher.version = version;
      const std::string data = document::json(rates_json(map, changed, clock_.wall()));
      std::erase_if(watcher.streams, [&](const auto& stream) { return !stream.events->send("rates", data); });
    }
    if (watcher.streams.empty()) watchers_.erase(found);
  }
  const std::lock_guard lock(mutex_);
  streams_ = 0;
  for (const auto& [principal, watcher] : watchers_) streams_ += watcher.streams.size();
}

}  // namespace myelin::api
