#include "engine/broker/producer_ids.h"

#include <utility>
#include <vector>

namespace myelin::engine::broker {

void ProducerIds::allocate(Allocated allocated) {
  std::unique_lock lock(mutex_);
  if (next_ < end_) {
    const std::int64_t id = next_++;
    lock.unlock();
    allocated(id);
    return;
  }
  waiting_.push_back(std::move(allocated));
  const bool is_first = waiting_.size() == 1;
  lock.unlock();
  if (is_first) changes_.submit([this] { refill(); });
}

void ProducerIds::refill() {
  auto first = catalogue_.reserve_producer_ids(kProducerIdBlock);
  std::vector<std::pair<Allocated, std::int64_t>> served;
  std::deque<Allocated> refused;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    if (first) {
      next_ = *first;
      end_ = *first + kProducerIdBlock;
      while (!waiting_.empty() && next_ < end_) {
        served.emplace_back(std::move(waiting_.front()), next_++);
        waiting_.pop_front();
      }
      more = !waiting_.empty();
    } else {
      refused.swap(waiting_);
    }
  }
  for (auto& [allocated, id] : served) allocated(id);
  for (auto& allocated : refused) allocated(std::unexpected(first.error()));
  if (more) changes_.submit([this] { refill(); });
}

}  // namespace myelin::engine::broker
