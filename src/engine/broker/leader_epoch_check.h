#pragma once
// The leader epoch that a client believes in, against the one the partition has.
#include <cstdint>

#include "kafka/error_code.h"

namespace myelin::engine::broker {

inline constexpr std::int32_t kNoLeaderEpoch = -1;

[[nodiscard]] inline kafka::ErrorCode check_leader_epoch(std::int32_t believed, std::int32_t present) {
  if (believed == kNoLeaderEpoch || believed == present) return kafka::ErrorCode::None;
  return believed < present ? kafka::ErrorCode::FencedLeaderEpoch : kafka::ErrorCode::UnknownLeaderEpoch;
}

}  // namespace myelin::engine::broker
