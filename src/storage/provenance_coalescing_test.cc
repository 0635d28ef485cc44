// Sealed journal files are joined, and say the same before, after, and wherever the process ended in between.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <tuple>

#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

using testing::ElementsAre;

// What a bill is made of: who, in which hour (of the clock's time), and the span of use in it.
struct Hourly {
  std::int64_t records = 0, bytes = 0;
  WallTime first = WallTime::max(), last = WallTime::min();
  bool operator==(const Hourly&) const = default;
};
using Usage = std::map<std::tuple<std::string, std::int64_t>, Hourly>;

Usage usage_of(const LogDirectory& directory) {
  Usage usage;
  const auto replayed = directory.replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
    const auto hour = unix_milliseconds(entry.time) / 3'600'000;
    auto& line = usage[{who.principal.text(), hour}];
    line.records += entry.count;
    line.bytes += entry.log_bytes;
    line.first = std::min(line.first, entry.time);
    line.last = std::max(line.last, entry.last_time);
  });
  EXPECT_TRUE(replayed.has_value());
  return usage;
}

std::vector<std::string> entries_of(const TestStorage& storage) {
  std::vector<std::string> entries;
  EXPECT_TRUE(storage.directory
                  ->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
                    entries.push_back(fmt::format("{}:{}+{}", who.principal.text(), entry.base_offset, entry.count));
                  })
                  .has_value());
  return entries;
}

LogDirectoryOptions small_files() {
  LogDirectoryOptions options;
  options.journal_segment_bytes = 1000;
  return options;
}

struct Journal : TestStorage {
  explicit Journal(const LogConfig& config = {}, LogDirectoryOptions options = small_files())
      : TestStorage(std::move(options)) {
    open();
    create(config);
  }
  void append_as(const std::string& principal, int count) {
    writer = std::make_shared<const Attribution>(Attribution{PrincipalName(principal), "c", "", ""});
    for (int i = 0; i < count; ++i) {
      must_append(*orders(), batch_of({"a"}));
      clock.advance(std::chrono::milliseconds(10));
    }
  }
  void keep_house() {
    clock.advance(std::chrono::minutes(5));
    directory->housekeep();
    executor.run_all();
  }
};

TEST(Coalescing, JoinsNeighboursOfOneWriterInFilesThatAreSealed) {
  Journal storage({}, {});
  storage.append_as("shop", 20);
  storage.append_as("till", 5);
  storage.append_as("shop", 5);
  storage.close_and_reopen();
  storage.append_as("shop", 2);
  storage.keep_house();
  EXPECT_THAT(entries_of(storage), ElementsAre("shop:0+20", "till:20+5", "shop:25+5", "shop:30+1", "shop:31+1"));
}

TEST(Coalescing, ChangesNeitherUsageByHourNorTheCover) {
  Journal storage;
  for (int hour = 0; hour < 3; ++hour) {
    storage.append_as("shop", 30);
    storage.append_as("till", 20);
    storage.clock.advance(std::chrono::hours(1));
  }
  const auto before = usage_of(*storage.directory);
  ASSERT_EQ(before.size(), 6U);
  const auto bytes_before = storage.directory->journal_size().bytes;
  const auto entries_before = entries_of(storage).size();
  storage.keep_house();
  EXPECT_LT(entries_of(storage).size(), entries_before / 2);
  EXPECT_LT(storage.directory->journal_size().bytes, bytes_before);
  EXPECT_EQ(usage_of(*storage.directory), before);
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
  storage.kill_and_reopen();
  EXPECT_EQ(usage_of(*storage.directory), before);
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
  EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
}

TEST(Coalescing, LeavesAloneWhatAPowerCutMayStillTake) {
  const TopicPartition tills{TopicName("tills"), 0};
  LogConfig unsynced;
  unsynced.durability = Durability::Os;
  LogConfig synced;
  synced.durability = Durability::Synced;
  Journal storage(unsynced, {});
  storage.append_as("shop", 3);
  storage.topic_id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAg").value();
  storage.create(synced, tills);
  storage.options().config_of = [=](const TopicName& name) { return name == tills.topic ? synced : unsynced; };
  for (int i = 0; i < 3; ++i) storage.must_append(*storage.directory->find(tills), batch_of({"a"}));
  storage.kill_and_reopen();
  storage.must_append(*storage.directory->find(tills), batch_of({"a"}));
  storage.keep_house();
  EXPECT_THAT(entries_of(storage), ElementsAre("shop:0+1", "shop:1+1", "shop:2+1", "shop:0+3", "shop:3+1"));
}

TEST(Coalescing, IsHarmlessWhereverTheProcessEndsInBetween) {
  Journal storage;
  storage.append_as("shop", 60);
  storage.append_as("till", 60);
  const auto before = usage_of(*storage.directory);
  const auto all_calls = {DiskCall::Write,  DiskCall::Sync,   DiskCall::Truncate,     DiskCall::Rename,
                          DiskCall::Remove, DiskCall::Create, DiskCall::SyncDirectory};
  storage.close_and_reopen();
  const MemoryFileSystem whole(*storage.files);
  std::uint64_t calls = 0;  // how many there are, the first round tells, in which none fails
  for (std::uint64_t nth = 0; nth <= calls; ++nth) {
    SCOPED_TRACE(nth);
    storage.reopen_on(std::make_unique<MemoryFileSystem>(whole));
    storage.append_as("shop", 1);
    const auto expected = usage_of(*storage.directory);
    storage.files->set_fault(DiskFault{.calls = all_calls, .nth = nth, .persistent = true, .writes_half = true});
    storage.keep_house();
    calls = std::max(calls, storage.files->fault_calls());
    storage.files->set_fault(std::nullopt);
    const auto power_cut = storage.files->after_power_cut();
    const auto lucky_cut = storage.files->after_power_cut_with_luck(nth);
    storage.kill_and_reopen();
    EXPECT_EQ(usage_of(*storage.directory), expected);
    EXPECT_TRUE(storage.directory->check_provenance()->empty());
    for (const auto* disk : {power_cut.get(), lucky_cut.get()}) {
      storage.options().boot_id += "+";
      storage.reopen_on(std::make_unique<MemoryFileSystem>(*disk));
      EXPECT_EQ(usage_of(*storage.directory), expected);
      EXPECT_TRUE(storage.directory->check_provenance()->empty());
    }
  }
  EXPECT_GT(calls, 20U) << "the faults reached nothing";
  EXPECT_EQ(before.size(), 2U);
}

TEST(Coalescing, LeavesAFileAloneInWhichSomethingCantBeRead) {
  Journal storage({}, {});
  storage.append_as("shop", 20);
  storage.close_and_reopen();
  const auto path = "data/provenance/" + provenance::file_name(1);
  auto content = storage.files->content(path);
  content[content.size() - 200] ^= std::byte{1};
  storage.files->set_content(path, content);
  storage.keep_house();
  EXPECT_EQ(storage.files->content(path), content);
}

TEST(Coalescing, TouchesNothingBeforeTheStatesThatBeginTheCurrentFileAreOnTheDisk) {
  Journal storage({}, {});
  storage.append_as("shop", 20);
  storage.kill_and_reopen();
  const auto path = "data/provenance/" + provenance::file_name(1);
  const auto content = storage.files->content(path);
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Sync}});
  storage.keep_house();
  EXPECT_EQ(storage.files->fault_calls(), 1U);
  EXPECT_EQ(storage.files->content(path), content);
}

TEST(Coalescing, MakesRoomForWhatItCouldNotWrite) {
  Journal storage({}, {});
  storage.append_as("shop", 20);
  storage.close_and_reopen();
  const auto before = storage.files->paths();
  storage.append_as("shop", 1);
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Rename}, .persistent = true});
  storage.keep_house();
  EXPECT_THAT(storage.files->paths(), testing::Not(testing::Contains(testing::HasSubstr(".journal.tmp"))));
  storage.files->set_fault(std::nullopt);
  storage.keep_house();
  EXPECT_THAT(entries_of(storage), ElementsAre("shop:0+20", "shop:20+1"));
}

TEST(Coalescing, DoesNotTrustARemovalThatAPowerCutMayUndo) {
  LogConfig unsynced;
  unsynced.durability = Durability::Os;
  Journal storage(unsynced, {});
  storage.append_as("shop", 4);
  storage.kill_and_reopen();
  // What the log holds is not on the disk, nor is it told there that the partition is gone.
  ASSERT_TRUE(storage.directory->remove(kOrders).has_value());
  storage.keep_house();
  EXPECT_THAT(entries_of(storage), ElementsAre("shop:0+1", "shop:1+1", "shop:2+1", "shop:3+1"));
}

// A storage that is used and mistreated by chance, and what is true of every record that was written to it.
class Mistreated {
 public:
  explicit Mistreated(std::uint64_t seed) : random_(seed) {
    storage_.topic_id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAg").value();
    storage_.create(unsynced(), kTills);
    storage_.options().config_of = [](const TopicName& name) {
      return name == kTills.topic ? unsynced() : LogConfig{};
    };
  }

  void do_something() {
    switch (below(10)) {
      case 0:
        return storage_.keep_house();
      case 1:
        storage_.files->set_fault(
            DiskFault{.calls = kAllCalls, .nth = 1 + below(25), .persistent = true, .writes_half = true});
        storage_.keep_house();
        storage_.files->set_fault(std::nullopt);
        return end(below(2));
      case 2:
        return end(below(3));
      case 3:
        return storage_.clock.advance(std::chrono::minutes(below(50)));
      default:
        for (auto times = below(8); times > 0; --times) append();
    }
  }

  // Every record is accounted for once, to who wrote it, in its hour and with its bytes.
  void check() const {
    EXPECT_TRUE(storage_.directory->check_provenance()->empty());
    for (const auto& name : {kOrders, kTills}) {
      const auto log = storage_.directory->find(name);
      std::int64_t next = 0;
      std::map<std::int64_t, std::pair<std::string, ProvenanceEntry>> entries;
      ASSERT_TRUE(storage_.directory
                      ->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
                        if (entry.topic_id == log->topic_id())
                          entries[entry.base_offset] = {who.principal.text(), entry};
                      })
                      .has_value());
      for (const auto& [base, entry] : entries) {
        ASSERT_EQ(base, next);
        next = entry.second.next_offset();
        check_entry(name, entry.first, entry.second);
      }
      EXPECT_EQ(next, log->log_end_offset());
    }
  }

 private:
  struct Written {
    std::string who;
    WallTime time;
  };
  static inline const TopicPartition kTills{TopicName("tills"), 0};
  static inline const std::set<DiskCall> kAllCalls{DiskCall::Write,        DiskCall::Sync,   DiskCall::Truncate,
                                                   DiskCall::Rename,       DiskCall::Remove, DiskCall::Create,
                                                   DiskCall::SyncDirectory};
  static LogConfig unsynced() {
    LogConfig config;
    config.durability = Durability::Os;
    return config;
  }
  // Four to a page, so that a power cut takes some of a log.
  static SharedBytes batch() { return batch_of({std::string(1000, 'a')}); }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void append() {
    const auto& name = below(2) == 0 ? kOrders : kTills;
    const std::string who = below(4) == 0 ? "till" : "shop";
    storage_.writer = std::make_shared<const Attribution>(Attribution{PrincipalName(who), "c", "", ""});
    const auto outcome = storage_.append(*storage_.directory->find(name), batch());
    ASSERT_TRUE(outcome.has_value());
    auto& written = written_[name];
    ASSERT_EQ(outcome->base_offset, static_cast<std::int64_t>(written.size()));
    written.push_back({who, storage_.clock.wall()});
    storage_.clock.advance(std::chrono::seconds(below(90)));
  }

  void end(std::uint64_t kind) {
    if (kind == 0) storage_.kill_and_reopen();
    if (kind == 1) storage_.cut_power_and_reopen();
    if (kind == 2) storage_.close_and_reopen();
    EXPECT_EQ(storage_.orders()->log_end_offset(), static_cast<std::int64_t>(written_[kOrders].size()));
    const auto tills = static_cast<std::size_t>(storage_.directory->find(kTills)->log_end_offset());
    ASSERT_LE(tills, written_[kTills].size());
    written_[kTills].resize(tills);
  }

  void check_entry(const TopicPartition& name, const std::string& who, const ProvenanceEntry& entry) const {
    static const auto kBatchBytes = static_cast<std::int64_t>(batch().size());
    EXPECT_EQ(entry.log_bytes, entry.count * kBatchBytes);
    if (who == kLostInPowerCut.text()) {
      EXPECT_EQ(name, kTills) << "an acknowledged record lost its writer";
      return;
    }
    using std::chrono::floor, std::chrono::hours;
    EXPECT_EQ(floor<hours>(entry.time), floor<hours>(entry.last_time));
    const auto& written = written_.at(name);
    for (auto offset = entry.base_offset; offset < entry.next_offset(); ++offset) {
      const auto& record = written[static_cast<std::size_t>(offset)];
      EXPECT_EQ(record.who, who);
      EXPECT_GE(record.time, entry.time);
      EXPECT_LE(record.time, entry.last_time);
    }
  }

  Journal storage_;
  std::mt19937_64 random_;
  std::map<TopicPartition, std::vector<Written>> written_;
};

TEST(Coalescing, LosesAndDoublesNothingWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Mistreated storage(seed);
    for (int step = 0; step < 60; ++step) {
      storage.do_something();
      storage.check();
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace myelin::storage
