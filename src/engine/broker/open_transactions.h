#pragma once
// Which partitions the open transaction of each producer includes: the coordinator opens and closes, on its loop;
// partitions ask, on any thread.
#include <cstdint>
#include <mutex>
#include <set>
#include <unordered_map>

#include "engine/broker/transactions/coordinator.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Threads: any.
class OpenTransactions final : public storage::TransactionGate {
 public:
  void set(const transactions::Effects::Gate& gate);
  [[nodiscard]] bool lets_in(const storage::TopicPartition& partition, std::int64_t producer_id,
                             std::int16_t producer_epoch) const override;

 private:
  struct Open {
    std::int16_t producer_epoch = -1;
    std::set<transactions::Partition> partitions;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Open> open_;  // by producer id
};

}  // namespace myelin::engine::broker
