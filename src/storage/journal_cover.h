#pragma once
// Which append entries of the journal count, while its files are read from the newest to the oldest: the last entry for
// an offset wins. An entry of which any offset is taken, or lies beyond the end of the log, does not count at all: its
// batch is not in the log, whose later offsets other batches have.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "storage/journal_file.h"
#include "storage/offset_cover.h"

namespace myelin::storage {

using JournalKey = std::pair<TopicId, std::int32_t>;

class JournalCover {
 public:
  // Where the log of a living partition ends; nullopt when nothing is beyond its end.
  using LogEndOf = std::function<std::optional<std::int64_t>(const JournalKey&)>;
  using Covers = std::map<JournalKey, OffsetCover>;
  explicit JournalCover(LogEndOf log_end_of) : log_end_of_(std::move(log_end_of)) {}
  // Only entries of `wanted` partitions count.
  JournalCover(LogEndOf log_end_of, std::function<bool(const JournalKey&)> wanted)
      : log_end_of_(std::move(log_end_of)), wanted_(std::move(wanted)) {}

  // For each append entry of the file, in their order, whether it counts. Every newer file was taken before.
  [[nodiscard]] Result<std::vector<bool>> take(const JournalFile& file);
  // What the entries that count cover, of every partition that was met.
  [[nodiscard]] const Covers& covers() const { return covers_; }

 private:
  struct Claim;
  [[nodiscard]] Result<std::vector<Claim>> claims_of(const JournalFile& file, const JournalFile::Part& part);
  // Null for one that is not wanted.
  [[nodiscard]] OffsetCover* cover_of(const JournalKey& key);

  const LogEndOf log_end_of_;
  const std::function<bool(const JournalKey&)> wanted_;
  Covers covers_;
};

}  // namespace myelin::storage
