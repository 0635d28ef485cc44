#pragma once
// Which markers compaction may drop: those of transactions of which nothing is left, once they are as old as a
// tombstone has to be. The newest marker of a producer stays: it says which epoch fences. Fed with the batches of one
// pass, which begins at the start of the log, in their order.
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "storage/batch_header.h"

namespace myelin::storage {

class MarkerSieve {
 public:
  // First every marker, while keys are surveyed.
  void survey(const BatchHeader& marker) { newest_[marker.producer_id] = marker.base_offset; }

  // Then, while segments are rewritten, every batch that stays, in whole or as a header ...
  void keep(const BatchHeader& batch) {
    if (batch.is_transactional()) with_batches_.insert(batch.producer_id);
  }
  // ... and every marker: whether it stays.
  [[nodiscard]] bool keeps(const BatchHeader& marker, std::int64_t before_ms) {
    const bool has_batches = with_batches_.erase(marker.producer_id) > 0;
    const auto newest = newest_.find(marker.producer_id);
    const bool is_newest = newest == newest_.end() || newest->second == marker.base_offset;
    if (has_batches || is_newest || marker.max_timestamp >= before_ms) return true;
    dropped_.insert(marker.base_offset);
    return false;
  }
  [[nodiscard]] bool has_dropped(std::int64_t marker_offset) const { return dropped_.contains(marker_offset); }

 private:
  std::unordered_map<std::int64_t, std::int64_t> newest_;  // offsets, by producer id
  std::unordered_set<std::int64_t> with_batches_;          // producers whose transaction has batches that stay
  std::unordered_set<std::int64_t> dropped_;               // offsets
};

}  // namespace myelin::storage
