// What leaves the log by age, by size and by key.
#include <gmock/gmock.h>

#include "storage/compaction.h"
#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

// One batch of one record per segment.
LogConfig small_segments() {
  LogConfig config;
  config.durability = Durability::Os;
  config.segment_bytes = 100;
  return config;
}

void append_now(TestStorage& storage, int count) {
  for (int i = 0; i < count; ++i) {
    const TestBatch batch{.timestamp = unix_milliseconds(storage.clock.wall())};
    ASSERT_TRUE(storage.append(*storage.orders(), encode_batch(batch)).has_value());
  }
}

void keep_house(TestStorage& storage) {
  storage.clock.advance(minutes(5));
  storage.directory->housekeep();
  storage.executor.run_all();
}

TEST(Retention, DeletesSegmentsWhoseYoungestRecordIsTooOld) {
  TestStorage storage;
  storage.open();
  auto config = small_segments();
  config.retention_ms = milliseconds(hours(1)).count();
  storage.create(config);
  append_now(storage, 3);
  storage.clock.advance(minutes(58));
  append_now(storage, 2);
  keep_house(storage);
  EXPECT_EQ(storage.orders()->log_start_offset(), 3);
  EXPECT_EQ(storage.orders()->read({2}).error().failure, ReadFailure::OffsetOutOfRange);
  EXPECT_FALSE(storage.files->file_size("data/log/orders-0/00000000000000000002.log").has_value());
  storage.kill_and_reopen();
  EXPECT_EQ(storage.orders()->log_start_offset(), 3);
  EXPECT_EQ(storage.orders()->log_end_offset(), 5);
}

TEST(Retention, TakesTheActiveSegmentOfAnIdleTopicToo) {
  TestStorage storage;
  storage.open();
  auto config = small_segments();
  config.retention_ms = milliseconds(minutes(1)).count();
  storage.create(config);
  append_now(storage, 3);
  keep_house(storage);
  EXPECT_EQ(storage.orders()->log_start_offset(), 3);
  EXPECT_EQ(storage.orders()->log_bytes(), 0);
  append_now(storage, 1);
  EXPECT_EQ(storage.orders()->log_end_offset(), 4);
}

TEST(Retention, KeepsAtLeastTheConfiguredBytes) {
  TestStorage storage;
  storage.open();
  auto config = small_segments();
  const auto batch_bytes = static_cast<std::int64_t>(encode_batch({}).size());
  config.retention_bytes = 3 * batch_bytes;
  storage.create(config);
  append_now(storage, 10);
  keep_house(storage);
  EXPECT_EQ(storage.orders()->log_bytes(), 3 * batch_bytes);
  EXPECT_EQ(storage.orders()->log_start_offset(), 7);
}

TEST(Retention, DeletesNothingByAgeWhileTheClocksDisagree) {
  TestStorage storage;
  storage.open();
  auto config = small_segments();
  config.retention_ms = milliseconds(hours(1)).count();
  storage.create(config);
  append_now(storage, 3);
  storage.clock.set_wall(storage.clock.wall() + hours(24 * 365 * 10));
  keep_house(storage);
  EXPECT_TRUE(storage.directory->clock_is_suspect());
  EXPECT_EQ(storage.orders()->log_start_offset(), 0);
  storage.clock.set_wall(storage.clock.wall() - hours(24 * 365 * 10));
  keep_house(storage);
  EXPECT_FALSE(storage.directory->clock_is_suspect());
}

TEST(Retention, ForgetsProducersThatStayAway) {
  TestStorage storage;
  storage.open();
  storage.create();
  storage.must_append(*storage.orders(), encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = 0}));
  EXPECT_EQ(storage.orders()->producers().size(), 1U);
  storage.clock.advance(hours(25));
  keep_house(storage);
  EXPECT_TRUE(storage.orders()->producers().empty());
}

LogConfig compacted() {
  auto config = small_segments();
  config.segment_bytes = 400;
  config.cleanup = {.remove = false, .compact = true};
  return config;
}

// Key, value of every record in the log, in order.
std::vector<std::string> records_in(const PartitionLog& log) {
  std::vector<std::string> records;
  const auto bytes = read_all(log, log.log_start_offset());
  ByteSpan rest(bytes);
  for (const auto& header : headers_in(rest)) {
    const auto batch = rest.first(static_cast<std::size_t>(header.size()));
    EXPECT_TRUE(for_each_record(batch, [&](const RecordView& record) {
      const auto key = record.key ? std::string(as_text(*record.key)) : "(none)";
      records.push_back(key + "@" + std::to_string(record.offset));
    }));
    rest = rest.subspan(batch.size());
  }
  return records;
}

TEST(Compaction, KeepsTheLatestRecordOfEachKeyAtItsOffset) {
  TestStorage storage;
  storage.open();
  storage.create(compacted());
  for (int i = 0; i < 40; ++i) {
    const TestBatch batch{.records = {{"key" + std::to_string(i % 3), "v"}, {"once" + std::to_string(i), "v"}}};
    storage.must_append(*storage.orders(), encode_batch(batch));
  }
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  keep_house(storage);
  std::vector<std::string> expected;
  for (int i = 0; i < 40; ++i) {
    if (i >= 37) expected.push_back("key" + std::to_string(i % 3) + "@" + std::to_string(2 * i));
    expected.push_back("once" + std::to_string(i) + "@" + std::to_string(2 * i + 1));
  }
  EXPECT_EQ(records_in(*storage.orders()), expected);
  for (std::int64_t offset = 0; offset < 80; ++offset) {
    const auto outcome = storage.orders()->read({offset, 1});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_GT(outcome->next_offset, offset);
  }
  storage.kill_and_reopen();
  EXPECT_EQ(records_in(*storage.orders()), expected);
  EXPECT_EQ(storage.orders()->log_end_offset(), 80);
  EXPECT_TRUE(storage.orders()->quarantined().empty());
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
  EXPECT_TRUE(storage.orders()->verify()->empty());
}

TEST(Compaction, MergesSmallSegmentsAndLeavesTheActiveOne) {
  TestStorage storage;
  storage.open();
  storage.create(compacted());
  for (int i = 0; i < 60; ++i) storage.must_append(*storage.orders(), encode_batch({.records = {{"key", "v"}}}));
  const auto active = storage.orders()->log_bytes();
  keep_house(storage);
  const auto records = records_in(*storage.orders());
  EXPECT_LT(storage.orders()->log_bytes(), active / 4);
  EXPECT_EQ(records.back(), "key@59");
  int segments = 0;
  for (const auto& path : storage.files->paths()) segments += path.ends_with(".log") ? 1 : 0;
  EXPECT_EQ(segments, 2);
}

TEST(Compaction, DropsATombstoneOnlyAfterItsRetention) {
  TestStorage storage;
  storage.open();
  auto config = compacted();
  config.tombstone_retention_ms = milliseconds(hours(1)).count();
  storage.create(config);
  const auto now = unix_milliseconds(storage.clock.wall());
  storage.must_append(*storage.orders(), encode_batch({.records = {{"a", "v"}}, .timestamp = now}));
  storage.must_append(*storage.orders(), encode_batch({.records = {{"a", std::nullopt}}, .timestamp = now}));
  storage.must_append(*storage.orders(), encode_batch({.records = {{"b", "v"}}, .timestamp = now}));
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  keep_house(storage);
  EXPECT_THAT(records_in(*storage.orders()), testing::ElementsAre("a@1", "b@2"));
  storage.clock.advance(hours(2));
  storage.must_append(*storage.orders(), encode_batch({.records = {{"c", "v"}}, .timestamp = now}));
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  keep_house(storage);
  EXPECT_THAT(records_in(*storage.orders()), testing::ElementsAre("b@2", "c@3"));
}

TEST(Compaction, CarriesTheSequenceOfAProducerOnInAnEmptyBatch) {
  TestStorage storage;
  storage.open();
  storage.create(compacted());
  storage.must_append(
      *storage.orders(),
      encode_batch({.records = {{"a", "v"}}, .producer_id = 7, .producer_epoch = 0, .base_sequence = 0}));
  storage.must_append(*storage.orders(), encode_batch({.records = {{"a", "w"}}}));
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  keep_house(storage);
  EXPECT_THAT(records_in(*storage.orders()), testing::ElementsAre("a@1"));
  const auto bytes = read_all(*storage.orders());
  EXPECT_EQ(headers_in(bytes).front().producer_id, 7);
  EXPECT_EQ(headers_in(bytes).front().count, 0);
  storage.kill_and_reopen();
  const auto next = encode_batch({.records = {{"a", "x"}}, .producer_id = 7, .producer_epoch = 0, .base_sequence = 2});
  EXPECT_EQ(storage.append(*storage.orders(), next).error().failure, AppendFailure::OutOfOrderSequence);
}

TEST(Compaction, KeepsCompressedBatchesWhole) {
  auto bytes = encode_batch({.records = {{"a", "v"}}});
  ByteBuffer compressed(bytes.view().begin(), bytes.view().end());
  compressed[22] = std::byte{4};  // says zstd
  EXPECT_FALSE(filter_batch(compressed, [](const RecordView&) { return false; }, EmptyBatch::Drop).has_value());
  EXPECT_FALSE(for_each_record(compressed, [](const RecordView&) {}));
}

}  // namespace
}  // namespace myelin::storage
