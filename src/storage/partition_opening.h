#pragma once
// Opens one partition after a run that ended in any way. Trusts what the journal vouches for; everything else is read
// and checked: a torn tail is cut, damage is quarantined, indexes and producer state are built anew.
#include <optional>
#include <vector>

#include "storage/partition_core.h"
#include "storage/partition_files.h"

namespace myelin::storage {

class PartitionOpening {
 public:
  PartitionOpening(PartitionLog::Core& core, PartitionLog::Core::OpenRequest request);
  [[nodiscard]] Result<PartitionRecovery> run();

 private:
  using Core = PartitionLog::Core;
  struct Scanned {
    std::shared_ptr<Segment> segment;
    ScanResult result;
    IndexBuilder builder;
    std::int64_t first_timestamp = kNoTimestamp;
    AbortedIndex aborted;
    std::int64_t open_from = AbortedSummary::kNoneOpen;
    bool is_good_to_the_end = false;
    [[nodiscard]] bool has_batches() const { return result.end_offset > segment->base_offset; }
  };

  void open_segments();
  [[nodiscard]] Result<void> open_epochs();
  [[nodiscard]] bool is_vouched_for() const;
  [[nodiscard]] Result<void> restore_producers(std::int64_t offset_max);
  [[nodiscard]] Result<void> replay_producers(std::int64_t until_offset);
  [[nodiscard]] Result<void> trust();
  [[nodiscard]] Result<void> scan();
  [[nodiscard]] Result<Scanned> scan_one(std::size_t index);
  void keep_producers(const Scanned& scanned, std::size_t next);
  [[nodiscard]] Result<void> settle_tail(std::vector<Scanned>& scanned);
  [[nodiscard]] Result<void> cut_tail(Scanned& last, std::size_t later);
  [[nodiscard]] Result<void> quarantine_tail(Scanned& last, std::size_t later);
  [[nodiscard]] Result<void> remove_last_segments(std::size_t count);
  [[nodiscard]] Result<void> keep_indexes(std::vector<Scanned>& scanned);
  [[nodiscard]] Result<void> sync_recovered(const std::vector<Scanned>& scanned);
  [[nodiscard]] Result<void> find_uncovered();
  [[nodiscard]] Result<void> add_uncovered(std::int64_t first_offset, std::int64_t next_offset);
  [[nodiscard]] Result<void> settle_epoch();
  [[nodiscard]] ScanRequest::Expected expected_at(std::int64_t offset) const;
  void remove_stale_snapshots();
  void report_damage();

  [[nodiscard]] const provenance::StateFrame& state() const { return request_.journaled.state; }

  Core& core_;
  Core::OpenRequest request_;
  PartitionRecovery report_;
  PartitionFiles files_;
  bool epochs_are_known_ = true;
  std::int32_t epoch_max_ = 0;
  std::int64_t producers_from_ = 0;               // batches below are in the snapshot already
  std::vector<provenance::AppendFrame> entries_;  // of the journal, that count, ascending
};

}  // namespace myelin::storage
