// Transactions in a partition while nothing goes wrong.
#include <gmock/gmock.h>

#include "storage/transactions_fixture.h"

namespace myelin::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LogConfig with_level(Durability level) {
  LogConfig config;
  config.durability = level;
  return config;
}

PartitionLog::Producer only_producer(const PartitionLog& log) {
  const auto producers = log.producers();
  EXPECT_EQ(producers.size(), 1U);
  return producers.empty() ? PartitionLog::Producer{} : producers.front();
}

TEST(Transaction, BeginsWithItsFirstBatchAndEndsWithAMarker) {
  TransactionalStorage storage;
  storage.write_outside("a");
  EXPECT_EQ(storage.write(7, "b"), 1);
  EXPECT_EQ(only_producer(*storage.orders()).transaction_start, 1);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 1);
  EXPECT_EQ(storage.write(7, "c"), 2);
  EXPECT_EQ(only_producer(*storage.orders()).transaction_start, 1);
  const auto marker = storage.append_marker(
      *storage.orders(), {.producer_id = 7, .producer_epoch = 0, .coordinator_epoch = 5, .commits = true});
  ASSERT_TRUE(marker.has_value());
  EXPECT_EQ(marker->base_offset, 3);
  EXPECT_EQ(marker->records, 1);
  EXPECT_EQ(marker->log_bytes, 78);
  const auto producer = only_producer(*storage.orders());
  EXPECT_EQ(producer.transaction_start, -1);
  EXPECT_EQ(producer.coordinator_epoch, 5);
  EXPECT_EQ(producer.last_sequence, 1);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 4);
  EXPECT_EQ(storage.write(7, "d"), 4);
  EXPECT_EQ(only_producer(*storage.orders()).transaction_start, 4);
}

TEST(Transaction, RefusesABatchOfItsProducerThatIsNotPartOfIt) {
  TransactionalStorage storage;
  const TestBatch outside{.producer_id = 7, .producer_epoch = 0, .base_sequence = 1};
  const TestBatch of_new_epoch{.producer_id = 7, .producer_epoch = 1, .base_sequence = 0};
  storage.write(7, "a");
  for (const auto& batch : {outside, of_new_epoch}) {
    EXPECT_EQ(storage.append(*storage.orders(), encode_batch(batch)).error().failure,
              AppendFailure::InvalidTransactionState);
  }
  const TestBatch gap{.producer_id = 7, .producer_epoch = 0, .base_sequence = 2};
  EXPECT_EQ(storage.append(*storage.orders(), encode_batch(gap)).error().failure, AppendFailure::OutOfOrderSequence);
  storage.commit(7);
  EXPECT_TRUE(storage.append(*storage.orders(), encode_batch(outside)).has_value());
}

TEST(Transaction, RepeatsOnlyItsOwnBatches) {
  TransactionalStorage storage;
  const auto first = storage.next_batch(7, "given up");
  const auto repeated = storage.next_batch(7, "b");
  ASSERT_TRUE(storage.append(*storage.orders(), first).has_value());
  ASSERT_TRUE(storage.append(*storage.orders(), repeated).has_value());
  EXPECT_TRUE(storage.append(*storage.orders(), repeated)->duplicate);
  storage.abort(7);
  const TestBatch same_number{
      .records = {{"c", "c"}}, .producer_id = 7, .producer_epoch = 0, .base_sequence = 1, .is_transactional = true};
  for (const auto stop : kStops) {
    EXPECT_EQ(storage.append(*storage.orders(), encode_batch(same_number)).error().failure,
              AppendFailure::OutOfOrderSequence)
        << "answered as a duplicate it would be lost";
    restart(storage, stop);
  }
  EXPECT_EQ(storage.write(7, "d"), 3);
}

TEST(Transaction, GoesOnWhenItsProducerGetsANewEpoch) {
  TransactionalStorage storage;
  storage.write(7, "a", 0);
  storage.write(7, "b", 1);
  EXPECT_EQ(only_producer(*storage.orders()).transaction_start, 0);
  storage.abort(7, 1);
  EXPECT_THAT(committed_values(*storage.orders()), IsEmpty());
}

TEST(Transaction, OfBatchesWithoutSequencesIsOneToo) {
  TransactionalStorage storage;
  const TestBatch batch{.producer_id = 7, .producer_epoch = 3, .base_sequence = -1, .is_transactional = true};
  EXPECT_TRUE(storage.append(*storage.orders(), encode_batch(batch)).has_value());
  EXPECT_TRUE(storage.append(*storage.orders(), encode_batch(batch)).has_value());
  EXPECT_EQ(storage.orders()->last_stable_offset(), 0);
  auto stale = batch;
  stale.producer_epoch = 2;
  EXPECT_EQ(storage.append(*storage.orders(), encode_batch(stale)).error().failure,
            AppendFailure::InvalidProducerEpoch);
  storage.abort(7, 3);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 3);
  EXPECT_THAT(committed_values(*storage.orders()), IsEmpty());
}

TEST(Transaction, IsOpenHoweverLongItsProducerStaysAway) {
  TransactionalStorage storage;
  storage.write(7, "a");
  storage.clock.advance(std::chrono::hours(25));
  storage.directory->housekeep();
  EXPECT_EQ(storage.orders()->producers().size(), 1U);
  storage.commit(7);
  storage.clock.advance(std::chrono::hours(25));
  storage.directory->housekeep();
  EXPECT_THAT(storage.orders()->producers(), IsEmpty());
}

TEST(Marker, IsNeverTakenFromAProducer) {
  TransactionalStorage storage;
  storage.write(7, "a");
  storage.commit(7);
  const auto all = read_all(*storage.orders());
  const auto marker = SharedBytes(ByteBuffer(all.end() - 78, all.end()));
  ASSERT_TRUE(parse_marker(marker.view()).has_value());
  EXPECT_EQ(storage.append(*storage.orders(), marker).error().failure, AppendFailure::Malformed);
}

TEST(Marker, OfAnOldProducerOrCoordinatorIsRefused) {
  TransactionalStorage storage;
  storage.write(7, "a", 2);
  const auto append = [&](std::int16_t producer_epoch, std::int32_t coordinator_epoch) {
    return storage.append_marker(
        *storage.orders(),
        {.producer_id = 7, .producer_epoch = producer_epoch, .coordinator_epoch = coordinator_epoch, .commits = true});
  };
  EXPECT_EQ(append(1, 0).error().failure, AppendFailure::InvalidProducerEpoch);
  EXPECT_TRUE(append(2, 4).has_value());
  EXPECT_EQ(append(2, 3).error().failure, AppendFailure::TransactionCoordinatorFenced);
  EXPECT_EQ(append(1, 3).error().failure, AppendFailure::InvalidProducerEpoch);
  EXPECT_TRUE(append(2, 4).has_value()) << "again by the same coordinator";
  EXPECT_EQ(storage.orders()->log_end_offset(), 3);
}

TEST(Marker, WithoutATransactionIsWrittenAndAbortsNothing) {
  TransactionalStorage storage;
  EXPECT_EQ(storage.abort(7), 0);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 1);
  EXPECT_THAT(storage.read_committed(0)->aborted, IsEmpty());
  EXPECT_EQ(payload_size(storage.read_committed(0)->records), 78U);
  const auto producer = only_producer(*storage.orders());
  EXPECT_EQ(producer.last_sequence, -1);
  EXPECT_EQ(producer.coordinator_epoch, 0);
  EXPECT_FALSE(storage.files->file_size(path_of(0, kAbortedIndexSuffix)).has_value());
  // Who is known by a marker alone begins with sequence 0.
  const TestBatch late{.producer_id = 7, .producer_epoch = 0, .base_sequence = 1, .is_transactional = true};
  EXPECT_EQ(storage.append(*storage.orders(), encode_batch(late)).error().failure, AppendFailure::OutOfOrderSequence);
  storage.write(7, "a");
}

TEST(Marker, OfANewEpochForgetsTheBatches) {
  TransactionalStorage storage;
  storage.write(7, "a", 0);
  storage.abort(7, 1);
  const TestBatch old{.producer_id = 7, .producer_epoch = 0, .base_sequence = 1, .is_transactional = true};
  EXPECT_EQ(storage.append(*storage.orders(), encode_batch(old)).error().failure, AppendFailure::InvalidProducerEpoch);
  const TestBatch gap{.producer_id = 7, .producer_epoch = 1, .base_sequence = 1, .is_transactional = true};
  EXPECT_EQ(storage.append(*storage.orders(), encode_batch(gap)).error().failure, AppendFailure::OutOfOrderSequence);
  EXPECT_EQ(only_producer(*storage.orders()).last_sequence, -1);
  storage.write(7, "b", 1);
}

TEST(Marker, IsWrittenToADiskThatIsNearlyFull) {
  TransactionalStorage storage;
  storage.write(7, "a");
  storage.files->set_space({.free_bytes = 0, .total_bytes = std::uint64_t{100} << 30});
  storage.directory->housekeep();
  EXPECT_EQ(storage.try_write(7, "b").error().failure, AppendFailure::DiskFull);
  storage.commit(7);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 2);
}

TEST(Marker, IsInTheJournalLikeEveryBatch) {
  TransactionalStorage storage;
  storage.write(7, "a");
  storage.abort(7);
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
  std::int64_t entries = 0;
  ASSERT_TRUE(storage.directory->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
    EXPECT_EQ(who, *storage.writer);
    entries += entry.count;
  }));
  EXPECT_EQ(entries, 2);
}

TEST(LastStableOffset, IsWhereTheOldestUndecidedTransactionBegins) {
  for (const auto level : {Durability::Synced, Durability::Interval, Durability::Os}) {
    for (const bool older_first : {false, true}) {
      for (const bool commits : {false, true}) {
        TransactionalStorage storage(with_level(level));
        storage.write(7, "a");       // 0
        storage.write(8, "b");       // 1
        storage.write(7, "c");       // 2
        storage.write_outside("d");  // 3
        EXPECT_EQ(storage.orders()->last_stable_offset(), 0);
        const auto end = [&](std::int64_t producer_id) {
          commits ? storage.commit(producer_id) : storage.abort(producer_id);
        };
        end(older_first ? 7 : 8);  // 4
        EXPECT_EQ(storage.orders()->last_stable_offset(), older_first ? 1 : 0);
        EXPECT_EQ(committed_values(*storage.orders()).size(), older_first && commits ? 1U : 0U);
        end(older_first ? 8 : 7);  // 5
        EXPECT_EQ(storage.orders()->last_stable_offset(), 6);
        if (commits) EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("a", "b", "c", "d"));
        if (!commits) EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("d"));
      }
    }
  }
}

TEST(LastStableOffset, WaitsForTheSyncOfTheMarker) {
  TransactionalStorage storage;
  const auto log = storage.orders();
  storage.write(7, "a");
  storage.write(8, "b");
  storage.start_marker(*log, {.producer_id = 7, .producer_epoch = 0, .commits = true});
  EXPECT_EQ(log->log_end_offset(), 3);
  EXPECT_EQ(log->high_watermark(), 2);
  EXPECT_EQ(log->last_stable_offset(), 0);
  EXPECT_EQ(log->producers()[0].transaction_start, -1) << "for the producer it is over";
  // The next one of the same producer is another.
  storage.start_append(*log, storage.next_batch(7, "c"));
  EXPECT_EQ(log->last_stable_offset(), 0);
  storage.executor.run_all();
  EXPECT_EQ(log->last_stable_offset(), 1);
  storage.start_marker(*log, {.producer_id = 8, .producer_epoch = 0, .commits = false});
  EXPECT_EQ(log->last_stable_offset(), 1);
  storage.executor.run_all();
  EXPECT_EQ(log->last_stable_offset(), 3) << "where the second one of producer 7 begins";
}

TEST(LastStableOffset, IsNotMovedByASyncThatBeganBeforeTheMarker) {
  TransactionalStorage storage;
  const auto log = storage.orders();
  storage.write(7, "a");
  storage.start_append(*log, batch_of({"b"}));
  storage.start_marker(*log, {.producer_id = 7, .producer_epoch = 0, .commits = true});
  while (log->high_watermark() < 2) ASSERT_TRUE(storage.executor.run_one());
  EXPECT_EQ(log->last_stable_offset(), 0);
  storage.executor.run_all();
  EXPECT_EQ(log->last_stable_offset(), 3);
}

TEST(LastStableOffset, IsTheHighWatermarkWhereNobodyHasTransactions) {
  TransactionalStorage storage;
  storage.write_outside("a");
  storage.start_append(*storage.orders(), batch_of({"b"}));
  EXPECT_EQ(storage.orders()->last_stable_offset(), 1);
  storage.executor.run_all();
  EXPECT_EQ(storage.orders()->last_stable_offset(), 2);
}

TEST(LastStableOffset, IsTheLogStartWhenATransactionBeganBeforeIt) {
  TransactionalStorage storage;
  storage.write(7, "a");
  for (int i = 0; i < 4; ++i) storage.write_outside("b");
  const auto moved = storage.orders()->delete_records_before(3);
  storage.executor.run_all();
  EXPECT_EQ(*moved, 3);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 3);
  EXPECT_EQ(storage.read_committed(3)->next_offset, 3);
  EXPECT_EQ(storage.read_committed(4)->next_offset, 4);
  EXPECT_EQ(only_producer(*storage.orders()).transaction_start, 0);
  storage.abort(7);
  EXPECT_EQ(storage.orders()->last_stable_offset(), 6);
  EXPECT_THAT(committed_values(*storage.orders(), 3), ElementsAre("b", "b"));
}

TEST(Watch, OfTheLastStableOffsetCallsWhenATransactionEnds) {
  for (const auto level : {Durability::Synced, Durability::Os}) {
    TransactionalStorage storage(with_level(level));
    const auto log = storage.orders();
    storage.write(7, "a");
    int committed = 0;
    int uncommitted = 0;
    log->watch_last_stable_offset(0, [&] { ++committed; });
    log->watch_high_watermark(1, [&] { ++uncommitted; });
    storage.write(8, "b");
    EXPECT_EQ(committed, 0);
    EXPECT_EQ(uncommitted, 1);
    storage.start_marker(*log, {.producer_id = 7, .producer_epoch = 0, .commits = true});
    EXPECT_EQ(committed, level == Durability::Os ? 1 : 0);
    storage.executor.run_all();
    EXPECT_EQ(committed, 1);
    log->watch_last_stable_offset(0, [&] { ++committed; });
    EXPECT_EQ(committed, 2) << "passed already";
    const auto waiting = log->watch_last_stable_offset(1, [&] { ++committed; });
    EXPECT_TRUE(log->unwatch(waiting));
  }
}

TEST(Watch, OfTheLastStableOffsetCallsWhenTheLogStartPassesATransaction) {
  TransactionalStorage storage;
  storage.write(7, "a");
  for (int i = 0; i < 3; ++i) storage.write_outside("b");
  int calls = 0;
  storage.orders()->watch_last_stable_offset(1, [&] { ++calls; });
  std::ignore = storage.orders()->delete_records_before(2);
  storage.executor.run_all();
  EXPECT_EQ(calls, 1);
}

TEST(ReadCommitted, ReturnsNothingFromTheLastStableOffsetOn) {
  TransactionalStorage storage;
  storage.write_outside("a");
  storage.write_outside("b");
  storage.write(7, "c");
  storage.write_outside("d");
  const auto read = storage.read_committed(0);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->next_offset, 2);
  EXPECT_EQ(read->last_stable_offset, 2);
  EXPECT_EQ(read->high_watermark, 4);
  for (const std::int64_t offset : {2, 3, 4}) {
    const auto beyond = storage.read_committed(offset);
    ASSERT_TRUE(beyond.has_value());
    EXPECT_EQ(payload_size(beyond->records), 0U);
    EXPECT_EQ(beyond->next_offset, offset);
  }
  EXPECT_EQ(storage.read_committed(5).error().last_stable_offset, 2);
  const auto uncommitted = storage.orders()->read({0});
  EXPECT_EQ(uncommitted->next_offset, 4);
  EXPECT_EQ(uncommitted->last_stable_offset, 2);
}

TEST(ReadCommitted, TellsTheAbortedTransactionsThatOverlap) {
  TransactionalStorage storage;
  storage.write(7, "a");       // 0
  storage.write(8, "b");       // 1
  storage.write_outside("c");  // 2
  storage.abort(8);            // 3
  storage.write(7, "d");       // 4
  storage.abort(7);            // 5
  storage.write(7, "e");       // 6
  storage.commit(7);           // 7
  storage.write(8, "f");       // 8
  storage.abort(8);            // 9
  using Aborted = std::vector<AbortedTransaction>;
  const auto size = static_cast<std::uint32_t>(encode_batch({.records = {{"a", "a"}}}).size());
  EXPECT_EQ(storage.read_committed(0, 1)->aborted, (Aborted{{7, 0}}));
  EXPECT_EQ(storage.read_committed(0)->aborted, (Aborted{{8, 1}, {7, 0}, {8, 8}}));
  EXPECT_EQ(storage.read_committed(2, size)->aborted, (Aborted{{8, 1}, {7, 0}})) << "in the middle of both";
  EXPECT_EQ(storage.read_committed(4, 1)->aborted, (Aborted{{7, 0}})) << "behind the marker of the other";
  EXPECT_EQ(storage.read_committed(5, 1)->aborted, (Aborted{{7, 0}})) << "the marker itself";
  EXPECT_EQ(storage.read_committed(6, 1)->aborted, Aborted{});
  EXPECT_EQ(storage.read_committed(6)->aborted, (Aborted{{8, 8}}));
  EXPECT_EQ(storage.orders()->read({0})->aborted, Aborted{}) << "not asked for";
  for (const std::uint32_t step : {1U, 2 * size, 1U << 20}) {
    EXPECT_THAT(committed_values(*storage.orders(), 0, step), ElementsAre("c", "e"));
    EXPECT_THAT(committed_values(*storage.orders(), 3, step), ElementsAre("e"));
    EXPECT_THAT(committed_values(*storage.orders(), 4, step), ElementsAre("e"));
  }
}

TEST(ReadCommitted, FollowsATransactionThroughItsSegments) {
  LogConfig config;
  config.segment_bytes = 200;  // two batches
  TransactionalStorage storage(config);
  storage.write(7, "a");
  for (int i = 0; i < 5; ++i) storage.write_outside("b");
  storage.write(7, "c");
  storage.write(8, "d");
  for (int i = 0; i < 5; ++i) storage.write_outside("e");
  storage.abort(7);
  storage.commit(8);
  EXPECT_EQ(storage.read_committed(0, 1)->aborted, (std::vector<AbortedTransaction>{{7, 0}}));
  const std::vector<std::string> expected{"b", "b", "b", "b", "b", "d", "e", "e", "e", "e", "e"};
  EXPECT_EQ(committed_values(*storage.orders(), 0, 1), expected);
  EXPECT_EQ(committed_values(*storage.orders()), expected);
}

}  // namespace
}  // namespace myelin::storage
