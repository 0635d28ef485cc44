#include "storage/journal_cover.h"

#include <ranges>

#include "storage/provenance_format.h"

namespace myelin::storage {
namespace {

// What of a frame decides about the entries before it. A file has some hundred thousand.
struct Claim {
  std::uint32_t partition = 0;  // of those that the file names, in their order
  bool is_removal = false;      // of the partition, whose log ended at `next`
  std::int64_t first = 0;
  std::int64_t next = 0;
};

}  // namespace

OffsetCover& JournalCover::cover_of(const JournalKey& key) {
  const auto [at, is_new] = covers_.try_emplace(key);
  if (is_new) at->second.limit(log_end_of_(key).value_or(INT64_MAX));
  return at->second;
}

std::vector<bool> JournalCover::take(ByteSpan file) {
  std::vector<Claim> claims;
  claims.reserve(file.size() / provenance::kAppendFrameSize);  // growing on the way would take as much again
  std::size_t entries = 0;
  std::map<JournalKey, std::uint32_t> numbers;
  std::vector<OffsetCover*> covers;
  const auto number_of = [&](const TopicId& topic_id, std::int32_t partition) {
    const auto [at, is_new] = numbers.try_emplace({topic_id, partition}, static_cast<std::uint32_t>(covers.size()));
    if (is_new) covers.push_back(&cover_of(at->first));
    return at->second;
  };
  provenance::read_frames(file, [&](const provenance::Frame& frame) {
    if (const auto* append = std::get_if<provenance::AppendFrame>(&frame)) {
      claims.push_back(
          {number_of(append->topic_id, append->partition), false, append->base_offset, append->next_offset()});
      ++entries;
    } else if (const auto* removed = std::get_if<provenance::RemovedFrame>(&frame)) {
      claims.push_back({number_of(removed->topic_id, removed->partition), true, 0, removed->log_end_offset});
    }
  });
  std::vector<bool> counts(entries);
  for (const auto& claim : std::views::reverse(claims)) {
    auto& cover = *covers[claim.partition];
    if (claim.is_removal) {
      cover.limit(claim.next);
    } else {
      counts[--entries] = cover.add(claim.first, claim.next);
    }
  }
  return counts;
}

}  // namespace myelin::storage
