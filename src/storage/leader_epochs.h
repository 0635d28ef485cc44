#pragma once
// Which leader epoch began at which offset. Kept in Kafka's `leader-epoch-checkpoint`:
//   0
//   <number of entries>
//   <epoch> <start offset>      one line each, both rising
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/partition_log.h"

namespace myelin::storage {

class LeaderEpochs {
 public:
  struct Entry {
    std::int32_t epoch = 0;
    std::int64_t start_offset = 0;
    bool operator==(const Entry&) const = default;
  };

  [[nodiscard]] static std::optional<LeaderEpochs> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  // -1 when there is none yet.
  [[nodiscard]] std::int32_t latest() const { return entries_.empty() ? -1 : entries_.back().epoch; }
  // Records `epoch` from `start_offset` on, unless it is known already. Entries at or beyond the offset vanish.
  void begin(std::int32_t epoch, std::int64_t start_offset);
  void cut_from(std::int64_t offset);
  // Entries before the log start are folded into one that begins there.
  void cut_before(std::int64_t log_start_offset);
  [[nodiscard]] EpochEnd end_of(std::int32_t epoch, std::int64_t log_end_offset) const;
  // The epoch that a batch at `offset` must carry; -1 when nothing is known about it.
  [[nodiscard]] std::int32_t epoch_at(std::int64_t offset) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace myelin::storage
