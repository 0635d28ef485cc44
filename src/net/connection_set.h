#pragma once
// The open streams of one loop, and the sweep that finds the overdue ones. Private to this module; loop thread only.
#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

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

  // Sweeps for as long as this object exists and stop_sweeping() was not called.
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

}  // namespace myelin::net
