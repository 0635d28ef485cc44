#pragma once
// A sealed journal file said in fewer bytes: neighbouring entries of one attribution within one hour become runs.
// Usage by hour and the cover of every partition stay what they are. Format: docs/formats/provenance-journal.md.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "storage/file_system.h"
#include "storage/journal_cover.h"
#include "storage/journal_file.h"

namespace myelin::storage {

struct CoalescingRequest {
  const JournalFile& file;
  // Of the file's append entries, in order, which count (JournalCover); the others are left out.
  const std::vector<bool>& counts;
  // Below it recovery never cuts the partition's log, so that entries there may become one: a run counts whole or not
  // at all. INT64_MAX for a partition that is gone.
  std::function<std::int64_t(const JournalKey&)> settled_before;
};

// What a file says that is left to say. Reads it once more when it is written.
class CoalescedFile {
 public:
  // nullopt for a file that holds anything besides frames of known kinds: it would be lost with it.
  [[nodiscard]] static Result<std::optional<CoalescedFile>> of(CoalescingRequest request);
  // The bytes of the file that replaces it, marked as coalesced.
  [[nodiscard]] Result<void> write(const WritePart& write) const;

 private:
  explicit CoalescedFile(CoalescingRequest request) : request_(std::move(request)) {}

  CoalescingRequest request_;
  std::vector<bool> says_append_;  // of the append entries in order, those that are written
  std::vector<bool> says_state_;   // the same of the states behind the block that begins the file
};

// The synced offsets in the states that begin `file`, of every partition that existed then; nullopt when they can't all
// be read.
[[nodiscard]] Result<std::optional<std::map<JournalKey, std::int64_t>>> synced_at_begin_of(const JournalFile& file);

}  // namespace myelin::storage
