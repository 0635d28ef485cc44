#include "storage/journal_cover.h"

#include <ranges>

#include "storage/provenance_format.h"

namespace myelin::storage {
namespace {

// What of a frame decides about the entries before it.
struct Claim {
  JournalKey key;
  std::int64_t first = 0;
  std::int64_t next = 0;
  bool is_removal = false;  // of the partition, whose log ended at `next`
};

}  // namespace

OffsetCover& JournalCover::cover_of(const JournalKey& key) {
  const auto [at, is_new] = covers_.try_emplace(key);
  if (is_new) at->second.limit(log_end_of_(key).value_or(INT64_MAX));
  return at->second;
}

std::vector<bool> JournalCover::take(ByteSpan file) {
  std::vector<Claim> claims;
  std::size_t entries = 0;
  provenance::read_frames(file, [&](const provenance::Frame& frame) {
    if (const auto* append = std::get_if<provenance::AppendFrame>(&frame)) {
      claims.push_back({{append->topic_id, append->partition}, append->base_offset, append->next_offset(), false});
      ++entries;
    } else if (const auto* removed = std::get_if<provenance::RemovedFrame>(&frame)) {
      claims.push_back({{removed->topic_id, removed->partition}, 0, removed->log_end_offset, true});
    }
  });
  std::vector<bool> counts(entries);
  for (const auto& claim : std::views::reverse(claims)) {
    auto& cover = cover_of(claim.key);
    if (claim.is_removal) {
      cover.limit(claim.next);
    } else {
      counts[--entries] = cover.add(claim.first, claim.next);
    }
  }
  return counts;
}

}  // namespace myelin::storage
