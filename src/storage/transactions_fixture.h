#pragma once
// For tests: producers with transactions in `orders-0`, and a reader of committed records who does what clients do.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/records.h"
#include "storage/segment.h"
#include "storage/storage_fixture.h"
#include "storage/transaction_marker.h"

namespace myelin::storage {

class TransactionalStorage : public TestStorage {
 public:
  explicit TransactionalStorage(LogConfig config = {}) {
    open();
    create(config);
  }

  // Each appends one batch of one record, whose key is the value, or a marker, and returns its offset.
  std::int64_t write(std::int64_t producer_id, const std::string& value, std::int16_t epoch = 0) {
    return offset_of(try_write(producer_id, value, epoch));
  }
  std::int64_t write_outside(const std::string& value) { return offset_of(try_write_outside(value)); }
  std::int64_t commit(std::int64_t producer_id, std::int16_t epoch = 0) {
    return offset_of(try_commit(producer_id, epoch));
  }
  std::int64_t abort(std::int64_t producer_id, std::int16_t epoch = 0) {
    return offset_of(try_abort(producer_id, epoch));
  }

  [[nodiscard]] AppendOutcome try_write(std::int64_t producer_id, const std::string& value, std::int16_t epoch = 0) {
    auto outcome = append(*orders(), next_batch(producer_id, value, epoch));
    if (!outcome) --sequences_[{producer_id, epoch}];
    return outcome;
  }
  [[nodiscard]] AppendOutcome try_write_outside(const std::string& value) {
    return append(*orders(), encode_batch({.records = {{value, value}}, .timestamp = unix_milliseconds(clock.wall())}));
  }
  [[nodiscard]] AppendOutcome try_commit(std::int64_t producer_id, std::int16_t epoch = 0) {
    return append_marker(*orders(), {.producer_id = producer_id, .producer_epoch = epoch, .commits = true});
  }
  [[nodiscard]] AppendOutcome try_abort(std::int64_t producer_id, std::int16_t epoch = 0) {
    return append_marker(*orders(), {.producer_id = producer_id, .producer_epoch = epoch, .commits = false});
  }
  // Part of the producer's transaction.
  SharedBytes next_batch(std::int64_t producer_id, const std::string& value, std::int16_t epoch = 0) {
    return encode_batch({.records = {{value, value}},
                         .producer_id = producer_id,
                         .producer_epoch = epoch,
                         .base_sequence = sequences_[{producer_id, epoch}]++,
                         .timestamp = unix_milliseconds(clock.wall()),
                         .is_transactional = true});
  }

  ReadOutcome read_committed(std::int64_t offset, std::uint32_t bytes_max = 1 << 20) {
    return orders()->read({.offset = offset, .bytes_max = bytes_max, .isolation = Isolation::ReadCommitted});
  }

 private:
  static std::int64_t offset_of(const AppendOutcome& outcome) {
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return outcome ? outcome->base_offset : -1;
  }

  std::map<std::pair<std::int64_t, std::int16_t>, std::int32_t> sequences_;
};

// A file of `orders-0`.
inline std::string path_of(std::int64_t offset, std::string_view suffix) {
  return "data/log/orders-0/" + offset_file_name(offset, suffix);
}

enum class Stop : std::uint8_t { Close, Kill, PowerCut };
inline constexpr std::array kStops{Stop::Close, Stop::Kill, Stop::PowerCut};

inline void restart(TestStorage& storage, Stop stop) {
  if (stop == Stop::Close) storage.close_and_reopen();
  if (stop == Stop::Kill) storage.kill_and_reopen();
  if (stop == Stop::PowerCut) storage.cut_power_and_reopen();
}

// Five segments: transactions that end in the segment they began in, in the next one, and in the last one.
class ManySegments : public TransactionalStorage {
 public:
  ManySegments() : TransactionalStorage(small()) {
    for (int i = 0; i < 10; ++i) {
      write(7, "x" + std::to_string(i));
      write(8, "y" + std::to_string(i));
      if (i % 3 == 0) abort(7);
      if (i % 3 == 1) commit(7);
      if (i % 4 == 3) abort(8);
      if (i % 4 == 1) commit(8);
      write_outside("z" + std::to_string(i));
    }
    commit(8);
    write_outside("end");
  }
  static LogConfig small() {
    LogConfig config;
    config.segment_bytes = 700;
    return config;
  }
};

// Written down from the steps above: x0 is aborted, x1 committed, x2 and x3 aborted, and so on; y0 and y1 committed, y2
// and y3 aborted; x8 and x9 are aborted, y8 and y9 committed.
inline const std::vector<std::string> kCommittedInManySegments{"y0", "z0", "x1", "y1", "z1", "z2", "z3",
                                                               "x4", "y4", "z4", "y5", "z5", "z6", "x7",
                                                               "z7", "y8", "z8", "y9", "z9", "end"};

// The values that one committed read shows.
inline std::vector<std::string> values_shown(const ReadResult& result) {
  std::vector<std::string> values;
  auto aborted = result.aborted;
  std::ranges::sort(aborted, {}, &AbortedTransaction::first_offset);
  std::set<std::int64_t> aborting;
  const auto bytes = read_bytes(result.records);
  EXPECT_TRUE(bytes.has_value());
  ByteSpan rest = bytes->view();
  for (const auto& header : headers_in(rest)) {
    const auto batch = rest.first(static_cast<std::size_t>(header.size()));
    rest = rest.subspan(batch.size());
    while (!aborted.empty() && aborted.front().first_offset <= header.last_offset()) {
      aborting.insert(aborted.front().producer_id);
      aborted.erase(aborted.begin());
    }
    if (header.is_control()) {
      const auto marker = parse_marker(batch);
      EXPECT_TRUE(marker.has_value());
      if (marker && !marker->commits) aborting.erase(header.producer_id);
      continue;
    }
    if (header.is_transactional() && aborting.contains(header.producer_id)) continue;
    EXPECT_TRUE(for_each_record(
        batch, [&](const RecordView& record) { values.emplace_back(as_text(record.value.value_or(ByteSpan{}))); }));
  }
  return values;
}

// All committed values from `offset` on, read in steps of `bytes_max`.
inline std::vector<std::string> committed_values(const PartitionLog& log, std::int64_t offset = 0,
                                                 std::uint32_t bytes_max = 1 << 20) {
  std::vector<std::string> values;
  while (true) {
    const auto outcome = log.read({.offset = offset, .bytes_max = bytes_max, .isolation = Isolation::ReadCommitted});
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    if (!outcome || outcome->next_offset == offset) return values;
    EXPECT_LE(outcome->next_offset, outcome->last_stable_offset);
    for (auto& value : values_shown(*outcome)) values.push_back(std::move(value));
    offset = outcome->next_offset;
  }
}

}  // namespace myelin::storage
