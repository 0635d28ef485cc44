#include "storage/aborted_index.h"

#include <algorithm>

namespace myelin::storage {
namespace {

constexpr std::int16_t kVersion = 0;

}  // namespace

ByteBuffer encode(const AbortedIndex& index) {
  ByteBuffer bytes(index.entries.size() * kAbortedEntrySize);
  auto* at = bytes.data();
  for (const auto& entry : index.entries) {
    store_big_endian(at, kVersion);
    store_big_endian(at + 2, entry.producer_id);
    store_big_endian(at + 10, entry.first_offset);
    store_big_endian(at + 18, entry.last_offset);
    store_big_endian(at + 26, entry.last_stable_offset);
    at += kAbortedEntrySize;
  }
  return bytes;
}

std::optional<AbortedIndex> decode_aborted_index(ByteSpan bytes) {
  if (bytes.size() % kAbortedEntrySize != 0) return std::nullopt;
  AbortedIndex index;
  index.entries.reserve(bytes.size() / kAbortedEntrySize);
  for (const auto* at = bytes.data(); at != bytes.data() + bytes.size(); at += kAbortedEntrySize) {
    const AbortedEntry entry{load_big_endian<std::int64_t>(at + 2), load_big_endian<std::int64_t>(at + 10),
                             load_big_endian<std::int64_t>(at + 18), load_big_endian<std::int64_t>(at + 26)};
    const bool rises = index.entries.empty() || entry.last_offset > index.entries.back().last_offset;
    if (load_big_endian<std::int16_t>(at) != kVersion || !rises) return std::nullopt;
    index.entries.push_back(entry);
  }
  return index;
}

AbortedBatches::AbortedBatches(const std::vector<AbortedEntry>& entries) {
  for (const auto& entry : entries) by_producer_[entry.producer_id].push_back(entry);
}

bool AbortedBatches::contains(const BatchHeader& header) const {
  if (by_producer_.empty() || !header.is_transactional() || header.is_control()) return false;
  const auto found = by_producer_.find(header.producer_id);
  if (found == by_producer_.end()) return false;
  const auto ended = std::ranges::lower_bound(found->second, header.base_offset, {}, &AbortedEntry::last_offset);
  return ended != found->second.end() && ended->first_offset <= header.base_offset;
}

}  // namespace myelin::storage
