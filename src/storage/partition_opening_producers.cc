// What is known of producers when a partition opens: the newest snapshot, and the batches behind it.
#include <algorithm>

#include "base/log.h"
#include "base/sabotage.h"
#include "storage/partition_opening.h"
#include "storage/producer_replay.h"

namespace myelin::storage {

// The newest snapshot that is intact and not beyond `offset_max`.
Result<void> PartitionOpening::restore_producers(std::int64_t offset_max) {
  producers_from_ = core_.log_start_;
  if (sabotaged(Sabotage::ForgetProducerSnapshot)) {
    producers_from_ = offset_max;
    return {};
  }
  while (!files_.snapshots.empty()) {
    const auto offset = files_.snapshots.back();
    if (offset <= offset_max) {
      auto restored = core_.stored_producers(offset);
      if (restored) {
        core_.producers_ = std::move(*restored);
        core_.last_snapshot_ = producers_from_ = offset;
        return {};
      }
      log::warn("producer snapshot unreadable, an older one is used",
                {{"partition", core_.label()}, {"offset", offset}});
    }
    // Unreadable, or about a log end that is no more.
    const auto path = join_path(*core_.directory_, offset_file_name(offset, kSnapshotSuffix));
    auto removed = core_.context_.files.remove_file(path);
    if (!removed && removed.error().code != Code::NotFound) return removed;
    files_.snapshots.pop_back();
  }
  return {};
}

// Batch headers in [producers_from_, until_offset), without a check of their bytes.
Result<void> PartitionOpening::replay_producers(std::int64_t until_offset) {
  const auto now_ms = unix_milliseconds(core_.context_.clock.wall());
  for (std::size_t i = 0; i < core_.segments_.size() && producers_from_ < until_offset; ++i) {
    const auto& segment = *core_.segments_[i];
    const bool is_last = i + 1 == core_.segments_.size();
    if (!is_last && core_.segments_[i + 1]->base_offset <= producers_from_) continue;
    if (segment.base_offset >= until_offset) break;
    auto file = core_.file_of(segment);
    if (!file) return pass(file);
    ProducerReplay replay(core_.producers_, **file, segment.base_offset, now_ms);
    auto walked = core_.walk_locked(segment, **file, [&](const LocatedBatch& batch) {
      const auto offset = batch.header.base_offset;
      if (offset >= producers_from_ && offset < until_offset) replay.add(batch);
    });
    if (!walked) return walked;
    if (auto replayed = replay.finish(); !replayed) return pass(replayed);
  }
  producers_from_ = std::max(producers_from_, until_offset);
  return {};
}

// What the producers are where the next segment begins, so that nobody has to read this one again to know.
void PartitionOpening::keep_producers(const Scanned& scanned, std::size_t next) {
  if (next == core_.segments_.size() || !scanned.is_good_to_the_end) return;
  if (auto written = core_.write_snapshot_locked(core_.segments_[next]->base_offset); !written) {
    log::warn("producer snapshot not written", {{"partition", core_.label()}, {"reason", written.error().message}});
  }
}

// Snapshots that neither belong to a segment nor say what the producers are now.
void PartitionOpening::remove_stale_snapshots() {
  for (const auto offset : files_.snapshots) {
    const bool is_needed =
        offset == core_.last_snapshot_ ||
        std::ranges::any_of(core_.segments_, [&](const auto& segment) { return segment->base_offset == offset; });
    if (is_needed) continue;
    auto removed =
        core_.context_.files.remove_file(join_path(*core_.directory_, offset_file_name(offset, kSnapshotSuffix)));
    if (!removed) log::warn("stale producer snapshot stays", {{"partition", core_.label()}, {"offset", offset}});
  }
}

}  // namespace myelin::storage
