#include "storage/producer_replay.h"

#include <utility>

#include "base/log.h"

namespace myelin::storage {

void ProducerReplay::add(const LocatedBatch& batch) {
  if (!outcome_) return;
  const auto& header = batch.header;
  if (!header.is_control()) {
    producers_.record(header, BatchPlace{segment_base_, batch.position}, now_ms_);
    return;
  }
  auto marker = read_marker(file_, batch);
  if (!marker && marker.error().code != Code::Corrupt) {
    outcome_ = pass(marker);
    return;
  }
  if (!marker) {
    log::warn("transaction marker is damaged", {{"reason", marker.error().message}});
    met_damage_ = true;
    return;
  }
  if (!*marker) return;  // a control batch of another kind
  if (const auto aborted = producers_.record(header, **marker, now_ms_)) aborted_.entries.push_back(*aborted);
  producers_.decide_below(header.next_offset());
}

Result<AbortedIndex> ProducerReplay::finish() {
  if (!outcome_) return pass(outcome_);
  return std::move(aborted_);
}

}  // namespace myelin::storage
