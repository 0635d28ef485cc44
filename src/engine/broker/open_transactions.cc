#include "engine/broker/open_transactions.h"

namespace myelin::engine::broker {

void OpenTransactions::set(const transactions::Effects::Gate& gate) {
  const std::lock_guard lock(mutex_);
  if (gate.is_open) {
    open_[gate.producer_id] = {gate.producer_epoch, gate.partitions};
  } else {
    open_.erase(gate.producer_id);
  }
}

bool OpenTransactions::lets_in(const storage::TopicPartition& partition, std::int64_t producer_id,
                               std::int16_t producer_epoch) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(producer_id);
  return found != open_.end() && found->second.producer_epoch == producer_epoch &&
         found->second.partitions.contains(partition);
}

}  // namespace myelin::engine::broker
