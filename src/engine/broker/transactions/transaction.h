#pragma once
// One transactional id: the producer behind it and its transaction, as it stands in the log. Values only.
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "storage/partition_log.h"

namespace myelin::engine::transactions {

// Version of a client whose every transaction has an epoch of its own (KIP-890).
inline constexpr std::int16_t kEpochEach = 2;

// Kafka's numbers: they are stored.
enum class State : std::int8_t {
  Empty = 0,
  Ongoing = 1,
  PrepareCommit = 2,  // decided: markers are being written
  PrepareAbort = 3,
  CompleteCommit = 4,
  CompleteAbort = 5,
};
[[nodiscard]] std::string_view state_name(State state);  // "Empty", "Ongoing", ...

using Partition = storage::TopicPartition;

struct Transaction {
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::chrono::milliseconds timeout{0};
  State state = State::Empty;
  std::set<Partition> partitions;      // with what groups consumed as the partition of __consumer_offsets
  std::optional<WallTime> started_at;  // the last one, until the next producer comes
  WallTime updated_at;
  std::int16_t client_version = 0;         // Kafka's number: from kEpochEach on each transaction has its own epoch
  std::int64_t next_producer_id = -1;      // while it is decided: who goes on, the epochs being used up
  std::int64_t previous_producer_id = -1;  // whose epochs were used up last
  bool operator==(const Transaction&) const = default;

  [[nodiscard]] bool is_decided() const { return state == State::PrepareCommit || state == State::PrepareAbort; }
  [[nodiscard]] bool is_over() const {
    return state == State::Empty || state == State::CompleteCommit || state == State::CompleteAbort;
  }
  // The last epoch is kept for fencing: who has it can only be aborted, and a new producer gets a new id.
  [[nodiscard]] bool has_used_up_epochs() const { return producer_epoch >= INT16_MAX - 1; }
};

}  // namespace myelin::engine::transactions
