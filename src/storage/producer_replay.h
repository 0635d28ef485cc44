#pragma once
// Brings a producer state along the batches of one segment, in their order, and gathers what the segment's aborted
// index must say.
#include "storage/aborted_index.h"
#include "storage/producer_state.h"
#include "storage/segment_scan.h"

namespace myelin::storage {

class ProducerReplay {
 public:
  // `producers` is what they were where the first batch begins; it and `file` outlive this.
  ProducerReplay(ProducerState& producers, const File& file, std::int64_t segment_base, std::int64_t now_ms)
      : producers_(producers), file_(file), segment_base_(segment_base), now_ms_(now_ms) {}

  void add(const LocatedBatch& batch);
  // Whether a marker was passed over because its bytes are damaged: its transaction stays open.
  [[nodiscard]] bool met_damage() const { return met_damage_; }
  // What the markers added so far aborted, or why one of them could not be read.
  [[nodiscard]] Result<AbortedIndex> finish();

 private:
  ProducerState& producers_;
  const File& file_;
  const std::int64_t segment_base_;
  const std::int64_t now_ms_;
  AbortedIndex aborted_;
  bool met_damage_ = false;
  Result<void> outcome_;
};

}  // namespace myelin::storage
