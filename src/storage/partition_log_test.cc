// What a partition does while nothing goes wrong.
#include <gmock/gmock.h>

#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

LogConfig with_level(Durability level) {
  LogConfig config;
  config.durability = level;
  return config;
}

TEST(Append, GivesRisingOffsetsAndKeepsTheBytes) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto first = storage.append(*log, batch_of({"a", "b"}));
  const auto second = storage.append(*log, batch_of({"c"}));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(first->base_offset, 0);
  EXPECT_EQ(first->records, 2);
  EXPECT_EQ(second->base_offset, 2);
  EXPECT_EQ(log->high_watermark(), 3);
  const auto headers = headers_in(read_all(*log));
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[1].base_offset, 2);
  EXPECT_EQ(headers[1].leader_epoch, 0);
}

TEST(Append, AnswersSyncedAfterTheSyncAndMovesTheWatermarkFirst) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  std::int64_t seen = -1;
  log->append({batch_of({"a"}), storage.writer}, [&](const AppendOutcome&) { seen = log->high_watermark(); });
  EXPECT_EQ(seen, -1);
  EXPECT_EQ(log->high_watermark(), 0);
  EXPECT_EQ(log->log_end_offset(), 1);
  storage.executor.run_all();
  EXPECT_EQ(seen, 1);
}

TEST(Append, AnswersOsAndIntervalAtOnce) {
  for (const auto level : {Durability::Os, Durability::Interval}) {
    TestStorage storage;
    storage.open();
    const auto log = storage.create(with_level(level));
    const auto answer = storage.start_append(*log, batch_of({"a"}));
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->has_value());
    EXPECT_EQ(log->high_watermark(), 1);
  }
}

TEST(Append, GathersWhatArrivesDuringASyncInTheNextOne) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  storage.start_append(*log, batch_of({"a"}));
  for (int i = 0; i < 50; ++i) storage.start_append(*log, batch_of({"b"}));
  storage.files->set_fault(DiskFault{{DiskCall::Sync}, UINT64_MAX});
  storage.executor.run_all();
  EXPECT_EQ(log->high_watermark(), 51);
  // Log and journal, twice each: the first batch, then all the others together.
  EXPECT_EQ(storage.files->fault_calls(), 4U);
}

TEST(Append, ObeysFlushMessagesOfOneAsSynced) {
  TestStorage storage;
  storage.open();
  auto config = with_level(Durability::Os);
  config.flush_messages = 1;
  const auto log = storage.create(config);
  EXPECT_FALSE(storage.start_append(*log, batch_of({"a"})).has_value());
  EXPECT_EQ(log->high_watermark(), 0);
  storage.executor.run_all();
  EXPECT_EQ(log->high_watermark(), 1);
}

TEST(Append, SyncsTheIntervalLevelAfterAHundredMilliseconds) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create(with_level(Durability::Interval));
  storage.must_append(*log, batch_of({"a"}));
  storage.directory->housekeep();
  storage.executor.run_all();
  EXPECT_EQ(log->synced_offset(), 0);
  storage.clock.advance(std::chrono::milliseconds(100));
  storage.directory->housekeep();
  storage.executor.run_all();
  EXPECT_EQ(log->synced_offset(), 1);
}

TEST(Append, StampsLogAppendTimeAndRedoesTheCrc) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.timestamp_type = TimestampType::LogAppendTime;
  const auto log = storage.create(config);
  const auto now = unix_milliseconds(storage.clock.wall());
  const auto outcome = storage.append(*log, encode_batch({.timestamp = 5}));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->log_append_time, now);
  const auto headers = headers_in(read_all(*log));  // checks the CRC
  ASSERT_EQ(headers.size(), 1U);
  EXPECT_TRUE(headers[0].is_log_append_time());
  EXPECT_EQ(headers[0].max_timestamp, now);
}

TEST(Append, RefusesWhatCannotBeOneBatch) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto whole = batch_of({"a"});
  const auto short_by_one = storage.append(*log, whole.slice(0, whole.size() - 1));
  ASSERT_FALSE(short_by_one.has_value());
  EXPECT_EQ(short_by_one.error().failure, AppendFailure::Malformed);
  auto old_magic = ByteBuffer(whole.view().begin(), whole.view().end());
  old_magic[16] = std::byte{1};
  EXPECT_EQ(storage.append(*log, SharedBytes(old_magic)).error().failure, AppendFailure::Malformed);
  EXPECT_EQ(log->log_end_offset(), 0);
}

TEST(Append, RefusesTooLargeBatchesAndFarTimestamps) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.message_bytes_max = 200;
  config.timestamp_after_ms_max = 1000;
  config.timestamp_before_ms_max = 1000;
  const auto log = storage.create(config);
  const auto now = unix_milliseconds(storage.clock.wall());
  EXPECT_EQ(storage.append(*log, batch_of({std::string(200, 'x')})).error().failure, AppendFailure::TooLarge);
  EXPECT_EQ(storage.append(*log, encode_batch({.timestamp = now + 1001})).error().failure,
            AppendFailure::InvalidTimestamp);
  EXPECT_EQ(storage.append(*log, encode_batch({.timestamp = now - 1001})).error().failure,
            AppendFailure::InvalidTimestamp);
  EXPECT_TRUE(storage.append(*log, encode_batch({.timestamp = now + 1000})).has_value());
}

TEST(Append, ChecksTheLeaderEpoch) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  std::optional<AppendFailure> failure;
  log->append({batch_of({"a"}), storage.writer, 1},
              [&](const AppendOutcome& outcome) { failure = outcome.error().failure; });
  EXPECT_EQ(failure, AppendFailure::UnknownLeaderEpoch);
}

TEST(Read, ReturnsWholeBatchesWithinTheLimitAndAtLeastOne) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto size = batch_of({"aaaa"}).size();
  for (int i = 0; i < 10; ++i) storage.must_append(*log, batch_of({"aaaa"}));
  const auto three = log->read({2, static_cast<std::uint32_t>(3 * size + size / 2)});
  ASSERT_TRUE(three.has_value());
  EXPECT_EQ(payload_size(three->records), 3 * size);
  EXPECT_EQ(three->first_offset, 2);
  EXPECT_EQ(three->next_offset, 5);
  const auto one = log->read({2, 1});
  EXPECT_EQ(payload_size(one->records), size);
  EXPECT_EQ(one->next_offset, 3);
  const auto none = log->read({2, 1, false});
  EXPECT_EQ(payload_size(none->records), 0U);
  EXPECT_EQ(none->next_offset, 2);
}

TEST(Read, InsideABatchReturnsTheWholeBatch) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  storage.must_append(*log, batch_of({"a", "b", "c"}));
  storage.must_append(*log, batch_of({"d"}));
  const auto outcome = log->read({1, 1});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->first_offset, 0);
  EXPECT_EQ(outcome->next_offset, 3);
}

TEST(Read, NeverPassesTheHighWatermark) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  storage.must_append(*log, batch_of({"a"}));
  storage.start_append(*log, batch_of({"b"}));  // not synced yet
  const auto outcome = log->read({0});
  EXPECT_EQ(outcome->next_offset, 1);
  const auto beyond = log->read({1});
  ASSERT_TRUE(beyond.has_value());
  EXPECT_EQ(payload_size(beyond->records), 0U);
  EXPECT_EQ(log->read({3}).error().failure, ReadFailure::OffsetOutOfRange);
}

TEST(Read, EqualsWhatWasWrittenWhateverTheStepAndSegmentSize) {
  TestStorage storage;
  storage.open();
  auto config = with_level(Durability::Os);
  config.segment_bytes = 3000;
  config.index_interval_bytes = 200;
  const auto log = storage.create(config);
  for (int i = 0; i < 300; ++i) {
    storage.must_append(*log, batch_of(std::vector<std::string>(static_cast<std::size_t>(1 + i % 7),
                                                                std::string(static_cast<std::size_t>(i % 50), 'x'))));
  }
  const auto whole = read_all(*log);
  EXPECT_EQ(static_cast<std::int64_t>(whole.size()), log->log_bytes());
  for (const std::uint32_t step : {1U, 100U, 999U, 2999U}) EXPECT_EQ(read_all(*log, 0, step), whole);
  // From every offset, not only from where the last read ended.
  for (std::int64_t offset = 0; offset < log->log_end_offset(); ++offset) {
    const auto outcome = log->read({offset, 1});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_LE(outcome->first_offset, offset);
    EXPECT_GT(outcome->next_offset, offset);
  }
}

TEST(Watch, CallsOnceWhenTheWatermarkPasses) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  int calls = 0;
  log->watch_high_watermark(0, [&] { ++calls; });
  const auto later = log->watch_high_watermark(1, [&] { calls += 100; });
  storage.must_append(*log, batch_of({"a"}));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(log->unwatch(later));
  storage.must_append(*log, batch_of({"b"}));
  EXPECT_EQ(calls, 1);
  log->watch_high_watermark(0, [&] { ++calls; });  // passed already
  EXPECT_EQ(calls, 2);
}

TEST(Idempotence, AnswersARepeatedBatchWithItsFirstOffset) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto batch = [](std::int32_t sequence) {
    return encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence});
  };
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(storage.append(*log, batch(i)).has_value());
  const auto repeated = storage.append(*log, batch(1));
  ASSERT_TRUE(repeated.has_value());
  EXPECT_TRUE(repeated->duplicate);
  EXPECT_EQ(repeated->base_offset, 1);
  EXPECT_EQ(log->log_end_offset(), 6);
  // Only the last five are remembered.
  EXPECT_EQ(storage.append(*log, batch(0)).error().failure, AppendFailure::OutOfOrderSequence);
}

TEST(Idempotence, HoldsBackTheAnswerToARepeatedBatchUntilTheFirstIsDurable) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto batch = encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = 0});
  EXPECT_FALSE(storage.start_append(*log, batch).has_value());
  EXPECT_FALSE(storage.start_append(*log, batch).has_value());
  storage.executor.run_all();
  ASSERT_TRUE(storage.answers[1]->has_value());
  EXPECT_TRUE((**storage.answers[1])->duplicate);
}

TEST(Idempotence, RefusesGapsAndOldEpochs) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const auto batch = [](std::int16_t epoch, std::int32_t sequence) {
    return encode_batch({.producer_id = 7, .producer_epoch = epoch, .base_sequence = sequence});
  };
  EXPECT_TRUE(storage.append(*log, batch(1, 40)).has_value());  // an unknown producer may begin anywhere
  EXPECT_EQ(storage.append(*log, batch(1, 42)).error().failure, AppendFailure::OutOfOrderSequence);
  EXPECT_EQ(storage.append(*log, batch(0, 41)).error().failure, AppendFailure::InvalidProducerEpoch);
  EXPECT_EQ(storage.append(*log, batch(2, 41)).error().failure, AppendFailure::OutOfOrderSequence);
  EXPECT_TRUE(storage.append(*log, batch(2, 0)).has_value());
}

TEST(Idempotence, WrapsTheSequenceInsideABatch) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  const TestBatch wrapping{.records = {{std::nullopt, "a"}, {std::nullopt, "b"}, {std::nullopt, "c"}},
                           .producer_id = 7,
                           .producer_epoch = 0,
                           .base_sequence = INT32_MAX - 1};
  EXPECT_TRUE(storage.append(*log, encode_batch(wrapping)).has_value());
  EXPECT_TRUE(
      storage.append(*log, encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = 1})).has_value());
}

TEST(Idempotence, SurvivesCloseAndKill) {
  for (const bool is_killed : {false, true}) {
    TestStorage storage;
    storage.open();
    storage.create();
    const auto batch = [](std::int32_t sequence) {
      return encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = sequence});
    };
    for (int i = 0; i < 4; ++i) storage.must_append(*storage.orders(), batch(i));
    is_killed ? storage.kill_and_reopen() : storage.close_and_reopen();
    const auto last = storage.append(*storage.orders(), batch(3));
    ASSERT_TRUE(last.has_value());
    EXPECT_TRUE(last->duplicate);
    EXPECT_EQ(last->base_offset, 3);
    EXPECT_EQ(storage.append(*storage.orders(), batch(5)).error().failure, AppendFailure::OutOfOrderSequence);
    EXPECT_EQ(storage.append(*storage.orders(), batch(4))->base_offset, 4);
  }
}

TEST(Timestamps, FindTheFirstBatchThatIsYoungEnough) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.segment_bytes = 1000;
  config.index_interval_bytes = 150;
  config.durability = Durability::Os;
  const auto log = storage.create(config);
  // Times rise and fall: 0, 10, 5, 20, 15, ...
  std::vector<std::int64_t> times;
  for (int i = 0; i < 60; ++i) times.push_back(1'000'000 + (i % 2 == 0 ? i * 10 : i * 10 - 15));
  for (const auto time : times) storage.must_append(*log, encode_batch({.timestamp = time}));
  for (std::int64_t wanted = 1'000'000; wanted <= 1'000'600; ++wanted) {
    const auto expected = std::ranges::find_if(times, [&](auto time) { return time >= wanted; });
    const auto found = log->batch_for_timestamp(wanted);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->has_value(), expected != times.end()) << wanted;
    if (*found) EXPECT_EQ(parse_batch_header((*found)->view())->base_offset, expected - times.begin()) << wanted;
  }
  const auto youngest = log->batch_with_max_timestamp();
  ASSERT_TRUE(youngest.has_value() && youngest->has_value());
  EXPECT_EQ(parse_batch_header((*youngest)->view())->base_offset, 58);
}

TEST(LeaderEpochs, AnswerTheEndOfAnEpoch) {
  TestStorage storage;
  storage.open();
  storage.create(with_level(Durability::Os));
  storage.must_append(*storage.orders(), batch_of({"a", "b"}));
  storage.cut_power_and_reopen();
  const auto log = storage.orders();
  EXPECT_EQ(log->leader_epoch(), 1);
  EXPECT_EQ(log->end_offset_for_epoch(7).leader_epoch, -1);
  const auto end = log->end_offset_for_epoch(1);
  EXPECT_EQ(end.leader_epoch, 1);
  EXPECT_EQ(end.end_offset, 0);
}

TEST(DeleteRecords, MovesTheLogStartForGood) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.segment_bytes = 200;
  storage.create(config);
  for (int i = 0; i < 20; ++i) storage.must_append(*storage.orders(), batch_of({"aaaaaaaa"}));
  std::optional<Result<std::int64_t>> moved = storage.orders()->delete_records_before(13);
  storage.executor.run_all();
  EXPECT_EQ(**moved, 13);
  EXPECT_EQ(storage.orders()->read({12}).error().failure, ReadFailure::OffsetOutOfRange);
  EXPECT_EQ(storage.orders()->delete_records_before(21).error().code, Code::Invalid);
  storage.cut_power_and_reopen();
  EXPECT_EQ(storage.orders()->log_start_offset(), 13);
  EXPECT_EQ(storage.orders()->log_end_offset(), 20);
  EXPECT_EQ(headers_in(read_all(*storage.orders(), 13)).front().base_offset, 13);
}

TEST(Removal, AnswersGoneAndFreesTheName) {
  TestStorage storage;
  storage.open();
  const auto log = storage.create();
  storage.must_append(*log, batch_of({"a"}));
  ASSERT_TRUE(storage.directory->remove(kOrders).has_value());
  EXPECT_EQ(log->read({0}).error().failure, ReadFailure::Gone);
  EXPECT_EQ(storage.append(*log, batch_of({"b"})).error().failure, AppendFailure::Gone);
  storage.topic_id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAg").value();
  const auto again = storage.create();
  EXPECT_EQ(again->log_end_offset(), 0);
  storage.executor.run_all();
  for (const auto& path : storage.files->paths()) EXPECT_EQ(path.find("-delete"), std::string::npos) << path;
  storage.kill_and_reopen();
  EXPECT_EQ(storage.orders()->topic_id(), storage.topic_id);
}

}  // namespace
}  // namespace myelin::storage
