#pragma once
// A sealed journal file said in fewer bytes: neighbouring entries of one attribution within one hour become runs.
// Usage by hour and the cover of every partition stay what they are. Pure; format: docs/formats/provenance-journal.md.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "storage/journal_cover.h"

namespace myelin::storage {

struct CoalescingRequest {
  ByteSpan file;  // a whole file with its header
  // Of the file's append entries, in order, which count (JournalCover); the others are left out.
  const std::vector<bool>& counts;
  // Below it recovery never cuts the partition's log, so that entries there may become one: a run counts whole or not
  // at all. INT64_MAX for a partition that is gone.
  std::function<std::int64_t(const JournalKey&)> settled_before;
};

// The bytes of the file that replaces it, marked as coalesced. nullopt for a file that holds anything besides frames of
// known kinds: it would be lost with it.
[[nodiscard]] std::optional<ByteBuffer> coalesce(const CoalescingRequest& request);

// The synced offsets in the states that begin `file`, of every partition that existed then; nullopt when they can't all
// be read.
[[nodiscard]] std::optional<std::map<JournalKey, std::int64_t>> synced_at_begin_of(ByteSpan file);

}  // namespace myelin::storage
