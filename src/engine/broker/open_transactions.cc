#include "engine/broker/open_transactions.h"

namespace myelin::engine::broker {

using kafka::ErrorCode;

void OpenTransactions::set(const transactions::Effects::Gate& gate) {
  const std::lock_guard lock(mutex_);
  if (gate.is_open) {
    open_[gate.producer_id] = {gate.producer_epoch, gate.partitions, gate.transactional_id};
    named_[gate.transactional_id] = gate.producer_id;
  } else {
    open_.erase(gate.producer_id);
    // Under its name another producer id may have begun.
    const auto named = named_.find(gate.transactional_id);
    if (named != named_.end() && named->second == gate.producer_id) named_.erase(named);
  }
}

ErrorCode OpenTransactions::check(std::string_view transactional_id, const storage::TopicPartition& partition,
                                  std::int64_t producer_id, std::int16_t producer_epoch) const {
  const std::lock_guard lock(mutex_);
  const auto named = named_.find(transactional_id);
  if (named == named_.end()) {
    return open_.contains(producer_id) ? ErrorCode::InvalidProducerIdMapping : ErrorCode::InvalidTxnState;
  }
  if (named->second != producer_id) return ErrorCode::InvalidProducerIdMapping;
  const auto& open = open_.at(producer_id);
  if (open.producer_epoch != producer_epoch) return ErrorCode::InvalidProducerEpoch;
  return open.partitions.contains(partition) ? ErrorCode::None : ErrorCode::InvalidTxnState;
}

bool OpenTransactions::lets_in(const storage::TopicPartition& partition, std::int64_t producer_id,
                               std::int16_t producer_epoch) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(producer_id);
  return found != open_.end() && found->second.producer_epoch == producer_epoch &&
         found->second.partitions.contains(partition);
}

}  // namespace myelin::engine::broker
