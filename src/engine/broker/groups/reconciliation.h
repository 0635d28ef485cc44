#pragma once
// How one member of a consumer group gets from what it holds to what it is to hold: it gives up first, takes what
// others have released, and moves to the target's epoch when it has given up all it must. Pure. Reference: KIP-848.
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/broker/groups/assignors.h"

namespace myelin::engine::groups {

enum class MemberState : std::int8_t { Stable = 0, UnrevokedPartitions = 1, UnreleasedPartitions = 2 };

// A static member that went away for a while. What it held stays its own until its session ends.
inline constexpr std::int32_t kAwayEpoch = -2;

struct Position {
  MemberState state = MemberState::Stable;
  std::int32_t epoch = 0;
  std::int32_t previous_epoch = 0;  // accepted once more, for the answer with the present one may have been lost
  Assignment assigned;              // what it may use
  Assignment revoking;              // what it was told to give up, and has not said that it did
  bool operator==(const Position&) const = default;
};

struct Target {
  std::int32_t epoch = 0;
  Assignment partitions;
};

// `owned`: what the member says that it uses; nullopt when it does not say. `is_free`: no other member holds it.
[[nodiscard]] Position next_position(const Position& position, const Target& target,
                                     const std::optional<Assignment>& owned,
                                     const std::function<bool(const TopicId&, std::int32_t)>& is_free);

[[nodiscard]] bool is_subset(const Assignment& inner, const Assignment& outer);

}  // namespace myelin::engine::groups
