// What is left of transactions after stops, kills and power cuts, and of damaged indexes.
#include <gmock/gmock.h>

#include <functional>
#include <random>

#include "storage/transactions_fixture.h"

namespace myelin::storage {
namespace {

using testing::ElementsAre;

// Two transactions that end in different ways around each other, one step after another.
struct Step {
  std::function<std::int64_t(TransactionalStorage&)> act;  // returns the offset
  std::int64_t last_stable;                                // behind the step
  std::vector<std::string> committed;
};

std::vector<Step> steps() {
  return {
      {[](auto& storage) { return storage.write_outside("a"); }, 1, {"a"}},
      {[](auto& storage) { return storage.write(7, "b"); }, 1, {"a"}},
      {[](auto& storage) { return storage.write(8, "c"); }, 1, {"a"}},
      {[](auto& storage) { return storage.write_outside("d"); }, 1, {"a"}},
      {[](auto& storage) { return storage.abort(8); }, 1, {"a"}},
      {[](auto& storage) { return storage.write(8, "e"); }, 1, {"a"}},
      {[](auto& storage) { return storage.commit(7); }, 5, {"a", "b", "d"}},
      {[](auto& storage) { return storage.write(7, "f"); }, 5, {"a", "b", "d"}},
      {[](auto& storage) { return storage.commit(8); }, 7, {"a", "b", "d", "e"}},
      {[](auto& storage) { return storage.write_outside("g"); }, 7, {"a", "b", "d", "e"}},
      {[](auto& storage) { return storage.abort(7); }, 11, {"a", "b", "d", "e", "g"}},
  };
}

void expect_step(TransactionalStorage& storage, const Step& step) {
  EXPECT_EQ(storage.orders()->last_stable_offset(), step.last_stable);
  EXPECT_EQ(committed_values(*storage.orders()), step.committed);
  EXPECT_EQ(committed_values(*storage.orders(), 0, 1), step.committed);
}

TEST(TransactionsRecovery, GoOnAfterAnyStopAtAnyStep) {
  const auto all = steps();
  for (const auto stop : kStops) {
    for (const std::int32_t segment_bytes : {100, 200, 1 << 20}) {
      for (std::size_t stopped_at = 0; stopped_at < all.size(); ++stopped_at) {
        SCOPED_TRACE(testing::Message() << "stop " << static_cast<int>(stop) << " behind step " << stopped_at
                                        << " with segments of " << segment_bytes);
        LogConfig config;
        config.segment_bytes = segment_bytes;
        TransactionalStorage storage(config);
        for (std::size_t i = 0; i < all.size(); ++i) {
          ASSERT_EQ(all[i].act(storage), static_cast<std::int64_t>(i));
          if (i >= stopped_at) expect_step(storage, all[i]);
          if (i != stopped_at) continue;
          restart(storage, stop);
          expect_step(storage, all[i]);
        }
        restart(storage, stop);
        expect_step(storage, all.back());
        EXPECT_TRUE(storage.directory->check_provenance()->empty());
      }
    }
  }
}

TEST(TransactionsRecovery, KeepsWhatTheProducersAre) {
  for (const auto stop : kStops) {
    TransactionalStorage storage;
    std::ignore = storage.append_marker(
        *storage.orders(), {.producer_id = 7, .producer_epoch = 2, .coordinator_epoch = 9, .commits = true});
    storage.write(8, "a");
    restart(storage, stop);
    const auto producers = storage.orders()->producers();
    ASSERT_EQ(producers.size(), 2U);
    EXPECT_EQ(producers[0].epoch, 2);
    EXPECT_EQ(producers[0].coordinator_epoch, 9);
    EXPECT_EQ(producers[0].last_sequence, -1);
    EXPECT_EQ(producers[0].transaction_start, -1);
    EXPECT_EQ(producers[0].last_timestamp, unix_milliseconds(storage.clock.wall()));
    EXPECT_EQ(producers[1].transaction_start, 1);
    EXPECT_EQ(producers[1].coordinator_epoch, -1);
    const TestMarker stale{.producer_id = 7, .producer_epoch = 2, .coordinator_epoch = 8};
    EXPECT_EQ(storage.append_marker(*storage.orders(), stale).error().failure,
              AppendFailure::TransactionCoordinatorFenced);
    const TestBatch outside{.producer_id = 8, .producer_epoch = 0, .base_sequence = 1};
    EXPECT_EQ(storage.append(*storage.orders(), encode_batch(outside)).error().failure,
              AppendFailure::InvalidTransactionState);
  }
}

// A marker that was not acknowledged and is cut off again never was.
TEST(TransactionsRecovery, OpensAgainWhatATornMarkerEnded) {
  LogConfig config;
  config.durability = Durability::Os;
  TransactionalStorage storage(config);
  storage.write(7, "a");
  storage.write_outside("b");
  storage.abort(7);
  const auto log = path_of(0, kLogSuffix);
  const auto bytes = storage.files->content(log).size();
  const MemoryFileSystem whole(*storage.files);
  for (std::size_t cut = 1; cut <= 78; ++cut) {
    auto disk = std::make_unique<MemoryFileSystem>(whole);
    disk->cut_to(log, bytes - cut);
    storage.reopen_on(std::move(disk));
    ASSERT_EQ(storage.orders()->last_stable_offset(), 0) << cut;
    ASSERT_EQ(storage.orders()->producers()[0].transaction_start, 0);
    ASSERT_FALSE(storage.files->file_size(path_of(0, kAbortedIndexSuffix)).has_value()) << cut;
    storage.commit(7);
    EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("a", "b"));
  }
}

TEST(TransactionsRecovery, FindsTheFirstBatchOfAnOpenTransactionByTheIndex) {
  LogConfig config;
  config.index_interval_bytes = 200;
  TransactionalStorage storage(config);
  for (int i = 0; i < 50; ++i) storage.write_outside(std::to_string(i));
  storage.write(7, "open");
  for (int i = 0; i < 50; ++i) storage.write_outside("behind");
  storage.close_and_reopen();
  for (int round = 0; round < 2; ++round) {
    const auto read = storage.read_committed(10);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->first_offset, 10);
    EXPECT_EQ(read->next_offset, 50);
    EXPECT_EQ(storage.read_committed(49)->next_offset, 50);
  }
}

TEST(TransactionsRecovery, AsksForTheDiskBeforeItReadsWhatNobodyReadYet) {
  TransactionalStorage storage;
  storage.write_outside("a");
  storage.write(7, "b");
  storage.abort(7);
  storage.close_and_reopen();
  const ReadRequest at_once{.offset = 0, .disk_wait = DiskWait::Refused, .isolation = Isolation::ReadCommitted};
  const auto refused = storage.orders()->read(at_once);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().failure, ReadFailure::WouldWait);
  EXPECT_EQ(refused.error().last_stable_offset, 3);
  EXPECT_TRUE(storage.read_committed(0).has_value());
  EXPECT_EQ(storage.orders()->read(at_once)->aborted.size(), 1U);
  // An abort behind keeps it so.
  storage.write(7, "c");
  storage.abort(7);
  EXPECT_EQ(storage.orders()->read(at_once)->aborted.size(), 2U);
}

TEST(TransactionsRecovery, OfManySegmentsIsWhatItWas) {
  ManySegments storage;
  EXPECT_EQ(committed_values(*storage.orders()), kCommittedInManySegments);
  for (const auto stop : kStops) {
    restart(storage, stop);
    EXPECT_EQ(committed_values(*storage.orders(), 0, 1), kCommittedInManySegments);
    // From the middle first, when nothing is known of the segments before.
    restart(storage, stop);
    EXPECT_EQ(committed_values(*storage.orders(), 20).back(), "end");
    EXPECT_EQ(committed_values(*storage.orders()), kCommittedInManySegments);
  }
}

TEST(TransactionsRecovery, DoesWithoutSnapshots) {
  ManySegments storage;
  for (const bool is_killed : {false, true}) {
    if (!is_killed) ASSERT_TRUE(storage.directory->close().has_value());
    auto disk = std::make_unique<MemoryFileSystem>(*storage.files);
    for (const auto& path : disk->paths()) {
      if (path.ends_with(kSnapshotSuffix)) ASSERT_TRUE(disk->remove_file(path).has_value());
    }
    storage.reopen_on(std::move(disk));
    EXPECT_EQ(storage.orders()->last_stable_offset(), storage.orders()->high_watermark());
    EXPECT_EQ(committed_values(*storage.orders()), kCommittedInManySegments);
  }
}

// Random transactions, segments and stops against a list of what was done.
class Oracle {
 public:
  explicit Oracle(std::uint32_t seed) : random_(seed), storage_(config(seed)) {}

  void run() {
    for (int i = 0; i < 120; ++i) {
      const auto producer_id = static_cast<std::int64_t>(random_() % 4);
      const auto what = random_() % 20;
      if (what < 9) {
        written_.push_back({producer_id, storage_.write(producer_id, name(i)), name(i)});
      } else if (what < 12) {
        storage_.write_outside(name(i));
        written_.push_back({.producer_id = -1, .offset = 0, .value = name(i), .fate = Fate::Committed});
      } else if (what < 18) {
        end(producer_id, what % 2 == 0);
      } else if (what == 18) {
        restart(storage_, kStops[random_() % kStops.size()]);
      } else {
        ASSERT_TRUE(storage_.orders()->roll().has_value());
        storage_.executor.run_all();
      }
      if (i % 7 == 0) ASSERT_NO_FATAL_FAILURE(compare());
    }
    ASSERT_NO_FATAL_FAILURE(compare());
  }

 private:
  enum class Fate : std::uint8_t { Open, Committed, Aborted };
  struct Written {
    std::int64_t producer_id = 0;
    std::int64_t offset = 0;
    std::string value;
    Fate fate = Fate::Open;
  };
  static LogConfig config(std::uint32_t seed) {
    LogConfig config;
    config.segment_bytes = seed % 3 == 0 ? 300 : 2000;
    config.index_interval_bytes = 100;
    return config;
  }
  static std::string name(int i) { return "v" + std::to_string(i); }

  void end(std::int64_t producer_id, bool commits) {
    commits ? storage_.commit(producer_id) : storage_.abort(producer_id);
    for (auto& one : written_) {
      const bool is_open = one.producer_id == producer_id && one.fate == Fate::Open;
      if (is_open) one.fate = commits ? Fate::Committed : Fate::Aborted;
    }
  }
  void compare() {
    std::vector<std::string> expected;
    auto last_stable = storage_.orders()->high_watermark();
    for (const auto& one : written_) {
      if (one.fate == Fate::Open) {
        last_stable = one.offset;
        break;
      }
      if (one.fate == Fate::Committed) expected.push_back(one.value);
    }
    ASSERT_EQ(storage_.orders()->last_stable_offset(), last_stable);
    ASSERT_EQ(committed_values(*storage_.orders(), 0, 1 + random_() % 1000), expected);
  }

  std::mt19937 random_;
  TransactionalStorage storage_;
  std::vector<Written> written_;
};

TEST(TransactionsRecovery, MatchesWhatWasDoneWhateverItWas) {
  for (std::uint32_t seed = 0; seed < 60 && !testing::Test::HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Oracle(seed).run();
  }
}

}  // namespace
}  // namespace myelin::storage
