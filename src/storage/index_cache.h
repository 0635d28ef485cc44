#pragma once
// The indexes of segments as their files have them, the most recently used ones, up to a number of bytes. Threads: any.
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace myelin::storage {

// `Index` says how much memory it takes by memory_bytes().
template <typename Index>
class IndexCache {
 public:
  explicit IndexCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null when the index of this file is not here.
  [[nodiscard]] std::shared_ptr<const Index> find(std::uint64_t file_id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(file_id);
    if (found == by_id_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return found->second->index;
  }
  void put(std::uint64_t file_id, std::shared_ptr<const Index> index) {
    const std::lock_guard lock(mutex_);
    forget_locked(file_id);
    bytes_ += index->memory_bytes();
    by_use_.push_front({file_id, std::move(index)});
    by_id_[file_id] = by_use_.begin();
    // The newest stays even when it alone is larger than the bound.
    while (bytes_ > bytes_max_ && by_use_.size() > 1) forget_locked(by_use_.back().file_id);
  }
  void forget(std::uint64_t file_id) {
    const std::lock_guard lock(mutex_);
    forget_locked(file_id);
  }

 private:
  struct Entry {
    std::uint64_t file_id;
    std::shared_ptr<const Index> index;
  };
  void forget_locked(std::uint64_t file_id) {
    const auto found = by_id_.find(file_id);
    if (found == by_id_.end()) return;
    bytes_ -= found->second->index->memory_bytes();
    by_use_.erase(found->second);
    by_id_.erase(found);
  }

  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;
  std::list<Entry> by_use_;
  std::unordered_map<std::uint64_t, typename std::list<Entry>::iterator> by_id_;
};

}  // namespace myelin::storage
