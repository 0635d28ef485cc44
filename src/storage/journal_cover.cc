#include "storage/journal_cover.h"

#include <ranges>

namespace myelin::storage {
namespace {

using provenance::AppendFrame;
using provenance::Frame;

// A file is read forward and judged backward: part by part from its end, each of so many frames.
constexpr std::size_t kPartFrames = 4096;

struct Parts {
  std::vector<JournalFile::Part> parts;
  std::size_t entries = 0;  // appends in all of them
};

Result<Parts> parts_of(const JournalFile& file) {
  Parts found;
  std::size_t frames = 0;
  auto read = file.read_frames({}, [&](const Frame& frame, std::uint64_t position) {
    if (frames++ % kPartFrames == 0) {
      if (!found.parts.empty()) found.parts.back().end = position;
      found.parts.push_back({.begin = position});
    }
    found.entries += std::holds_alternative<AppendFrame>(frame) ? 1 : 0;
  });
  if (!read) return pass(read);
  return found;
}

}  // namespace

// What of a frame decides about the entries before it.
struct JournalCover::Claim {
  OffsetCover* cover = nullptr;  // of a partition that is wanted
  bool is_removal = false;       // of the partition, whose log ended at `next`
  std::int64_t first = 0;
  std::int64_t next = 0;
};

OffsetCover* JournalCover::cover_of(const JournalKey& key) {
  if (wanted_ && !wanted_(key)) return nullptr;
  const auto [at, is_new] = covers_.try_emplace(key);
  if (is_new) at->second.limit(log_end_of_(key).value_or(INT64_MAX));
  return &at->second;
}

Result<std::vector<JournalCover::Claim>> JournalCover::claims_of(const JournalFile& file,
                                                                 const JournalFile::Part& part) {
  std::vector<Claim> claims;
  auto read = file.read_frames(part, [&](const Frame& frame, std::uint64_t) {
    if (const auto* append = std::get_if<AppendFrame>(&frame)) {
      claims.push_back(
          {cover_of({append->topic_id, append->partition}), false, append->base_offset, append->next_offset()});
    } else if (const auto* removed = std::get_if<provenance::RemovedFrame>(&frame)) {
      claims.push_back({cover_of({removed->topic_id, removed->partition}), true, 0, removed->log_end_offset});
    }
  });
  if (!read) return pass(read);
  return claims;
}

Result<std::vector<bool>> JournalCover::take(const JournalFile& file) {
  const auto found = parts_of(file);
  if (!found) return std::unexpected(found.error());
  auto left = found->entries;
  std::vector<bool> counts(left);
  for (const auto& part : std::views::reverse(found->parts)) {
    const auto claims = claims_of(file, part);
    if (!claims) return std::unexpected(claims.error());
    for (const auto& claim : std::views::reverse(*claims)) {
      if (claim.is_removal) {
        if (claim.cover != nullptr) claim.cover->limit(claim.next);
      } else {
        if (left == 0) return changed_while_read(file);
        counts[--left] = claim.cover != nullptr && claim.cover->add(claim.first, claim.next);
      }
    }
  }
  if (left != 0) return changed_while_read(file);
  return counts;
}

}  // namespace myelin::storage
