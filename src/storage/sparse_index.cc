#include "storage/sparse_index.h"

#include <algorithm>
#include <utility>

namespace myelin::storage {

ByteBuffer encode(const std::vector<OffsetEntry>& entries) {
  ByteBuffer bytes(entries.size() * kOffsetEntrySize);
  auto* at = bytes.data();
  for (const auto& entry : entries) {
    store_big_endian(at, entry.relative_offset);
    store_big_endian(at + 4, entry.position);
    at += kOffsetEntrySize;
  }
  return bytes;
}

ByteBuffer encode(const std::vector<TimeEntry>& entries) {
  ByteBuffer bytes(entries.size() * kTimeEntrySize);
  auto* at = bytes.data();
  for (const auto& entry : entries) {
    store_big_endian(at, entry.timestamp);
    store_big_endian(at + 8, entry.relative_offset);
    at += kTimeEntrySize;
  }
  return bytes;
}

std::optional<std::vector<OffsetEntry>> decode_offset_index(ByteSpan bytes) {
  if (bytes.size() % kOffsetEntrySize != 0) return std::nullopt;
  std::vector<OffsetEntry> entries;
  entries.reserve(bytes.size() / kOffsetEntrySize);
  for (std::size_t at = 0; at < bytes.size(); at += kOffsetEntrySize) {
    const OffsetEntry entry{load_big_endian<std::uint32_t>(bytes.data() + at),
                            load_big_endian<std::uint32_t>(bytes.data() + at + 4)};
    if (entry == OffsetEntry{}) break;
    if (!entries.empty() &&
        (entry.relative_offset <= entries.back().relative_offset || entry.position <= entries.back().position)) {
      return std::nullopt;
    }
    entries.push_back(entry);
  }
  return entries;
}

std::optional<std::vector<TimeEntry>> decode_time_index(ByteSpan bytes) {
  if (bytes.size() % kTimeEntrySize != 0) return std::nullopt;
  std::vector<TimeEntry> entries;
  entries.reserve(bytes.size() / kTimeEntrySize);
  for (std::size_t at = 0; at < bytes.size(); at += kTimeEntrySize) {
    const TimeEntry entry{load_big_endian<std::int64_t>(bytes.data() + at),
                          load_big_endian<std::uint32_t>(bytes.data() + at + 8)};
    if (entry == TimeEntry{}) break;
    if (!entries.empty() &&
        (entry.timestamp <= entries.back().timestamp || entry.relative_offset <= entries.back().relative_offset)) {
      return std::nullopt;
    }
    entries.push_back(entry);
  }
  return entries;
}

const OffsetEntry* entry_for_offset(const std::vector<OffsetEntry>& entries, std::int64_t relative_offset) {
  const auto above =
      std::upper_bound(entries.begin(), entries.end(), relative_offset,
                       [](std::int64_t offset, const auto& entry) { return offset < entry.relative_offset; });
  return above == entries.begin() ? nullptr : &*std::prev(above);
}

const OffsetEntry* entry_for_position(const std::vector<OffsetEntry>& entries, std::uint64_t position) {
  const auto above = std::upper_bound(entries.begin(), entries.end(), position,
                                      [](std::uint64_t at, const auto& entry) { return at < entry.position; });
  return above == entries.begin() ? nullptr : &*std::prev(above);
}

const TimeEntry* entry_before_time(const std::vector<TimeEntry>& entries, std::int64_t timestamp) {
  const auto at_or_after =
      std::lower_bound(entries.begin(), entries.end(), timestamp,
                       [](const auto& entry, std::int64_t time) { return entry.timestamp < time; });
  return at_or_after == entries.begin() ? nullptr : &*std::prev(at_or_after);
}

IndexBuilder::IndexBuilder(std::int64_t segment_base, const std::optional<TimeEntry>& newest)
    : segment_base_(segment_base) {
  if (!newest) return;
  max_timestamp_ = last_indexed_timestamp_ = newest->timestamp;
  offset_of_max_timestamp_ = segment_base + newest->relative_offset;
}

void IndexBuilder::pass_over(const BatchHeader& header) {
  note_time(header);
  bytes_since_entry_ += header.size();
}

void IndexBuilder::note_time(const BatchHeader& header) {
  if (header.max_timestamp <= max_timestamp_) return;
  max_timestamp_ = header.max_timestamp;
  offset_of_max_timestamp_ = header.last_offset();
}

void IndexBuilder::add(const BatchHeader& header, std::uint32_t position, std::int32_t interval_bytes) {
  note_time(header);
  if (bytes_since_entry_ > interval_bytes) {
    entries_.offsets.push_back({static_cast<std::uint32_t>(header.last_offset() - segment_base_), position});
    add_time();
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += header.size();
}

void IndexBuilder::add_time() {
  if (max_timestamp_ <= last_indexed_timestamp_) return;
  entries_.times.push_back({max_timestamp_, static_cast<std::uint32_t>(offset_of_max_timestamp_ - segment_base_)});
  last_indexed_timestamp_ = max_timestamp_;
}

void IndexBuilder::add_final_time() {
  if (max_timestamp_ != kNoTimestamp) add_time();
}

SparseIndex IndexBuilder::take() { return std::exchange(entries_, {}); }

}  // namespace myelin::storage
