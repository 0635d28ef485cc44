// Making a partition's files, writing its small ones, and opening what the last run left.
#include <algorithm>
#include <array>

#include "base/log.h"
#include "storage/partition_core.h"
#include "storage/partition_files.h"
#include "storage/partition_opening.h"

namespace myelin::storage {

Result<void> PartitionLog::Core::create_files() {
  auto& files = context_.files;
  if (auto made = files.create_directory(*directory_); !made) return made;
  auto segment = make_segment(0);
  if (!segment) return pass(segment);
  const std::lock_guard lock(mutex_);
  segments_.push_back(std::move(*segment));
  epochs_.begin(0, 0);
  if (auto written = write_epochs(); !written) return written;
  // The metadata comes last: a directory without it is the leaving of an interrupted creation.
  return replace_file(files, join_path(*directory_, kMetadataFile), as_bytes(metadata_text(identity_.topic_id)));
}

Result<void> PartitionLog::Core::write_epochs() const {
  return replace_file_unsynced(context_.files, join_path(*directory_, kEpochsFile), as_bytes(epochs_.text()));
}

Result<void> PartitionLog::Core::write_snapshot_locked(std::int64_t offset) {
  if (offset == last_snapshot_) return {};
  const auto path = join_path(*directory_, offset_file_name(offset, kSnapshotSuffix));
  auto written = replace_file_unsynced(context_.files, path, producers_.snapshot());
  if (written) last_snapshot_ = offset;
  return written;
}

Result<void> PartitionLog::Core::load_active_tail_locked() {
  if (is_tail_loaded_) return {};
  const auto& active = active_locked();
  auto file = file_of(active);
  if (!file) return pass(file);
  auto stored = load_index(context_.files, active);
  std::uint64_t from = 0;
  if (stored && !stored->offsets.empty()) {
    const auto& last = stored->offsets.back();
    auto batch = HeaderWalk(**file, last.position, active.bytes.load()).next();
    if (!batch) return pass(batch);
    const bool agrees =
        *batch && (*batch)->header.last_offset() - active.base_offset == std::int64_t{last.relative_offset};
    if (agrees) {
      from = last.position;
    } else {
      stored.reset();
    }
  }
  const SparseIndex index = stored.value_or(SparseIndex{});
  builder_ = IndexBuilder(active.base_offset, index.times.empty() ? std::nullopt : std::optional(index.times.back()));
  spilled_offsets_ = index.offsets.size();
  spilled_times_ = index.times.size();
  auto walked = walk_locked(active, **file, [&](const LocatedBatch& batch) {
    const auto& [header, position] = batch;
    if (position == 0) first_timestamp_ = header.max_timestamp;
    if (!stored) {
      builder_.add(header, static_cast<std::uint32_t>(position), config_.index_interval_bytes);
    } else if (position >= from) {
      builder_.pass_over(header);
    }
  });
  if (!walked) return walked;
  is_tail_loaded_ = true;
  return {};
}

Result<PartitionRecovery> PartitionLog::Core::recover(OpenRequest request) {
  return PartitionOpening(*this, std::move(request)).run();
}

provenance::StateFrame PartitionLog::Core::journal_state() const {
  const std::lock_guard lock(mutex_);
  const auto& epochs = epochs_.entries();
  return {.topic_id = identity_.topic_id,
          .partition = identity_.name.partition,
          .leader_epoch = leader_epoch_,
          .leader_epoch_start = epochs.empty() ? 0 : epochs.back().start_offset,
          .log_start_offset = log_start_,
          .synced_offset = synced_.offset,
          .covered_end = covered_end_,
          .segment_base = synced_.segment_base,
          .segment_bytes = synced_.position};
}

}  // namespace myelin::storage
