#pragma once
// What a topic may be called and how many partitions it may have, and how a failed change is told to a client.
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "engine/broker/topics.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {

inline constexpr std::size_t kTopicNameBytesMax = 249;
inline constexpr std::int32_t kPartitionsMax = 10'000;  // of one topic

// Kafka's rule: 1 to 249 of [a-zA-Z0-9._-], not "." or "..".
[[nodiscard]] Result<void> check_topic_name(std::string_view name);

// Why a topic that was asked for by name is not there: INVALID_TOPIC_EXCEPTION where none can have that name.
[[nodiscard]] kafka::ErrorCode absence_of(std::string_view name);

// Kafka's metrics fold '.' and '_' together, so names that differ only there are refused. Null when none collides.
[[nodiscard]] const Topic* find_collision(const Topics& topics, std::string_view name);

[[nodiscard]] kafka::ErrorCode to_error_code(const Error& error);

}  // namespace myelin::engine::broker
