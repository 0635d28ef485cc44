#pragma once
// The open streams of one loop, and the sweep that finds the overdue ones. Private to this module; loop thread only.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/fd_watch.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace myelin::net {

// How often to look, so that the shortest deadline is kept to a quarter, and an idle server wakes once a second.
[[nodiscard]] inline std::chrono::milliseconds sweep_interval(
    std::initializer_list<std::chrono::milliseconds> deadlines) {
  using std::chrono::milliseconds;
  return std::clamp(std::min(deadlines) / 4, milliseconds(5), milliseconds(1000));
}

template <typename Connection>
class ConnectionSet {
 public:
  void add(const std::shared_ptr<Connection>& connection) { open_.insert(connection); }
  void remove(Connection& connection) {
    open_.erase(std::static_pointer_cast<Connection>(connection.shared_from_this()));
  }
  // For loops that close what they visit.
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> all() const { return {open_.begin(), open_.end()}; }

  // Sweeps until stop_sweeping().
  void sweep_every(Loop& loop, std::chrono::milliseconds interval) {
    sweep_ = loop.after(interval, [this, &loop, interval] {
      const MonotonicTime now = std::chrono::steady_clock::now();
      for (const auto& connection : all()) connection->sweep(now);
      sweep_every(loop, interval);
    });
  }
  void stop_sweeping() { sweep_.cancel(); }

 private:
  std::unordered_set<std::shared_ptr<Connection>> open_;
  Timer sweep_;
};

// What a server has on each loop. A Shard has `loop` and `connections`. Any thread but the loops'.
template <typename Shard>
class ShardSet {
 public:
  void add(std::shared_ptr<Shard> shard, std::chrono::milliseconds sweeping) {
    run_and_wait(shard->loop, [&] { shard->connections.sweep_every(shard->loop, sweeping); });
    shards_.push_back(std::move(shard));
  }
  [[nodiscard]] const std::vector<std::shared_ptr<Shard>>& all() const { return shards_; }
  // Round robin; safe from any thread.
  [[nodiscard]] const std::shared_ptr<Shard>& next() {
    return shards_[next_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
  }

  void drain() {
    each([](auto& connection) { connection.drain(); });
  }
  void shut() {
    each([](auto& connection) { connection.shut(CloseReason::ServerStopping, ""); });
  }
  // Nothing is open afterwards, and every handler has been told.
  void end() {
    shut();
    shut();  // what was on its way to a loop when the first round came by
    for (const auto& shard : shards_) run_and_wait(shard->loop, [&] { shard->connections.stop_sweeping(); });
    shards_.clear();
  }

 private:
  template <typename Action>
  void each(const Action& action) {
    for (const auto& shard : shards_) {
      run_and_wait(shard->loop, [&] {
        for (const auto& connection : shard->connections.all()) action(*connection);
      });
    }
  }

  std::vector<std::shared_ptr<Shard>> shards_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace myelin::net
