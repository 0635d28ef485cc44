#pragma once
// Reading a segment batch by batch: headers only (to find positions), or everything with its CRC (to find damage).
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "storage/batch_header.h"
#include "storage/file_system.h"

namespace myelin::storage {

struct LocatedBatch {
  BatchHeader header;
  std::uint64_t position = 0;
  [[nodiscard]] std::uint64_t end() const { return position + static_cast<std::uint64_t>(header.size()); }
};

// Walks from batch to batch by their lengths, from `position` up to `limit`. Checks that a header can be one and fits,
// nothing else.
class HeaderWalk {
 public:
  HeaderWalk(const File& file, std::uint64_t position, std::uint64_t limit, DiskWait wait = DiskWait::Allowed);
  // nullopt at the limit, and when there is no batch at the position; `is_at_limit` tells which.
  [[nodiscard]] Result<std::optional<LocatedBatch>> next();
  [[nodiscard]] bool is_at_limit() const { return position_ >= limit_; }

 private:
  const File& file_;
  std::uint64_t position_;
  std::uint64_t limit_;
  DiskWait wait_;
  std::uint64_t buffer_start_ = 0;
  std::size_t buffer_size_ = 0;
  std::size_t wanted_ = 4096;
  std::array<std::byte, 4096> buffer_;
};

struct DamagedRange {
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  std::uint64_t position = 0;
  std::uint64_t end_position = 0;
};

struct ScanRequest {
  std::int64_t first_offset = 0;  // what the first batch must begin with
  std::uint64_t position = 0;
  std::uint64_t limit = 0;     // the size of the file
  bool gaps_allowed = false;   // compaction removes whole batches
  std::int32_t epoch_max = 0;  // no batch carries a later leader epoch
  // What a batch that begins at the offset carries, where that is known: {-1, 0} where it is not.
  struct Expected {
    std::int32_t leader_epoch = -1;
    std::uint64_t bytes = 0;
  };
  std::function<Expected(std::int64_t offset)> expected;
  std::function<void(const LocatedBatch&)> on_batch;  // every good one, in order
};

struct ScanResult {
  std::int64_t end_offset = 0;        // behind the last good batch
  std::uint64_t end_position = 0;     // of the last good batch
  std::vector<DamagedRange> damaged;  // bad bytes that a good batch follows
  // Bytes from end_position to the limit that are no good batch: a torn tail, or damage, for the caller to decide.
  std::uint64_t tail_bytes = 0;
};

// Reads everything and checks every batch: CRC, rising offsets without gaps, leader epoch.
[[nodiscard]] Result<ScanResult> scan_segment(const File& file, const ScanRequest& request);

}  // namespace myelin::storage
