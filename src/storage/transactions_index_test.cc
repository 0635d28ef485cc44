// The index of aborted transactions beside each segment: written, deleted, and made anew whatever is wrong with it.
#include <gmock/gmock.h>

#include <functional>

#include "storage/transactions_fixture.h"

namespace myelin::storage {
namespace {

using testing::ElementsAre;

TEST(AbortedIndex, IsWrittenWithEachAbort) {
  TransactionalStorage storage;
  storage.write(7, "a");  // 0
  storage.write(8, "b");  // 1
  storage.abort(7);       // 2
  storage.commit(8);      // 3
  storage.write(7, "c");  // 4
  storage.abort(7);       // 5
  const auto index = decode_aborted_index(storage.files->content(path_of(0, kAbortedIndexSuffix)));
  ASSERT_TRUE(index.has_value());
  EXPECT_THAT(index->entries, ElementsAre(AbortedEntry{7, 0, 2, 1}, AbortedEntry{7, 4, 5, 6}));
}

TEST(AbortedIndex, GoesWithItsSegment) {
  LogConfig config;
  config.segment_bytes = 100;
  TransactionalStorage storage(config);
  storage.write(7, "a");
  storage.abort(7);
  storage.write_outside("b");
  const auto path = path_of(1, kAbortedIndexSuffix);
  EXPECT_EQ(storage.files->content(path).size(), kAbortedEntrySize);
  std::ignore = storage.orders()->delete_records_before(2);
  storage.executor.run_all();
  EXPECT_FALSE(storage.files->file_size(path).has_value());
}

// Whatever the disk refuses meanwhile, readers are told of every abort.
TEST(AbortedIndex, ThatCouldNotBeWrittenIsMadeFromTheLog) {
  for (std::uint64_t nth = 1; nth <= 40; ++nth) {
    LogConfig config;
    config.durability = Durability::Os;
    TransactionalStorage storage(config);
    storage.files->set_fault(DiskFault{.calls = {DiskCall::Write, DiskCall::Create},
                                       .nth = nth,
                                       .code = Code::Unavailable,
                                       .writes_half = nth % 2 == 0});
    std::vector<std::string> expected;
    for (int i = 0; i < 6; ++i) {
      const auto value = std::to_string(i);
      if (storage.try_write_outside(value)) expected.push_back(value);
      while (!storage.try_write(7, "aborted", static_cast<std::int16_t>(i))) continue;
      while (!storage.try_abort(7, static_cast<std::int16_t>(i))) continue;
    }
    storage.files->set_fault(std::nullopt);
    EXPECT_EQ(committed_values(*storage.orders()), expected) << nth;
    storage.kill_and_reopen();
    EXPECT_EQ(committed_values(*storage.orders()), expected) << nth;
  }
}

// Every way in which the file of an aborted index can be wrong.
void for_each_damage(const MemoryFileSystem& disk,
                     const std::function<void(std::unique_ptr<MemoryFileSystem>)>& check) {
  for (const auto& path : disk.paths()) {
    if (!path.ends_with(kAbortedIndexSuffix)) continue;
    SCOPED_TRACE(path);
    const auto size = disk.content(path).size();
    auto missing = std::make_unique<MemoryFileSystem>(disk);
    ASSERT_TRUE(missing->remove_file(path).has_value());
    check(std::move(missing));
    for (std::size_t cut = 0; cut < size; cut += 17) {
      auto truncated = std::make_unique<MemoryFileSystem>(disk);
      truncated->cut_to(path, cut);
      check(std::move(truncated));
    }
    for (std::size_t bit = 0; bit < size * 8; bit += 13) {
      auto flipped = std::make_unique<MemoryFileSystem>(disk);
      flipped->flip_bit(path, bit);
      check(std::move(flipped));
    }
  }
}

TEST(AbortedIndex, ThatIsWrongAtAStartIsMadeAnew) {
  ManySegments storage;
  const MemoryFileSystem killed(*storage.files);
  storage.close_and_reopen();
  const MemoryFileSystem closed(*storage.files);
  int damaged = 0;
  for (const auto* disk : {&killed, &closed}) {
    for_each_damage(*disk, [&](std::unique_ptr<MemoryFileSystem> broken) {
      ++damaged;
      storage.reopen_on(std::move(broken));
      ASSERT_EQ(committed_values(*storage.orders()), kCommittedInManySegments);
      for (const auto& path : disk->paths()) {
        if (path.ends_with(kAbortedIndexSuffix)) ASSERT_EQ(storage.files->content(path), disk->content(path)) << path;
      }
    });
  }
  EXPECT_GT(damaged, 100);
}

TEST(AbortedIndex, ThatBreaksWhileServingIsMadeAnew) {
  const auto path = path_of(0, kAbortedIndexSuffix);
  const auto check = [&](const std::function<void(MemoryFileSystem&)>& damage) {
    TransactionalStorage storage;
    for (int i = 0; i < 2; ++i) {
      storage.write(7, "aborted");
      storage.abort(7);
    }
    storage.write_outside("a");
    const auto before = storage.files->content(path);
    damage(*storage.files);
    EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("a"));
    EXPECT_EQ(storage.files->content(path), before);
    storage.write(7, "aborted");
    storage.abort(7);
    EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("a"));
  };
  for (std::size_t bit = 0; bit < 2 * kAbortedEntrySize * 8; ++bit) {
    SCOPED_TRACE(bit);
    check([&](MemoryFileSystem& files) { files.flip_bit(path, bit); });
  }
  for (std::size_t size = 0; size < 2 * kAbortedEntrySize; ++size) {
    SCOPED_TRACE(size);
    check([&](MemoryFileSystem& files) { files.cut_to(path, size); });
  }
  check([&](MemoryFileSystem& files) { EXPECT_TRUE(files.remove_file(path).has_value()); });
}

TEST(AbortedIndex, IsCompleteAlthoughABitFlippedInAHeaderOnTheWay) {
  TransactionalStorage storage;
  storage.write(7, "a");
  for (int i = 0; i < 5; ++i) storage.write_outside(std::to_string(i));
  storage.abort(7);
  storage.write_outside("end");
  ASSERT_TRUE(storage.directory->close().has_value());
  const auto batch_bytes = encode_batch({.records = {{"a", "a"}}}).size();
  storage.files->flip_bit(path_of(0, kLogSuffix), (3 * batch_bytes + 8) * 8);  // the length of the fourth batch
  storage.kill_and_reopen();
  EXPECT_EQ(storage.read_committed(0, 1)->aborted, (std::vector<AbortedTransaction>{{7, 0}}));
  EXPECT_EQ(storage.read_committed(3).error().failure, ReadFailure::Rot);
  EXPECT_THAT(committed_values(*storage.orders(), 4), ElementsAre("3", "4", "end"));
}

TEST(AbortedIndex, KnowsYetWhatAMarkerSaidThatRotted) {
  for (const auto stop : {Stop::Close, Stop::Kill}) {
    TransactionalStorage storage;
    storage.write(7, "a");       // 0
    storage.write_outside("b");  // 1
    storage.abort(7);            // 2
    storage.write(7, "c");       // 3
    storage.commit(7);           // 4
    storage.clock.advance(std::chrono::milliseconds(100));
    storage.directory->housekeep();
    storage.executor.run_all();
    if (stop == Stop::Close) ASSERT_TRUE(storage.directory->close().has_value());
    const auto log = path_of(0, kLogSuffix);
    const auto markers_end = storage.files->content(log).size() - encode_batch({.records = {{"c", "c"}}}).size() - 78;
    storage.files->flip_bit(log, (markers_end - 2) * 8);
    storage.kill_and_reopen();
    EXPECT_EQ(storage.read_committed(0, 1)->aborted, (std::vector<AbortedTransaction>{{7, 0}}));
    EXPECT_THAT(values_shown(*storage.read_committed(0)), ElementsAre("b"));
    EXPECT_EQ(storage.read_committed(2).error().failure, ReadFailure::Rot);
    EXPECT_THAT(committed_values(*storage.orders(), 3), ElementsAre("c"));
  }
}

}  // namespace
}  // namespace myelin::storage
