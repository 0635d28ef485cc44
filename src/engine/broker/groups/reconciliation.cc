#include "engine/broker/groups/reconciliation.h"

#include <algorithm>
#include <utility>

namespace myelin::engine::groups {
namespace {

bool contains(const Assignment& assignment, const TopicId& topic, std::int32_t partition) {
  const auto found = assignment.find(topic);
  return found != assignment.end() && found->second.contains(partition);
}

// Who does not say what it uses may still use everything.
bool still_uses(const std::optional<Assignment>& owned, const Assignment& revoking) {
  if (!owned) return true;
  return std::ranges::any_of(*owned, [&](const auto& entry) {
    return std::ranges::any_of(entry.second,
                               [&](std::int32_t partition) { return contains(revoking, entry.first, partition); });
  });
}

void move_to(Position& position, std::int32_t epoch) {
  if (epoch != position.epoch) position.previous_epoch = std::exchange(position.epoch, epoch);
}

}  // namespace

bool is_subset(const Assignment& inner, const Assignment& outer) {
  return std::ranges::all_of(inner, [&](const auto& entry) {
    return std::ranges::all_of(entry.second,
                               [&](std::int32_t partition) { return contains(outer, entry.first, partition); });
  });
}

Position next_position(const Position& position, const Target& target, const std::optional<Assignment>& owned,
                       const std::function<bool(const TopicId&, std::int32_t)>& is_free) {
  if (position.state == MemberState::Stable && position.epoch == target.epoch) return position;
  if (position.state == MemberState::UnrevokedPartitions && still_uses(owned, position.revoking)) return position;

  Position next = position;
  next.assigned.clear();
  next.revoking.clear();
  for (const auto& [topic, partitions] : position.assigned) {
    for (const std::int32_t partition : partitions) {
      (contains(target.partitions, topic, partition) ? next.assigned : next.revoking)[topic].insert(partition);
    }
  }
  if (!next.revoking.empty() && still_uses(owned, next.revoking)) {
    next.state = MemberState::UnrevokedPartitions;
    return next;
  }
  next.revoking.clear();
  next.state = MemberState::Stable;
  for (const auto& [topic, partitions] : target.partitions) {
    for (const std::int32_t partition : partitions) {
      if (contains(next.assigned, topic, partition)) continue;
      if (is_free(topic, partition)) {
        next.assigned[topic].insert(partition);
      } else {
        next.state = MemberState::UnreleasedPartitions;
      }
    }
  }
  move_to(next, target.epoch);
  return next;
}

}  // namespace myelin::engine::groups
