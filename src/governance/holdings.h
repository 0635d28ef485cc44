#pragma once
// What each squad holds of what all share: the partitions of the topics that it owns, and the bytes of their logs.
// Counted anew every few seconds; partitions that are made in between count at once, so that being quick overruns no
// quota. Internal to the module.
//
// Threads: every function may be called from any thread; only count() waits.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "engine/engine.h"
#include "policy/snapshot.h"

namespace myelin::governance {

class Holdings {
 public:
  // Asks the engine. A cluster's brokers tell only their own logs, so its bytes are not counted (`with_bytes` false).
  [[nodiscard]] Result<void> count(engine::Engine& engine, const policy::Snapshot& snapshot, bool with_bytes);

  // The topic is to have so many partitions in all. Set: its owner's quota does not allow them, in words for who asks.
  // Otherwise they count from here on.
  [[nodiscard]] std::optional<std::string> take_partitions(const policy::Snapshot& snapshot, std::string_view topic,
                                                           std::uint64_t partitions);

  // Set: the topic's owner has as many bytes as it may, in words for who writes.
  [[nodiscard]] std::optional<std::string> why_full(const policy::Snapshot& snapshot, std::string_view topic) const;

 private:
  using Words = std::map<SquadName, std::string>;

  mutable std::mutex mutex_;
  std::map<TopicName, std::uint64_t> partitions_;
  std::map<SquadName, std::uint64_t> held_;  // partitions
  std::shared_ptr<const Words> full_ = std::make_shared<const Words>();
  std::atomic<bool> is_any_full_ = false;
};

}  // namespace myelin::governance
