#include "engine/broker/groups/assignors.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace myelin::engine::groups {
namespace {

constexpr std::size_t kNobody = SIZE_MAX;
// Most subscriptions are balanced after one pass; chains of overlapping ones take a few.
constexpr int kBalancingPassesMax = 16;

struct SharedTopic {
  TopicId id;
  std::vector<std::size_t> subscribers;
  std::vector<std::size_t> owners;  // by partition
};

// Members by how much they have, least first; those with as much in their order.
using Loads = std::set<std::pair<std::size_t, std::size_t>>;

class Uniform {
 public:
  Uniform(std::span<const Candidate> candidates, const PartitionCounts& counts) : load_(candidates.size()) {
    std::map<TopicId, SharedTopic> topics;
    for (std::size_t member = 0; member < candidates.size(); ++member) {
      for (const TopicId& id : candidates[member].topics) topics[id].subscribers.push_back(member);
    }
    for (auto& [id, topic] : topics) {
      topic.id = id;
      topic.owners.assign(static_cast<std::size_t>(counts.at(id)), kNobody);
      keep_current(candidates, topic);
      topics_.push_back(std::move(topic));
    }
    // Who has little choice is served first.
    std::ranges::sort(topics_, {},
                      [](const SharedTopic& topic) { return std::pair(topic.subscribers.size(), topic.id); });
  }

  Assignments share(std::span<const Candidate> candidates) {
    for (SharedTopic& topic : topics_) give_out(topic);
    for (int pass = 0; pass < kBalancingPassesMax; ++pass) {
      bool moved = false;
      for (SharedTopic& topic : topics_) moved = balance(topic) || moved;
      if (!moved) break;
    }
    Assignments assignments;
    for (const Candidate& candidate : candidates) assignments[candidate.member_id];
    for (const SharedTopic& topic : topics_) {
      for (std::size_t partition = 0; partition < topic.owners.size(); ++partition) {
        assignments[candidates[topic.owners[partition]].member_id][topic.id].insert(
            static_cast<std::int32_t>(partition));
      }
    }
    return assignments;
  }

 private:
  void keep_current(std::span<const Candidate> candidates, SharedTopic& topic) {
    for (const std::size_t member : topic.subscribers) {
      const auto current = candidates[member].current.find(topic.id);
      if (current == candidates[member].current.end()) continue;
      for (const std::int32_t partition : current->second) {
        const auto at = static_cast<std::size_t>(partition);
        if (at >= topic.owners.size() || topic.owners[at] != kNobody) continue;
        topic.owners[at] = member;
        ++load_[member];
      }
    }
  }

  void give_out(SharedTopic& topic) {
    Loads loads;
    for (const std::size_t member : topic.subscribers) loads.emplace(load_[member], member);
    for (std::size_t& owner : topic.owners) {
      if (owner != kNobody) continue;
      owner = loads.begin()->second;
      loads.erase(loads.begin());
      loads.emplace(++load_[owner], owner);
    }
  }

  // Moves partitions of the topic from who has most to who has least, as long as that makes them more alike.
  bool balance(SharedTopic& topic) {
    Loads loads;
    for (const std::size_t member : topic.subscribers) loads.emplace(load_[member], member);
    std::map<std::size_t, std::vector<std::size_t>> owned;
    for (std::size_t partition = 0; partition < topic.owners.size(); ++partition) {
      owned[topic.owners[partition]].push_back(partition);
    }
    Loads givers;
    for (const std::size_t member : owned | std::views::keys) givers.emplace(load_[member], member);
    bool moved = false;
    while (!givers.empty() && givers.rbegin()->first > loads.begin()->first + 1) {
      const auto [most, giver] = *givers.rbegin();
      const auto [least, taker] = *loads.begin();
      auto& partitions = owned[giver];
      const std::size_t partition = partitions.back();
      partitions.pop_back();
      topic.owners[partition] = taker;
      loads.erase({most, giver});
      loads.erase({least, taker});
      givers.erase({most, giver});
      givers.erase({least, taker});
      loads.emplace(--load_[giver], giver);
      loads.emplace(++load_[taker], taker);
      if (!partitions.empty()) givers.emplace(load_[giver], giver);
      owned[taker].push_back(partition);
      givers.emplace(load_[taker], taker);
      moved = true;
    }
    return moved;
  }

  std::vector<std::size_t> load_;  // partitions, by member
  std::vector<SharedTopic> topics_;
};

bool comes_before(const Candidate* left, const Candidate* right) {
  if (left->instance_id.has_value() != right->instance_id.has_value()) return left->instance_id.has_value();
  return left->instance_id ? *left->instance_id < *right->instance_id : left->member_id < right->member_id;
}

}  // namespace

Assignments assign_uniform(std::span<const Candidate> candidates, const PartitionCounts& counts) {
  return Uniform(candidates, counts).share(candidates);
}

Assignments assign_range(std::span<const Candidate> candidates, const PartitionCounts& counts) {
  std::vector<const Candidate*> in_order;
  Assignments assignments;
  for (const Candidate& candidate : candidates) {
    in_order.push_back(&candidate);
    assignments[candidate.member_id];
  }
  std::ranges::sort(in_order, comes_before);
  std::map<TopicId, std::vector<const Candidate*>> subscribers;
  for (const Candidate* candidate : in_order) {
    for (const TopicId& topic : candidate->topics) subscribers[topic].push_back(candidate);
  }
  for (const auto& [topic, members] : subscribers) {
    const std::int32_t count = counts.at(topic);
    const auto share = count / static_cast<std::int32_t>(members.size());
    auto larger = count % static_cast<std::int32_t>(members.size());
    std::int32_t next = 0;
    for (const Candidate* member : members) {
      const std::int32_t end = next + share + (larger-- > 0 ? 1 : 0);
      for (; next < end; ++next) assignments[member->member_id][topic].insert(next);
    }
  }
  return assignments;
}

}  // namespace myelin::engine::groups
