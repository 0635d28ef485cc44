// What is left after kills, power cuts, torn tails and flipped bits.
#include <gmock/gmock.h>

#include <functional>
#include <thread>

#include "base/log.h"
#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

constexpr auto kLog = "data/log/orders-0/00000000000000000000.log";

LogConfig with_level(Durability level) {
  LogConfig config;
  config.durability = level;
  return config;
}

// Batches of 1, 2, 3, 1, ... records until the log has at least `bytes`.
void fill(TestStorage& storage, std::int64_t bytes, std::size_t value_bytes = 100) {
  const auto log = storage.orders();
  for (std::size_t i = 0; log->log_bytes() < bytes; ++i) {
    const std::vector<std::string> values(1 + i % 3, std::string(value_bytes + i % 37, 'x'));
    ASSERT_TRUE(storage.append(*log, batch_of(values)).has_value());
  }
}

// The journal says once and only once who wrote each record.
void expect_covered(const TestStorage& storage) {
  const auto faults = storage.directory->check_provenance();
  ASSERT_TRUE(faults.has_value());
  EXPECT_TRUE(faults->empty());
}

TEST(Recovery, OpensACleanDirectoryWithoutReadingLogs) {
  TestStorage storage;
  storage.open();
  storage.create();
  fill(storage, 10'000);
  const auto before = read_all(*storage.orders());
  storage.close_and_reopen();
  EXPECT_TRUE(storage.directory->recovery().was_clean);
  EXPECT_EQ(storage.directory->recovery().scanned, 0U);
  EXPECT_EQ(read_all(*storage.orders()), before);
  const auto end = storage.orders()->log_end_offset();
  EXPECT_EQ(storage.append(*storage.orders(), batch_of({"more"}))->base_offset, end);
  expect_covered(storage);
}

TEST(Recovery, KeepsEverythingWrittenBeforeAKill) {
  for (const auto level : {Durability::Synced, Durability::Interval, Durability::Os}) {
    TestStorage storage;
    storage.open();
    auto config = with_level(level);
    config.segment_bytes = 4000;
    storage.create(config);
    fill(storage, 20'000);
    const auto before = read_all(*storage.orders());
    storage.kill_and_reopen();
    EXPECT_FALSE(storage.directory->recovery().was_clean);
    EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
    EXPECT_EQ(read_all(*storage.orders()), before);
    EXPECT_EQ(storage.orders()->leader_epoch(), 0);
    expect_covered(storage);
  }
}

TEST(Recovery, KeepsEveryAcknowledgedRecordOfASyncedTopicThroughAPowerCut) {
  TestStorage storage;
  storage.open();
  auto config = with_level(Durability::Synced);
  config.segment_bytes = 4000;
  storage.create(config);
  fill(storage, 20'000);
  const auto before = read_all(*storage.orders());
  storage.start_append(*storage.orders(), batch_of({"never acknowledged"}));
  storage.cut_power_and_reopen();
  EXPECT_EQ(read_all(*storage.orders()), before);
  EXPECT_EQ(storage.orders()->leader_epoch(), 0);
  EXPECT_TRUE(storage.orders()->quarantined().empty());
  expect_covered(storage);
}

TEST(Recovery, KeepsWholeBatchesAndAttributionThroughAPowerCutThatSparesSomePages) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    TestStorage storage;
    storage.open();
    const auto level = seed % 2 == 0 ? Durability::Synced : Durability::Os;
    auto config = with_level(level);
    config.segment_bytes = 20'000;
    storage.create(config);
    fill(storage, 15'000);
    const auto acknowledged = level == Durability::Synced ? read_all(*storage.orders()) : ByteBuffer{};
    for (int i = 0; i < 100; ++i) storage.start_append(*storage.orders(), batch_of({std::string(200, 'y')}));
    storage.options().boot_id = "next";
    storage.reopen_on(storage.files->after_power_cut_with_luck(seed));
    const auto log = storage.orders();
    ASSERT_TRUE(log != nullptr);
    std::int64_t offset = 0;
    ByteBuffer kept;
    while (offset < log->high_watermark()) {
      const auto outcome = log->read({offset, 1});
      if (!outcome) {
        ASSERT_EQ(outcome.error().failure, ReadFailure::Rot);
        offset = outcome.error().resume_offset;
        continue;
      }
      const auto bytes = read_bytes(outcome->records);
      headers_in(bytes->view());
      kept.insert(kept.end(), bytes->view().begin(), bytes->view().end());
      offset = outcome->next_offset;
    }
    ASSERT_GE(kept.size(), acknowledged.size()) << seed;
    EXPECT_TRUE(std::equal(acknowledged.begin(), acknowledged.end(), kept.begin())) << seed;
    expect_covered(storage);
  }
}

TEST(Recovery, BumpsTheLeaderEpochWhenReadersMayHaveSeenWhatIsLost) {
  TestStorage storage;
  storage.open();
  storage.create(with_level(Durability::Os));
  fill(storage, 2000);
  storage.cut_power_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 0);
  EXPECT_EQ(storage.orders()->leader_epoch(), 1);
  storage.must_append(*storage.orders(), batch_of({"a"}));
  EXPECT_EQ(headers_in(read_all(*storage.orders())).front().leader_epoch, 1);
  storage.close_and_reopen();
  EXPECT_EQ(storage.orders()->leader_epoch(), 1);
  expect_covered(storage);
}

TEST(Recovery, AttributesRecordsWithoutAnEntryToThePowerCut) {
  TestStorage storage;
  storage.open();
  storage.create();
  fill(storage, 2000);
  const auto end = storage.orders()->log_end_offset();
  // The journal of the run is gone, the log is not.
  const auto disk = std::make_unique<MemoryFileSystem>(*storage.files);
  for (const auto& path : disk->paths()) {
    if (path.starts_with("data/provenance/")) disk->set_content(path, {});
  }
  storage.reopen_on(std::make_unique<MemoryFileSystem>(*disk));
  EXPECT_EQ(storage.directory->recovery().lost_provenance, end);
  std::int64_t lost = 0;
  std::int64_t bytes = 0;
  ASSERT_TRUE(storage.directory
                  ->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
                    EXPECT_EQ(who.principal, kLostInPowerCut);
                    lost += entry.count;
                    bytes += entry.log_bytes;
                  })
                  .has_value());
  EXPECT_EQ(lost, end);
  EXPECT_EQ(bytes, storage.orders()->log_bytes());
  expect_covered(storage);
}

// Its appends wait for the log alone; a power cut may take every entry, and they are known.
TEST(Recovery, KnowsTheSoleWriterWithoutTheJournal) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.sole_writer = storage.writer;
  storage.create(config);
  storage.must_append(*storage.orders(), batch_of({"a", "b"}));
  storage.must_append(*storage.orders(), batch_of({"c"}));
  storage.cut_power_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 3);
  EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
  std::int64_t records = 0;
  ASSERT_TRUE(storage.directory
                  ->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
                    EXPECT_EQ(who, *storage.writer);
                    records += entry.count;
                  })
                  .has_value());
  EXPECT_EQ(records, 3);
  expect_covered(storage);
}

// Runs `check(first, next)` over parts of [0, count), one thread a core, each on its own storage.
void in_parts(std::size_t count, const std::function<void(std::size_t, std::size_t)>& check) {
  const std::size_t parts = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < parts; ++part) {
    threads.emplace_back([&, part] { check(count * part / parts, count * (part + 1) / parts); });
  }
  for (auto& thread : threads) thread.join();
}

// R5: cut the log at every byte.
TEST(TornTail, IsCutToTheLastWholeBatchWhereverItTears) {
  TestStorage storage;
  storage.open();
  storage.create(with_level(Durability::Os));
  fill(storage, 64 * 1024, 400);
  const auto bytes = storage.files->content(kLog);
  std::vector<std::size_t> ends{0};
  for (const auto& header : headers_in(bytes)) ends.push_back(ends.back() + static_cast<std::size_t>(header.size()));
  const MemoryFileSystem whole(*storage.files);
  in_parts(bytes.size(), [&](std::size_t first, std::size_t next) {
    TestStorage torn(storage.options());
    for (auto cut = first; cut < next; ++cut) {
      auto disk = std::make_unique<MemoryFileSystem>(whole);
      disk->cut_to(kLog, cut);
      torn.reopen_on(std::move(disk));
      const auto expected = *std::prev(std::ranges::upper_bound(ends, cut));
      ASSERT_EQ(torn.files->file_size(kLog).value(), expected) << "cut at " << cut;
      ASSERT_EQ(torn.orders()->log_bytes(), static_cast<std::int64_t>(expected));
      ASSERT_TRUE(torn.orders()->quarantined().empty());
      ASSERT_EQ(torn.orders()->leader_epoch(), 1);  // readers of this level may have seen the rest
    }
  });
}

// R6: flip every bit. All of the log lies below the synced watermark, so nothing may be cut and only batches with a
// flipped bit may be missing.
class RottenBits {
 public:
  RottenBits(const LogDirectoryOptions& options, ByteBuffer bytes) : storage_(options), bytes_(std::move(bytes)) {
    storage_.options().verify_everything = true;
    std::size_t position = 0;
    for (const auto& header : headers_in(bytes_)) {
      batches_.push_back({header, position});
      position += static_cast<std::size_t>(header.size());
    }
  }

  // The same bit, counted from the start of the batch, in every `step`th batch from `first` on that is long enough.
  void check(std::size_t bit, std::size_t first, std::size_t step, const MemoryFileSystem& whole) {
    auto disk = std::make_unique<MemoryFileSystem>(whole);
    std::vector<std::size_t> hit;
    for (auto i = first; i < batches_.size(); i += step) {
      if (bit / 8 >= size_of(i)) continue;
      disk->flip_bit(kLog, batches_[i].position * 8 + bit);
      hit.push_back(i);
    }
    if (hit.empty()) return;
    storage_.reopen_on(std::move(disk));
    const auto log = storage_.orders();
    const auto damage = log->quarantined();
    ASSERT_EQ(damage.size(), hit.size());
    ASSERT_EQ(log->high_watermark(), batches_.back().header.next_offset());
    for (std::size_t i = 0; i < hit.size(); ++i) {
      const auto& header = batches_[hit[i]].header;
      ASSERT_EQ(damage[i].first_offset, header.base_offset);
      ASSERT_EQ(damage[i].next_offset, header.next_offset());
      const auto there = log->read({header.last_offset()});
      ASSERT_FALSE(there.has_value());
      ASSERT_EQ(there.error().failure, ReadFailure::Rot);
      ASSERT_EQ(there.error().resume_offset, header.next_offset());
      const bool is_last = i + 1 == hit.size();
      ASSERT_NO_FATAL_FAILURE(expect_served(hit[i] + 1, is_last ? batches_.size() : hit[i + 1]));
    }
    ASSERT_NO_FATAL_FAILURE(expect_served(0, hit.front()));
  }
  [[nodiscard]] std::size_t count() const { return batches_.size(); }
  [[nodiscard]] std::size_t longest() const {
    std::size_t longest = 0;
    for (std::size_t i = 0; i < batches_.size(); ++i) longest = std::max(longest, size_of(i));
    return longest;
  }

 private:
  struct Placed {
    BatchHeader header;
    std::size_t position;
  };
  [[nodiscard]] std::size_t size_of(std::size_t i) const { return static_cast<std::size_t>(batches_[i].header.size()); }

  void expect_served(std::size_t first, std::size_t next) {
    if (first == next) return;
    const auto read = storage_.orders()->read({batches_[first].header.base_offset});
    ASSERT_TRUE(read.has_value());
    const auto end = next == batches_.size() ? bytes_.size() : batches_[next].position;
    ASSERT_EQ(payload_size(read->records), end - batches_[first].position);
  }

  TestStorage storage_;
  const ByteBuffer bytes_;
  std::vector<Placed> batches_;
};

TEST(BitRot, IsFoundAndConfinedToItsBatchWhicheverBitFlips) {
  // Half a million expected errors help nobody.
  log::set_level(static_cast<log::Level>(static_cast<int>(log::Level::Error) + 1));
  TestStorage storage;
  storage.open();
  storage.create();
  fill(storage, 64 * 1024, 400);
  storage.clock.advance(std::chrono::milliseconds(100));
  storage.directory->housekeep();
  storage.executor.run_all();
  const auto bytes = storage.files->content(kLog);
  // After a kill the journal tells the length of every batch, after a clean stop it has forgotten.
  const MemoryFileSystem killed(*storage.files);
  ASSERT_TRUE(storage.directory->close().has_value());
  storage.kill_and_reopen();
  const MemoryFileSystem closed(*storage.files);
  // A header says where the next batch begins, so its bits flip one at a time; in a body one bit is as good as another,
  // and every fourth batch is hit at once.
  const auto longest = RottenBits(storage.options(), bytes).longest();
  in_parts(longest * 8, [&](std::size_t first, std::size_t next) {
    RottenBits rotten(storage.options(), bytes);
    for (auto bit = first; bit < next && !HasFailure(); ++bit) {
      SCOPED_TRACE(bit);
      const std::size_t step = bit < kBatchHeaderSize * 8 ? rotten.count() : 4;
      for (std::size_t i = 0; i < step && !HasFailure(); ++i) rotten.check(bit, i, step, i % 2 == 0 ? killed : closed);
    }
  });
  log::set_level(log::Level::Info);
}

TEST(BitRot, IsSkippedOnRequestForGood) {
  TestStorage storage;
  storage.open();
  storage.create();
  for (int i = 0; i < 5; ++i) storage.must_append(*storage.orders(), batch_of({"a"}));
  storage.files->flip_bit(kLog, 80 * 8);
  storage.kill_and_reopen();
  ASSERT_EQ(storage.orders()->quarantined().size(), 1U);
  const auto first = storage.orders()->quarantined()[0].first_offset;
  EXPECT_EQ(storage.orders()->skip_quarantine(first + 1).error().code, Code::NotFound);
  ASSERT_TRUE(storage.orders()->skip_quarantine(first).has_value());
  for (int round = 0; round < 3; ++round) {
    const auto outcome = storage.orders()->read({first});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->first_offset, storage.orders()->quarantined()[0].next_offset);
    round == 0 ? storage.kill_and_reopen() : storage.close_and_reopen();
  }
}

TEST(BitRot, InAHeaderIsMetByTheReaderAfterACleanStart) {
  TestStorage storage;
  storage.open();
  storage.create();
  for (int i = 0; i < 5; ++i) storage.must_append(*storage.orders(), batch_of({"a", "b"}));
  ASSERT_TRUE(storage.directory->close().has_value());
  const auto size = storage.files->content(kLog).size() / 5;
  storage.files->flip_bit(kLog, (2 * size + 7) * 8);  // the lowest byte of the third base offset
  storage.kill_and_reopen();
  ASSERT_EQ(storage.directory->recovery().scanned, 0U);
  EXPECT_EQ(storage.orders()->read({5}).error().failure, ReadFailure::Rot);
  EXPECT_EQ(storage.orders()->read({6})->first_offset, 6);
}

TEST(BitRot, AtTheEndBelowTheWatermarkIsKeptAndTheLogGoesOnBehindIt) {
  TestStorage storage;
  storage.open();
  storage.create();
  for (int i = 0; i < 3; ++i) storage.must_append(*storage.orders(), batch_of({"a"}));
  storage.clock.advance(std::chrono::milliseconds(100));
  storage.directory->housekeep();
  storage.executor.run_all();
  auto disk = std::make_unique<MemoryFileSystem>(*storage.files);
  disk->cut_to(kLog, disk->content(kLog).size() - 1);
  storage.reopen_on(std::move(disk));
  EXPECT_EQ(storage.orders()->log_end_offset(), 3);
  EXPECT_EQ(storage.orders()->read({2}).error().failure, ReadFailure::Rot);
  EXPECT_EQ(storage.append(*storage.orders(), batch_of({"b"}))->base_offset, 3);
  EXPECT_EQ(storage.orders()->read({3})->next_offset, 4);
  storage.kill_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 4);
  EXPECT_EQ(storage.orders()->read({2}).error().failure, ReadFailure::Rot);
  expect_covered(storage);
}

// Bits of everything that is not the log: caches are rebuilt, nothing that was acknowledged gets lost.
TEST(BitRot, InAnyOtherFileLosesNoRecord) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.segment_bytes = 4000;
  config.index_interval_bytes = 300;
  storage.create(config);
  for (int i = 0; i < 60; ++i) {
    const TestBatch batch{
        .records = {{std::nullopt, std::string(100, 'x')}}, .producer_id = 7, .producer_epoch = 0, .base_sequence = i};
    ASSERT_TRUE(storage.append(*storage.orders(), encode_batch(batch)).has_value());
  }
  const auto before = read_all(*storage.orders());
  const MemoryFileSystem killed(*storage.files);
  ASSERT_TRUE(storage.directory->close().has_value());
  const MemoryFileSystem closed(*storage.files);
  for (const auto* disk : {&killed, &closed}) {
    for (const auto& path : disk->paths()) {
      const bool is_checked = path.ends_with(".log") || path.ends_with("metadata") || path.ends_with("/format");
      if (is_checked) continue;
      const auto bits = disk->content(path).size() * 8;
      for (std::size_t bit = 0; bit < bits; bit += path.ends_with(".journal") ? 37 : 5) {
        auto damaged = std::make_unique<MemoryFileSystem>(*disk);
        damaged->flip_bit(path, bit);
        storage.reopen_on(std::move(damaged));
        const auto log = storage.orders();
        ASSERT_TRUE(log->quarantined().empty()) << path << " bit " << bit;
        ASSERT_EQ(read_all(*log, 0, 500), before) << path << " bit " << bit;
        const TestBatch again{.records = {{std::nullopt, std::string(100, 'x')}},
                              .producer_id = 7,
                              .producer_epoch = 0,
                              .base_sequence = 59};
        const auto repeated = storage.append(*log, encode_batch(again));
        ASSERT_TRUE(repeated.has_value() && repeated->duplicate) << path << " bit " << bit;
        ASSERT_EQ(log->batch_for_timestamp(0)->has_value(), true);
      }
    }
  }
}

TEST(Indexes, AreRebuiltWhenMissing) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.segment_bytes = 4000;
  config.index_interval_bytes = 300;
  storage.create(config);
  fill(storage, 20'000);
  const auto before = read_all(*storage.orders());
  ASSERT_TRUE(storage.directory->close().has_value());
  std::vector<std::string> indexes;
  for (const auto& path : storage.files->paths()) {
    if (path.ends_with("index")) indexes.push_back(path);
  }
  ASSERT_GE(indexes.size(), 10U);
  auto disk = std::make_unique<MemoryFileSystem>(*storage.files);
  for (const auto& path : indexes) ASSERT_TRUE(disk->remove_file(path).has_value());
  storage.reopen_on(std::move(disk));
  EXPECT_EQ(read_all(*storage.orders(), 0, 500), before);
  storage.must_append(*storage.orders(), batch_of({"more"}));
  ASSERT_TRUE(storage.directory->close().has_value());
  for (const auto& path : indexes) EXPECT_GT(storage.files->content(path).size() + 1, 0U) << path;
}

TEST(DataDirectory, IsLockedAgainstASecondProcess) {
  TestStorage storage;
  storage.open();
  const auto second = LogDirectory::open("data", *storage.files, storage.clock, storage.executor, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Code::Exists);
  EXPECT_THAT(second.error().message, testing::HasSubstr("in use by another process"));
}

TEST(DataDirectory, OfANewerFormatIsRefused) {
  TestStorage storage;
  storage.open();
  storage.directory.reset();
  storage.files->set_content("data/state/format", as_bytes("myelin data directory, format 2\n"));
  const auto opened = LogDirectory::open("data", *storage.files, storage.clock, storage.executor, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::Unsupported);
  storage.files->set_content("data/state/format", as_bytes("something else"));
  EXPECT_EQ(LogDirectory::open("data", *storage.files, storage.clock, storage.executor, {}).error().code,
            Code::Corrupt);
}

TEST(DataDirectory, HoldsNothingOfOursInTheKafkaPart) {
  TestStorage storage;
  storage.open();
  storage.create();
  fill(storage, 10'000);
  ASSERT_TRUE(storage.directory->close().has_value());
  for (const auto& path : storage.files->paths()) {
    if (!path.starts_with("data/log/")) continue;
    EXPECT_THAT(path,
                testing::AnyOf(testing::EndsWith(".log"), testing::EndsWith(".index"), testing::EndsWith(".timeindex"),
                               testing::EndsWith(".snapshot"), testing::EndsWith("/partition.metadata"),
                               testing::EndsWith("/leader-epoch-checkpoint")));
  }
  EXPECT_EQ(as_text(storage.files->content("data/log/orders-0/partition.metadata")),
            "version: 0\ntopic_id: AAAAAAAAQACAAAAAAAAAAQ");
  EXPECT_EQ(as_text(storage.files->content("data/log/orders-0/leader-epoch-checkpoint")), "0\n1\n0 0\n");
}

}  // namespace
}  // namespace myelin::storage
