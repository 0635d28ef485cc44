#pragma once
// What the owner may tune about transactions. Names in brackets are Kafka's own for the same thing.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace myelin::engine::transactions {

struct Settings {
  std::chrono::milliseconds timeout_max{std::chrono::minutes(15)};   // [transaction.max.timeout.ms]
  std::chrono::milliseconds expiration{std::chrono::hours(24 * 7)};  // of idle ids [transactional.id.expiration.ms]
  // [transaction.remove.expired.transaction.cleanup.interval.ms]
  std::chrono::milliseconds expiration_check_interval{std::chrono::hours(1)};
  std::chrono::milliseconds retry_markers_after{std::chrono::seconds(1)};  // when the disk refused them
  std::size_t ids_max = 100'000;
};

}  // namespace myelin::engine::transactions
