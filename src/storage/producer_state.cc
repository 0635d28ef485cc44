#include "storage/producer_state.h"

#include <algorithm>

#include "base/crc32c.h"

namespace myelin::storage {
namespace {

constexpr std::int16_t kSnapshotVersion = 1;
constexpr std::size_t kSnapshotHeaderSize = 10;  // version, crc, array length
constexpr std::size_t kCrcStart = 6;
constexpr std::size_t kEntrySize = 46;
constexpr std::int32_t kNoCoordinator = -1;
constexpr std::int64_t kNoTransaction = -1;

std::int32_t next_sequence(std::int32_t last) { return last == INT32_MAX ? 0 : last + 1; }

}  // namespace

ProducerState::Check ProducerState::check(const BatchHeader& header) const {
  if (header.producer_id == kNoProducer || header.base_sequence < 0) return {};
  const auto found = entries_.find(header.producer_id);
  if (found == entries_.end()) return {};
  const auto& entry = found->second;
  if (header.producer_epoch < entry.epoch) {
    return {.verdict = Verdict::StaleEpoch, .current_epoch = entry.epoch};
  }
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence == 0) return {};
    return {.verdict = Verdict::OutOfOrder, .expected_sequence = 0};
  }
  for (std::size_t i = 0; i < entry.count; ++i) {
    const auto& batch = entry.batches[i];
    if (batch.base_sequence == header.base_sequence && batch.last_sequence == header.last_sequence()) {
      return {.verdict = Verdict::Duplicate, .base_offset = batch.base_offset(), .timestamp = batch.timestamp};
    }
  }
  const auto expected = next_sequence(entry.last().last_sequence);
  if (header.base_sequence == expected) return {};
  return {.verdict = Verdict::OutOfOrder, .expected_sequence = expected};
}

void ProducerState::record(const BatchHeader& header, std::int64_t now_ms) {
  if (header.producer_id == kNoProducer || header.base_sequence < 0) return;
  auto& entry = entries_[header.producer_id];
  if (entry.epoch != header.producer_epoch) entry.count = 0;
  entry.epoch = header.producer_epoch;
  entry.last_seen_ms = now_ms;
  if (entry.count == kBatchesRemembered) {
    std::shift_left(entry.batches.begin(), entry.batches.end(), 1);
    --entry.count;
  }
  entry.batches[entry.count++] = {header.base_sequence, header.last_sequence(), header.last_offset(),
                                  header.last_offset_delta, header.max_timestamp};
}

void ProducerState::expire(std::int64_t before_ms) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.last_seen_ms < before_ms; });
}

ByteBuffer ProducerState::snapshot() const {
  ByteBuffer bytes(kSnapshotHeaderSize + entries_.size() * kEntrySize);
  auto* at = bytes.data();
  store_big_endian(at, kSnapshotVersion);
  store_big_endian(at + kCrcStart, static_cast<std::int32_t>(entries_.size()));
  at += kSnapshotHeaderSize;
  for (const auto& [producer_id, entry] : entries_) {
    const auto& last = entry.last();
    store_big_endian(at, producer_id);
    store_big_endian(at + 8, entry.epoch);
    store_big_endian(at + 10, last.last_sequence);
    store_big_endian(at + 14, last.last_offset);
    store_big_endian(at + 22, last.offset_delta);
    store_big_endian(at + 26, last.timestamp);
    store_big_endian(at + 34, kNoCoordinator);
    store_big_endian(at + 38, kNoTransaction);
    at += kEntrySize;
  }
  store_big_endian(bytes.data() + 2, crc32c(ByteSpan(bytes).subspan(kCrcStart)));
  return bytes;
}

std::optional<ProducerState> ProducerState::restore(ByteSpan bytes, std::int64_t now_ms) {
  if (bytes.size() < kSnapshotHeaderSize) return std::nullopt;
  if (load_big_endian<std::int16_t>(bytes.data()) != kSnapshotVersion) return std::nullopt;
  if (load_big_endian<std::uint32_t>(bytes.data() + 2) != crc32c(bytes.subspan(kCrcStart))) return std::nullopt;
  const auto count = load_big_endian<std::int32_t>(bytes.data() + kCrcStart);
  if (count < 0 || bytes.size() != kSnapshotHeaderSize + static_cast<std::size_t>(count) * kEntrySize) {
    return std::nullopt;
  }
  ProducerState state;
  const auto* at = bytes.data() + kSnapshotHeaderSize;
  for (std::int32_t i = 0; i < count; ++i, at += kEntrySize) {
    auto& entry = state.entries_[load_big_endian<std::int64_t>(at)];
    entry.epoch = load_big_endian<std::int16_t>(at + 8);
    entry.last_seen_ms = now_ms;
    auto& last = entry.batches[0];
    last.last_sequence = load_big_endian<std::int32_t>(at + 10);
    last.last_offset = load_big_endian<std::int64_t>(at + 14);
    last.offset_delta = load_big_endian<std::int32_t>(at + 22);
    last.timestamp = load_big_endian<std::int64_t>(at + 26);
    // -1: no batch yet.
    if (last.last_offset < -1 || last.offset_delta < 0 || last.offset_delta - 1 > last.last_offset) return std::nullopt;
    const auto base = std::int64_t{last.last_sequence} - last.offset_delta;
    last.base_sequence = static_cast<std::int32_t>(base < 0 ? base + INT32_MAX + 1 : base);
    entry.count = 1;
  }
  return state;
}

}  // namespace myelin::storage
