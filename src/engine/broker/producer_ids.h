#pragma once
// Producer ids for idempotent producers: unique for the life of the data directory. Ids come from blocks that the
// catalogue reserved durably, so that a crash skips ids and never repeats one.
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>

#include "base/result.h"
#include "engine/broker/serial_executor.h"
#include "engine/broker/topic_catalogue.h"

namespace myelin::engine::broker {

inline constexpr std::int32_t kProducerIdBlock = 1000;

// Threads: any.
class ProducerIds {
 public:
  using Allocated = std::move_only_function<void(Result<std::int64_t>)>;

  // Both outlive this object and what it submits.
  ProducerIds(TopicCatalogue& catalogue, SerialExecutor& changes) : catalogue_(catalogue), changes_(changes) {}

  // Calls back inside the call while a block lasts, else when the next one is durable.
  void allocate(Allocated allocated);

 private:
  void refill();

  TopicCatalogue& catalogue_;
  SerialExecutor& changes_;
  std::mutex mutex_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;
  std::deque<Allocated> waiting_;
};

}  // namespace myelin::engine::broker
