#pragma once
// Which partitions the open transaction of each producer includes: the coordinator opens and closes, on its loop;
// partitions ask, on any thread.
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/broker/transactions/coordinator.h"
#include "kafka/error_code.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Threads: any.
class OpenTransactions final : public storage::TransactionGate {
 public:
  void set(const transactions::Effects::Gate& gate);
  // Why an open transaction of this name does not include the partition, in Kafka's words; None: it does. A producer's
  // id alone proves nothing: rights are checked for the name.
  [[nodiscard]] kafka::ErrorCode check(std::string_view transactional_id, const storage::TopicPartition& partition,
                                       std::int64_t producer_id, std::int16_t producer_epoch) const;
  [[nodiscard]] bool lets_in(const storage::TopicPartition& partition, std::int64_t producer_id,
                             std::int16_t producer_epoch) const override;

 private:
  struct Open {
    std::int16_t producer_epoch = -1;
    std::set<transactions::Partition> partitions;
    std::string transactional_id;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Open> open_;             // by producer id
  std::map<std::string, std::int64_t, std::less<>> named_;  // transactional id → producer id
};

// Lets in what belongs to the transaction of one name.
class NamedTransaction final : public storage::TransactionGate {
 public:
  NamedTransaction(const OpenTransactions& open, std::string transactional_id)
      : open_(open), transactional_id_(std::move(transactional_id)) {}
  [[nodiscard]] kafka::ErrorCode check(const storage::TopicPartition& partition, std::int64_t producer_id,
                                       std::int16_t producer_epoch) const {
    return open_.check(transactional_id_, partition, producer_id, producer_epoch);
  }
  [[nodiscard]] bool lets_in(const storage::TopicPartition& partition, std::int64_t producer_id,
                             std::int16_t producer_epoch) const override {
    return check(partition, producer_id, producer_epoch) == kafka::ErrorCode::None;
  }

 private:
  const OpenTransactions& open_;
  const std::string transactional_id_;
};

}  // namespace myelin::engine::broker
