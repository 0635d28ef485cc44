#pragma once
// Words that the coordinators on the control loop share.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "base/uuid.h"

namespace myelin::engine::broker {

// Both readings of the clock: what waits runs on the monotonic one, what is stored says the wall's.
struct Now {
  MonotonicTime monotonic;
  WallTime wall;
};

using Ticket = std::uint64_t;    // chosen by the owner, one per request
using AppendId = std::uint64_t;  // chosen by the coordinator, growing

// The producer in whose transaction the broker writes something down.
struct TransactionalProducer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
};

struct TopicPartitions {
  TopicId id;
  std::int32_t partitions = 0;
};
using TopicLookup = std::function<std::optional<TopicPartitions>(const TopicName&)>;

// All topics at a moment.
struct TopicIndex {
  std::map<TopicName, TopicPartitions> by_name;
  std::map<TopicId, TopicName> names;
};
// The same object until a topic is created, changed or deleted.
using TopicIndexSource = std::function<std::shared_ptr<const TopicIndex>()>;

}  // namespace myelin::engine::broker
