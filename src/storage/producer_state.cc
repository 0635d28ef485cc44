#include "storage/producer_state.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/crc32c.h"

namespace myelin::storage {
namespace {

constexpr std::int16_t kSnapshotVersion = 1;
constexpr std::size_t kSnapshotHeaderSize = 10;  // version, crc, array length
constexpr std::size_t kCrcStart = 6;
constexpr std::size_t kEntrySize = 46;
constexpr std::int64_t kNoOffset = -1;  // no batch yet

std::int32_t next_sequence(std::int32_t last) { return last == INT32_MAX ? 0 : last + 1; }

ProducerState::Check check_sequence(const ProducerState::Entry& entry, const BatchHeader& header) {
  using Verdict = ProducerState::Verdict;
  if (header.base_sequence < 0) return {};
  if (header.producer_epoch > entry.epoch) {
    if (header.base_sequence == 0) return {};
    return {.verdict = Verdict::OutOfOrder, .expected_sequence = 0};
  }
  for (std::size_t i = 0; i < entry.count; ++i) {
    const auto& batch = entry.batches[i];
    // What lies behind a marker is of another transaction: a producer that gave up a batch there and numbers the next
    // one the same (librdkafka, when its connection breaks before an abort) would believe that this one is written.
    const bool is_of_another = header.is_transactional() && (entry.transaction_start == kNoTransaction ||
                                                             batch.base_offset() < entry.transaction_start);
    if (is_of_another) continue;
    if (batch.base_sequence == header.base_sequence && batch.last_sequence == header.last_sequence()) {
      return {.verdict = Verdict::Duplicate, .base_offset = batch.base_offset(), .timestamp = batch.timestamp};
    }
  }
  const auto expected = next_sequence(entry.last().last_sequence);
  if (header.base_sequence == expected) return {};
  return {.verdict = Verdict::OutOfOrder, .expected_sequence = expected};
}

// Of an entry of a snapshot.
ProducerState::Batch batch_of(const std::byte* at) {
  const auto last_sequence = load_big_endian<std::int32_t>(at + 10);
  const auto offset_delta = load_big_endian<std::int32_t>(at + 22);
  const auto base = std::int64_t{last_sequence} - offset_delta;
  return {.base_sequence = static_cast<std::int32_t>(base < 0 ? base + INT32_MAX + 1 : base),
          .last_sequence = last_sequence,
          .last_offset = load_big_endian<std::int64_t>(at + 14),
          .offset_delta = offset_delta,
          .timestamp = load_big_endian<std::int64_t>(at + 26)};
}

}  // namespace

ProducerState::Check ProducerState::check(const BatchHeader& header) const {
  if (header.producer_id == kNoProducer) return {};
  const auto found = entries_.find(header.producer_id);
  if (found == entries_.end()) return {};
  const auto& entry = found->second;
  if (header.producer_epoch < entry.epoch) {
    return {.verdict = Verdict::StaleEpoch, .current_epoch = entry.epoch};
  }
  const auto checked = check_sequence(entry, header);
  const bool is_outside = entry.transaction_start != kNoTransaction && !header.is_transactional();
  if (checked.verdict == Verdict::Append && is_outside) return {.verdict = Verdict::TransactionIsOpen};
  return checked;
}

ProducerState::Check ProducerState::check(const TransactionMarker& marker) const {
  const auto found = entries_.find(marker.producer_id);
  if (found == entries_.end()) return {};
  const auto& entry = found->second;
  if (marker.producer_epoch < entry.epoch) return {.verdict = Verdict::StaleEpoch, .current_epoch = entry.epoch};
  if (marker.coordinator_epoch < entry.coordinator_epoch) {
    return {.verdict = Verdict::StaleCoordinator, .current_epoch = entry.coordinator_epoch};
  }
  return {};
}

ProducerState::Entry& ProducerState::touch(const BatchHeader& header, std::int64_t now_ms) {
  auto& entry = entries_[header.producer_id];
  if (entry.epoch != header.producer_epoch) entry.count = 0;
  entry.epoch = header.producer_epoch;
  entry.last_seen_ms = now_ms;
  entry.last_timestamp = header.max_timestamp;
  return entry;
}

void ProducerState::record(const BatchHeader& header, BatchPlace place, std::int64_t now_ms) {
  const bool has_sequence = header.base_sequence >= 0;
  if (header.producer_id == kNoProducer || (!has_sequence && !header.is_transactional())) return;
  auto& entry = touch(header, now_ms);
  if (has_sequence) {
    if (entry.count == kBatchesRemembered) {
      std::shift_left(entry.batches.begin(), entry.batches.end(), 1);
      --entry.count;
    }
    entry.batches[entry.count++] = {header.base_sequence, header.last_sequence(), header.last_offset(),
                                    header.last_offset_delta, header.max_timestamp};
  }
  if (header.is_transactional() && entry.transaction_start == kNoTransaction) {
    entry.transaction_start = header.base_offset;
    undecided_.push_back({.producer_id = header.producer_id, .first_offset = header.base_offset, .place = place});
  }
}

std::optional<AbortedEntry> ProducerState::record(const BatchHeader& header, const TransactionMarker& marker,
                                                  std::int64_t now_ms) {
  auto& entry = touch(header, now_ms);
  entry.coordinator_epoch = marker.coordinator_epoch;
  const auto first_offset = std::exchange(entry.transaction_start, kNoTransaction);
  if (first_offset == kNoTransaction) return std::nullopt;
  for (auto& transaction : undecided_) {
    const bool is_ended = transaction.producer_id == marker.producer_id && transaction.first_offset == first_offset;
    if (is_ended) transaction.marker_offset = header.base_offset;
  }
  if (marker.commits) return std::nullopt;
  return AbortedEntry{.producer_id = marker.producer_id,
                      .first_offset = first_offset,
                      .last_offset = header.base_offset,
                      .last_stable_offset = open_from().value_or(header.next_offset())};
}

std::optional<std::int64_t> ProducerState::open_from() const {
  const auto open = std::ranges::find(undecided_, UndecidedTransaction::kOpen, &UndecidedTransaction::marker_offset);
  return open == undecided_.end() ? std::nullopt : std::optional(open->first_offset);
}

void ProducerState::decide_below(std::int64_t high_watermark) {
  if (undecided_.empty()) return;
  std::erase_if(undecided_, [&](const UndecidedTransaction& transaction) {
    return transaction.marker_offset != UndecidedTransaction::kOpen && transaction.marker_offset < high_watermark;
  });
}

void ProducerState::set_place(std::int64_t first_offset, BatchPlace place) {
  const auto found = std::ranges::find(undecided_, first_offset, &UndecidedTransaction::first_offset);
  if (found != undecided_.end()) found->place = place;
}

void ProducerState::expire(std::int64_t before_ms) {
  std::erase_if(entries_, [&](const auto& known) {
    const auto& entry = known.second;
    return entry.last_seen_ms < before_ms && entry.transaction_start == kNoTransaction;
  });
}

// Each batch that is remembered is an entry of its own, the newest last: Kafka, which remembers one, takes the last.
ByteBuffer ProducerState::snapshot() const {
  std::size_t count = 0;
  for (const auto& [producer_id, entry] : entries_) count += std::max<std::size_t>(entry.count, 1);
  ByteBuffer bytes(kSnapshotHeaderSize + count * kEntrySize);
  auto* at = bytes.data();
  store_big_endian(at, kSnapshotVersion);
  store_big_endian(at + kCrcStart, static_cast<std::int32_t>(count));
  at += kSnapshotHeaderSize;
  for (const auto& [producer_id, entry] : entries_) {
    const std::array none{entry.last()};
    const auto batches = entry.count == 0 ? std::span(none) : std::span(entry.batches).first(entry.count);
    for (const auto& batch : batches) {
      const bool is_last = &batch == &batches.back();
      store_big_endian(at, producer_id);
      store_big_endian(at + 8, entry.epoch);
      store_big_endian(at + 10, batch.last_sequence);
      store_big_endian(at + 14, batch.last_offset);
      store_big_endian(at + 22, batch.offset_delta);
      store_big_endian(at + 26, is_last ? entry.last_timestamp : batch.timestamp);
      store_big_endian(at + 34, entry.coordinator_epoch);
      store_big_endian(at + 38, entry.transaction_start);
      at += kEntrySize;
    }
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
    if (entry.count == kBatchesRemembered) return std::nullopt;
    entry.epoch = load_big_endian<std::int16_t>(at + 8);
    entry.coordinator_epoch = load_big_endian<std::int32_t>(at + 34);
    entry.last_seen_ms = now_ms;
    entry.last_timestamp = load_big_endian<std::int64_t>(at + 26);
    entry.transaction_start = load_big_endian<std::int64_t>(at + 38);
    const auto last = batch_of(at);
    if (last.last_offset < kNoOffset || last.offset_delta < 0 || last.offset_delta - 1 > last.last_offset ||
        entry.transaction_start < kNoTransaction) {
      return std::nullopt;
    }
    if (last.last_offset != kNoOffset) entry.batches[entry.count++] = last;
  }
  for (const auto& [producer_id, entry] : state.entries_) {
    if (entry.transaction_start == kNoTransaction) continue;
    state.undecided_.push_back({.producer_id = producer_id, .first_offset = entry.transaction_start, .place = {}});
  }
  std::ranges::sort(state.undecided_, {}, &UndecidedTransaction::first_offset);
  return state;
}

}  // namespace myelin::storage
