// The journal's bytes, and that it says once and exactly who wrote what.
#include <gmock/gmock.h>

#include "storage/journal_cover.h"
#include "storage/journal_file.h"
#include "storage/memory_file_system.h"
#include "storage/offset_cover.h"
#include "storage/provenance_format.h"
#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

using provenance::AppendFrame;
using provenance::Frame;

std::string hex(ByteSpan bytes) {
  std::string text;
  for (const auto byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

JournalFile journal_file_of(MemoryFileSystem& files, ByteSpan content) {
  EXPECT_TRUE(replace_file(files, "journal", content).has_value());
  return *JournalFile::open(files, "journal");
}

FramesEnd read_frames(ByteSpan content, const JournalFile::Visit& visit) {
  MemoryFileSystem files;
  return *journal_file_of(files, content).read_frames(visit);
}

// "who:offset+count" of every entry.
std::vector<std::string> entries_of(const TestStorage& storage) {
  std::vector<std::string> entries;
  const auto replayed = storage.directory->replay_provenance([&](const Attribution& who, const ProvenanceEntry& entry) {
    entries.push_back(fmt::format("{}:{}+{}", who.principal.text(), entry.base_offset, entry.count));
  });
  EXPECT_TRUE(replayed.has_value());
  return entries;
}

TEST(JournalFormat, WritesAnAppendAsDocumented) {
  AppendFrame frame;
  frame.sequence = frame.last_sequence = 7;
  frame.topic_id.bytes[15] = std::byte{9};
  frame.partition = 3;
  frame.leader_epoch = 2;
  frame.base_offset = 100;
  frame.count = 5;
  frame.log_bytes = 600;
  frame.attribution = 1;
  frame.time_ms = frame.last_time_ms = 1'750'000'000'000;
  frame.synced_offset = 90;
  ByteBuffer bytes;
  provenance::encode_to(bytes, frame);
  const std::string body =
      "02"
      "0000000000000007"
      "00000000000000000000000000000009"
      "00000003"
      "00000002"
      "0000000000000064"
      "00000005"
      "00000258"
      "00000001"
      "000001977420dc00"
      "000000000000005a";
  EXPECT_EQ(hex(ByteSpan(bytes).first(4)), "00000045");
  EXPECT_EQ(hex(ByteSpan(bytes).subspan(8)), body);
  EXPECT_EQ(load_big_endian<std::uint32_t>(bytes.data() + 4), crc32c(ByteSpan(bytes).subspan(8)));
}

TEST(JournalFormat, ReadsEveryKindBack) {
  const std::vector<Frame> frames{
      provenance::AttributionFrame{4, {PrincipalName("shop"), "c", "lib", "1.2"}},
      AppendFrame{.sequence = 1, .last_sequence = 9, .topic_id = {}, .count = 1ULL << 40, .log_bytes = 5},
      provenance::StateFrame{.topic_id = {}, .partition = 1, .leader_epoch_start = 5, .covered_end = 8},
      provenance::QuarantineFrame{.topic_id = {}, .first_offset = 3, .next_offset = 4, .skipped = true},
      provenance::RemovedFrame{.topic_id = {}, .partition = 2, .log_end_offset = 77},
      provenance::StatesEndFrame{},
      provenance::CleanStopFrame{12},
      provenance::OlderSyncedFrame{},
  };
  auto file = provenance::encode(provenance::FileHeader{1, 2});
  for (const auto& frame : frames) provenance::encode_to(file, frame);
  std::vector<Frame> read;
  const auto end = read_frames(file, [&](const Frame& frame) { read.push_back(frame); });
  EXPECT_EQ(end.position, file.size());
  ASSERT_EQ(read.size(), frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(read[i].index(), frames[i].index());
  EXPECT_EQ(std::get<provenance::AttributionFrame>(read[0]).attribution.library_version, "1.2");
  EXPECT_EQ(std::get<AppendFrame>(read[1]).count, 1ULL << 40);
  EXPECT_EQ(std::get<AppendFrame>(read[1]).last_sequence, 9U);
  EXPECT_EQ(std::get<provenance::StateFrame>(read[2]).leader_epoch_start, 5);
  EXPECT_TRUE(std::get<provenance::QuarantineFrame>(read[3]).skipped);
  EXPECT_EQ(std::get<provenance::RemovedFrame>(read[4]).log_end_offset, 77);
}

TEST(JournalFormat, PassesOverDamageAndSpaceWrittenAhead) {
  auto file = provenance::encode(provenance::FileHeader{1, 2});
  for (int i = 0; i < 3; ++i) provenance::encode_to(file, provenance::CleanStopFrame{i});
  file[provenance::kFileHeaderSize + 20] ^= std::byte{1};
  file.resize(file.size() + 1000);
  int seen = 0;
  const auto end = read_frames(file, [&](const Frame&) { ++seen; });
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(end.damaged_bytes, 17U);
  EXPECT_FALSE(end.has_tail_damage);
}

TEST(JournalFormat, PassesOverAnAppendThatEndsWhereNoLogCan) {
  auto file = provenance::encode(provenance::FileHeader{1, 2});
  provenance::encode_to(file, AppendFrame{.topic_id = {}, .base_offset = INT64_MAX, .count = 1});
  provenance::encode_to(file, AppendFrame{.topic_id = {}, .base_offset = -1, .count = 1});
  provenance::encode_to(file, AppendFrame{.topic_id = {}, .base_offset = INT64_MAX - 1, .count = 1});
  std::vector<std::int64_t> ends;
  static_cast<void>(
      read_frames(file, [&](const Frame& frame) { ends.push_back(std::get<AppendFrame>(frame).next_offset()); }));
  EXPECT_EQ(ends, std::vector{INT64_MAX});
}

// Names of the largest size, so that frames lie across every place where the reader's window may end.
TEST(JournalFormat, ReadsFramesAndDamageThatAreLargerThanWhatItHoldsOfTheFile) {
  auto file = provenance::encode(provenance::FileHeader{1, 2});
  const std::string longest(32767, 'n');
  std::uint64_t damaged_at = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    if (i == 7) damaged_at = file.size();
    provenance::encode_to(file, provenance::AttributionFrame{i, {PrincipalName(longest), longest, longest, longest}});
  }
  const auto end_of_frames = file.size();
  for (auto at = damaged_at; at < damaged_at + 300'000; ++at) file[at] ^= std::byte{0x5a};
  file.resize(end_of_frames + 600'000);
  std::vector<std::uint32_t> read;
  const auto end = read_frames(file, [&](const Frame& frame) {
    const auto& named = std::get<provenance::AttributionFrame>(frame);
    EXPECT_EQ(named.attribution.library_version, longest);
    read.push_back(named.id);
  });
  EXPECT_THAT(read, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  EXPECT_EQ(end.damaged_bytes, (end_of_frames - provenance::kFileHeaderSize) / 20 * 3);
  EXPECT_EQ(end.position, end_of_frames);
  EXPECT_FALSE(end.has_tail_damage);
}

TEST(JournalFormat, SaysThatTheDiskDoesNotReadIt) {
  MemoryFileSystem files;
  auto content = provenance::encode(provenance::FileHeader{1, 2});
  provenance::encode_to(content, provenance::CleanStopFrame{1});
  const auto file = journal_file_of(files, content);
  files.set_fault(DiskFault{.calls = {DiskCall::Read}});
  const auto read = file.read_frames([](const Frame&) {});
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Code::Io);
}

TEST(JournalFormat, JudgesAFileFromItsEndHoweverManyFramesItHas) {
  constexpr std::int64_t kOffsets = 10'000;
  auto content = provenance::encode(provenance::FileHeader{1, 2});
  const auto append = [&](std::int64_t offset) {
    provenance::encode_to(content, AppendFrame{.topic_id = {}, .base_offset = offset, .count = 1});
  };
  for (std::int64_t offset = 0; offset < kOffsets; ++offset) append(offset);
  for (std::int64_t offset = 0; offset < kOffsets; offset += 2) append(offset);  // written once more
  MemoryFileSystem files;
  const auto file = journal_file_of(files, content);
  JournalCover cover([](const JournalKey&) { return kOffsets - 100; });
  const auto counts = cover.take(file);
  ASSERT_TRUE(counts.has_value());
  std::vector<bool> expected;
  for (std::int64_t offset = 0; offset < kOffsets; ++offset) expected.push_back(offset % 2 == 1 && offset < 9'900);
  for (std::int64_t offset = 0; offset < kOffsets; offset += 2) expected.push_back(offset < 9'900);
  EXPECT_EQ(*counts, expected);
}

TEST(JournalFormat, JudgesOnlyPartitionsThatAreWanted) {
  auto content = provenance::encode(provenance::FileHeader{1, 2});
  for (std::int32_t partition = 0; partition < 2; ++partition) {
    provenance::encode_to(
        content, AppendFrame{.topic_id = {}, .partition = partition, .base_offset = 5 * partition, .count = 3});
    provenance::encode_to(content,
                          provenance::RemovedFrame{.topic_id = {}, .partition = partition, .log_end_offset = 9});
  }
  MemoryFileSystem files;
  const auto file = journal_file_of(files, content);
  JournalCover cover([](const JournalKey&) { return std::nullopt; },
                     [](const JournalKey& key) { return key.second == 1; });
  const auto counts = cover.take(file);
  ASSERT_TRUE(counts.has_value());
  EXPECT_EQ(*counts, (std::vector{false, true}));
  ASSERT_EQ(cover.covers().size(), 1U);
  EXPECT_THAT(cover.covers().begin()->second.ranges(), testing::ElementsAre(std::pair(5, 8)));
}

TEST(OffsetCover, TakesTheNewestForEachOffset) {
  OffsetCover cover;
  cover.limit(30);
  EXPECT_FALSE(cover.add(25, 31));
  EXPECT_TRUE(cover.add(20, 30));
  EXPECT_FALSE(cover.add(29, 30));
  EXPECT_FALSE(cover.add(10, 21));
  EXPECT_TRUE(cover.add(0, 10));
  EXPECT_TRUE(cover.add(10, 20));
  EXPECT_EQ(cover.ranges().size(), 1U);
}

TEST(Provenance, NamesTheWriterOfEveryAppendAndNotOfRefusedOnes) {
  TestStorage storage;
  storage.open();
  storage.create();
  const auto batch = encode_batch({.producer_id = 7, .producer_epoch = 0, .base_sequence = 0});
  storage.must_append(*storage.orders(), batch);
  storage.must_append(*storage.orders(), batch);  // repeated
  EXPECT_FALSE(storage.append(*storage.orders(), batch_of({}).slice(0, 10)).has_value());
  storage.writer = std::make_shared<const Attribution>(Attribution{PrincipalName("till"), "t", "", ""});
  storage.must_append(*storage.orders(), batch_of({"a", "b"}));
  EXPECT_THAT(entries_of(storage), testing::ElementsAre("shop:0+1", "till:1+2"));
  storage.kill_and_reopen();
  EXPECT_THAT(entries_of(storage), testing::ElementsAre("shop:0+1", "till:1+2"));
}

TEST(Provenance, OutlivesItsTopicAndIsKeyedByTopicId) {
  TestStorage storage;
  storage.open();
  storage.create();
  storage.must_append(*storage.orders(), batch_of({"a"}));
  ASSERT_TRUE(storage.directory->remove(kOrders).has_value());
  storage.topic_id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAg").value();
  storage.create();
  storage.must_append(*storage.orders(), batch_of({"a", "b"}));
  storage.kill_and_reopen();
  EXPECT_THAT(entries_of(storage), testing::ElementsAre("shop:0+1", "shop:0+2"));
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
}

TEST(Provenance, DropsEntriesOfRecordsThatAPowerCutTook) {
  TestStorage storage;
  storage.open();
  LogConfig config;
  config.durability = Durability::Os;
  storage.create(config);
  storage.must_append(*storage.orders(), batch_of({"a"}));
  storage.must_append(*storage.orders(), batch_of({"b"}));
  // The journal reached the disk, the log did not.
  auto disk = std::make_unique<MemoryFileSystem>(*storage.files);
  disk->cut_to("data/log/orders-0/00000000000000000000.log", 0);
  storage.reopen_on(std::move(disk));
  EXPECT_TRUE(entries_of(storage).empty());
  storage.writer = std::make_shared<const Attribution>(Attribution{PrincipalName("till"), "t", "", ""});
  storage.must_append(*storage.orders(), batch_of({"c", "d", "e"}));
  storage.kill_and_reopen();
  EXPECT_THAT(entries_of(storage), testing::ElementsAre("till:0+3"));
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
}

TEST(Provenance, TakesARepeatedEntryForItsOwnOffsetsOnly) {
  constexpr std::string_view kJournal = "data/provenance/00000000000000000001.journal";
  for (const bool is_of_a_later_sequence : {false, true}) {
    for (const bool is_cleanly_stopped : {false, true}) {
      TestStorage storage;
      storage.open();
      storage.create();
      for (int i = 0; i < 5; ++i) storage.must_append(*storage.orders(), batch_of({"a"}));
      if (is_cleanly_stopped) ASSERT_TRUE(storage.directory->close().has_value());
      auto content = storage.files->content(std::string(kJournal));
      std::optional<AppendFrame> repeated;
      static_cast<void>(read_frames(content, [&](const Frame& frame) {
        const auto* append = std::get_if<AppendFrame>(&frame);
        if (append != nullptr && append->base_offset == 2) repeated = *append;
      }));
      ASSERT_TRUE(repeated.has_value());
      if (is_of_a_later_sequence) repeated->sequence = repeated->last_sequence = 1000;
      provenance::encode_to(content, *repeated);
      storage.files->set_content(std::string(kJournal), content);
      for (int round = 0; round < 2; ++round) {
        storage.kill_and_reopen();
        EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
        EXPECT_THAT(entries_of(storage),
                    testing::UnorderedElementsAre("shop:0+1", "shop:1+1", "shop:2+1", "shop:3+1", "shop:4+1"));
        EXPECT_TRUE(storage.directory->check_provenance()->empty());
      }
    }
  }
}

TEST(Provenance, RollsFilesWithoutLosingAnEntryOrRecovery) {
  for (const std::uint32_t write_ahead_bytes : {0U, 150U, 5000U}) {
    LogDirectoryOptions options;
    options.journal_segment_bytes = 1000;
    TestStorage storage(options);
    storage.options().journal_write_ahead_bytes = write_ahead_bytes;
    storage.open();
    storage.create();
    for (int i = 0; i < 200; ++i) storage.must_append(*storage.orders(), batch_of({"a"}));
    EXPECT_GT(storage.directory->journal_size().segments, 10U);
    for (int round = 0; round < 3; ++round) {
      storage.kill_and_reopen();
      EXPECT_EQ(entries_of(storage).size(), 200U);
      EXPECT_EQ(storage.orders()->log_end_offset(), 200);
      EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
      EXPECT_TRUE(storage.directory->check_provenance()->empty());
    }
  }
}

// At a level that promises nothing, with a journal of small files. They are synced when the executor runs.
struct UnsyncedJournal : TestStorage {
  explicit UnsyncedJournal(std::size_t files_of_journal) {
    options().journal_segment_bytes = 1000;
    open();
    LogConfig config;
    config.durability = Durability::Os;
    create(config);
    while (directory->journal_size().segments < files_of_journal) {
      if (directory->journal_size().segments == 1) in_oldest = entries_of(*this).size();
      EXPECT_TRUE(start_append(*orders(), batch_of({"a"})));
    }
  }
  // The disk after the oldest file lost its end, but for its first entries.
  std::unique_ptr<MemoryFileSystem> without_end_of_oldest(std::size_t spared) const {
    auto disk = std::make_unique<MemoryFileSystem>(*files);
    const auto oldest = "data/provenance/" + provenance::file_name(1);
    disk->cut_to(oldest, disk->content(oldest).size() - (in_oldest - spared) * provenance::kAppendFrameSize);
    return disk;
  }
  std::size_t in_oldest = 0;  // entries in the journal's first file
};

TEST(Provenance, CallsRecordsLostWhoseEntriesAPowerCutTookOutOfAnOlderFile) {
  for (const std::size_t files_of_journal : {2U, 3U}) {
    for (const std::size_t spared : {0U, 3U}) {
      UnsyncedJournal storage(files_of_journal);
      storage.reopen_on(storage.without_end_of_oldest(spared));
      const auto lost = fmt::format("(lost in power cut):{}+{}", spared, storage.in_oldest - spared);
      for (int round = 0; round < 2; ++round) {
        const auto entries = entries_of(storage);
        EXPECT_THAT(entries, testing::Contains(lost));
        EXPECT_EQ(std::ranges::count(entries, "shop:2+1"), spared > 2 ? 1 : 0);
        EXPECT_EQ(std::ranges::count(entries, fmt::format("shop:{}+1", storage.in_oldest)), 1);
        EXPECT_TRUE(storage.directory->check_provenance()->empty());
        storage.kill_and_reopen();
      }
    }
  }
}

TEST(Provenance, ReadsNoOlderFileForRecoveryOnceItWasSynced) {
  UnsyncedJournal storage(3);
  storage.executor.run_all();
  // Nothing but a fault of the disk does that; recovery would notice if it looked there.
  storage.reopen_on(storage.without_end_of_oldest(0));
  EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
  EXPECT_EQ(entries_of(storage).front(), fmt::format("shop:{}+1", storage.in_oldest));
}

TEST(Provenance, KeepsThroughAPowerCutWhatAKilledRunDidNotSync) {
  TestStorage storage;
  storage.open();
  storage.create();
  storage.start_append(*storage.orders(), batch_of({"a"}));
  storage.kill_and_reopen();  // recovery syncs the record
  storage.must_append(*storage.orders(), batch_of({"b"}));
  storage.cut_power_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 2);
  EXPECT_THAT(entries_of(storage), testing::ElementsAre("shop:0+1", "shop:1+1"));
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
}

// A journal that forgets after sixteen days, and so begins a new file every day, beside a log that keeps everything.
struct ForgetfulJournal : TestStorage {
  explicit ForgetfulJournal(Durability durability = LogConfig().durability) {
    options().journal_retention = std::chrono::days(16);
    open();
    LogConfig config;
    config.retention_ms = kUnlimited;
    config.segment_age = std::chrono::days(1000);
    config.durability = durability;
    create(config);
  }
  void append_and_wait_a_day() {
    must_append(*orders(), batch_of({"a"}));
    clock.advance(std::chrono::days(1));
    keep_house();
  }
  void keep_house() {
    clock.advance(std::chrono::minutes(5));
    directory->housekeep();
    executor.run_all();
  }
  std::vector<std::string> journal_files() const {
    auto paths = files->paths();
    std::erase_if(paths, [](const auto& path) { return !path.ends_with(".journal"); });
    return paths;
  }
};

TEST(JournalRetention, Is400DaysUnlessToldOtherwise) {
  EXPECT_EQ(LogDirectoryOptions().journal_retention, std::chrono::days(400));
}

TEST(JournalRetention, ForgetsWhileTheServerRunsHoweverLittleIsWritten) {
  ForgetfulJournal storage;
  for (int day = 0; day < 16; ++day) storage.append_and_wait_a_day();
  EXPECT_EQ(entries_of(storage).size(), 16U);
  for (int day = 0; day < 16; ++day) {
    storage.append_and_wait_a_day();
    EXPECT_LE(entries_of(storage).size(), 17U);
    EXPECT_GE(entries_of(storage).size(), 16U);
    EXPECT_TRUE(storage.directory->check_provenance()->empty());
  }
}

TEST(JournalRetention, KeepsWhatIsYounger) {
  ForgetfulJournal storage;
  storage.options().journal_retention = std::chrono::days(400);
  storage.close_and_reopen();
  for (int day = 0; day < 40; ++day) storage.append_and_wait_a_day();
  EXPECT_EQ(storage.journal_files().size(), 3U);
  EXPECT_EQ(entries_of(storage).size(), 40U);
}

TEST(JournalRetention, LeavesWhatRecoveryNeeds) {
  ForgetfulJournal storage;
  for (int day = 0; day < 3; ++day) storage.append_and_wait_a_day();
  storage.clock.advance(std::chrono::days(100));
  storage.keep_house();
  EXPECT_TRUE(entries_of(storage).empty());
  EXPECT_EQ(storage.journal_files().size(), 1U);
  storage.cut_power_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 3);
  EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
  storage.keep_house();  // the names of deleted files may come back with the power
  EXPECT_TRUE(entries_of(storage).empty());
  EXPECT_TRUE(storage.directory->check_provenance()->empty());
}

// A log at level os is not synced for months, its journal is.
TEST(JournalRetention, TakesNoWriterAwayFromRecordsOfALevelThatDoesNotSync) {
  ForgetfulJournal storage(Durability::Os);
  for (int day = 0; day < 3; ++day) storage.append_and_wait_a_day();
  storage.clock.advance(std::chrono::days(100));
  storage.keep_house();
  EXPECT_TRUE(entries_of(storage).empty());
  storage.kill_and_reopen();
  EXPECT_EQ(storage.orders()->log_end_offset(), 3);
  EXPECT_EQ(storage.directory->recovery().lost_provenance, 0);
  EXPECT_TRUE(entries_of(storage).empty());
}

TEST(JournalRetention, DeletesNothingWhileTheNewestFileIsNotOnTheDisk) {
  ForgetfulJournal storage;
  for (int day = 0; day < 3; ++day) storage.append_and_wait_a_day();
  storage.clock.advance(std::chrono::days(100));
  storage.kill_and_reopen();
  const auto before = storage.journal_files();
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Sync}, .persistent = true});
  storage.keep_house();
  EXPECT_EQ(storage.journal_files(), before);
}

TEST(JournalRetention, DeletesTheOldestFirstAndGoesOnWhereItFailed) {
  ForgetfulJournal storage;
  for (int day = 0; day < 5; ++day) storage.append_and_wait_a_day();
  const auto oldest = "data/provenance/" + provenance::file_name(1);
  storage.clock.advance(std::chrono::days(14));
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Remove}});
  storage.keep_house();
  EXPECT_THAT(storage.journal_files(), testing::Contains(oldest));
  EXPECT_EQ(entries_of(storage).size(), 5U);
  storage.keep_house();
  EXPECT_THAT(storage.journal_files(), testing::Not(testing::Contains(oldest)));
  EXPECT_EQ(entries_of(storage).size(), 2U);
}

TEST(JournalRetention, DeletesNothingWhileTheClockIsInDoubt) {
  ForgetfulJournal storage;
  for (int day = 0; day < 3; ++day) storage.append_and_wait_a_day();
  storage.clock.set_wall(storage.clock.wall() + std::chrono::days(1000));
  storage.keep_house();
  EXPECT_EQ(entries_of(storage).size(), 3U);
}

TEST(Watermark, IsForcedAfterAHundredMillisecondsOfIdleness) {
  TestStorage storage;
  storage.open();
  storage.create();
  storage.must_append(*storage.orders(), batch_of({"a"}));
  const auto scanned_after_kill = [&] {
    MemoryFileSystem disk(*storage.files);
    const auto opened = LogDirectory::open("data", disk, storage.clock, storage.executor, storage.options());
    return (*opened)->recovery().scanned;
  };
  storage.directory->housekeep();
  storage.executor.run_all();
  EXPECT_EQ(scanned_after_kill(), 1U);
  storage.clock.advance(std::chrono::milliseconds(100));
  storage.directory->housekeep();
  storage.executor.run_all();
  EXPECT_EQ(scanned_after_kill(), 0U);
}

}  // namespace
}  // namespace myelin::storage
