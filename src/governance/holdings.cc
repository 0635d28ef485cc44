#include "governance/holdings.h"

#include <fmt/core.h>

#include <algorithm>

#include "governance/ask_engine.h"
#include "governance/live_topics.h"
#include "kafka/messages.h"

namespace myelin::governance {
namespace {

bool limits_holdings(const model::Quota& quota) { return quota.partitions_max || quota.storage_bytes_max; }

bool limits_holdings(const model::PolicyDocument& policy) {
  return limits_holdings(policy.default_quota) ||
         std::ranges::any_of(policy.squad_quotas, [](const auto& entry) { return limits_holdings(entry.second); });
}

Result<std::map<SquadName, std::uint64_t>> count_bytes(engine::Engine& engine, const policy::Snapshot& snapshot) {
  kafka::DescribeLogDirsRequest request;
  request.topics.reset();
  auto described = ask<kafka::DescribeLogDirsResponse>(engine, 4, std::move(request));
  if (!described) return pass(described);
  std::map<SquadName, std::uint64_t> bytes;
  for (const auto& directory : described->results) {
    for (const auto& topic : directory.topics) {
      auto& sum = bytes[snapshot.owner_of_topic(topic.name)];
      for (const auto& partition : topic.partitions) sum += static_cast<std::uint64_t>(partition.partition_size);
    }
  }
  return bytes;
}

}  // namespace

Result<void> Holdings::count(engine::Engine& engine, const policy::Snapshot& snapshot, bool with_bytes) {
  auto words = std::make_shared<Words>();
  std::map<TopicName, std::uint64_t> partitions;
  std::map<SquadName, std::uint64_t> held;
  if (limits_holdings(snapshot.model().policy)) {
    auto topics = live_topics(engine, [](const TopicName&) { return false; });
    if (!topics) return pass(topics);
    for (const auto& [topic, live] : *topics) {
      const auto count = static_cast<std::uint64_t>(live.partitions);
      partitions[topic] = count;
      held[snapshot.owner_of_topic(topic.text())] += count;
    }
    auto bytes = with_bytes ? count_bytes(engine, snapshot) : std::map<SquadName, std::uint64_t>();
    if (!bytes) return pass(bytes);
    for (const auto& [squad, sum] : *bytes) {
      const auto& quota = snapshot.quota(squad);
      if (squad.empty() || !quota.storage_bytes_max || sum < *quota.storage_bytes_max) continue;
      words->emplace(squad, fmt::format("squad \"{}\" has {} bytes in its topics' logs and its quota allows {} ({}); "
                                        "shorten their retention, or ask the platform group for more",
                                        squad.text(), sum, *quota.storage_bytes_max, quota.place.text()));
    }
  }
  const std::lock_guard lock(mutex_);
  partitions_ = std::move(partitions);
  held_ = std::move(held);
  is_any_full_ = !words->empty();
  full_ = std::move(words);
  return {};
}

std::optional<std::string> Holdings::take_partitions(const policy::Snapshot& snapshot, std::string_view topic,
                                                     std::uint64_t partitions) {
  const auto squad = snapshot.owner_of_topic(topic);
  const auto& quota = snapshot.quota(squad);
  if (squad.empty() || !quota.partitions_max) return std::nullopt;
  const std::lock_guard lock(mutex_);
  auto& has = partitions_[TopicName(topic)];
  if (partitions <= has) return std::nullopt;
  auto& held = held_[squad];
  const auto more = partitions - has;
  if (held + more > *quota.partitions_max) {
    return fmt::format(
        "squad \"{}\" has {} partitions, {} more are asked for, and its quota allows {} ({}); ask for "
        "fewer, delete a topic, or ask the platform group for more",
        squad.text(), held, more, *quota.partitions_max, quota.place.text());
  }
  held += more;
  has = partitions;
  return std::nullopt;
}

std::optional<std::string> Holdings::why_full(const policy::Snapshot& snapshot, std::string_view topic) const {
  if (!is_any_full_.load(std::memory_order_relaxed)) return std::nullopt;
  const auto squad = snapshot.owner_of_topic(topic);
  const std::lock_guard lock(mutex_);
  const auto found = full_->find(squad);
  return found == full_->end() ? std::nullopt : std::optional(found->second);
}

}  // namespace myelin::governance
