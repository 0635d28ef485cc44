#include "engine/broker/catalogue_journal.h"

#include <gtest/gtest.h>

#include "engine/broker/catalogue_codec.h"
#include "storage/memory_file_system.h"

namespace myelin::engine::broker {
namespace {

const std::string kPath = "state/catalogue";

class CatalogueJournalFile : public testing::Test {
 protected:
  CatalogueJournalFile() {
    EXPECT_TRUE(files_.create_directory("state"));
    EXPECT_TRUE(files_.sync_directory("."));
  }
  static std::vector<CatalogueFrame> frames_of(storage::FileSystem& files) {
    auto opened = CatalogueJournal::open(files, "state");
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? opened->frames : std::vector<CatalogueFrame>{};
  }

  storage::MemoryFileSystem files_;
  const TopicId id_ = Uuid::parse("AAECAwQFBgcICQoLDA0ODw").value();
  const CatalogueFrame first_{ClusterNamed{id_},
                              TopicCreated{id_, TopicName("orders"), 3, from_unix_milliseconds(7), {{"a", "b"}}}};
  const CatalogueFrame second_{TopicDeleted{id_, from_unix_milliseconds(9)}, ProducerIdsReserved{1000},
                               TopicRemembered{id_, TopicName("old"), from_unix_milliseconds(5)}};
};

TEST_F(CatalogueJournalFile, IsMadeEmptyWhenMissing) {
  EXPECT_TRUE(frames_of(files_).empty());
  EXPECT_EQ(as_text(files_.content(kPath)), std::string_view("MYELINCT\0\0\0\1", 12));
}

TEST_F(CatalogueJournalFile, GivesBackEveryKindOfEntry) {
  {
    auto opened = CatalogueJournal::open(files_, "state");
    ASSERT_TRUE(opened);
    ASSERT_TRUE(opened->journal->append(first_));
    ASSERT_TRUE(opened->journal->append(second_));
  }
  EXPECT_EQ(frames_of(files_), (std::vector<CatalogueFrame>{first_, second_}));
}

TEST_F(CatalogueJournalFile, IsWrittenAsTheFormatPageSays) {
  const ByteBuffer frame = encode_frame({ProducerIdsReserved{1000}});
  EXPECT_EQ(as_text(ByteSpan(frame).first(4)), std::string_view("\0\0\0\x09", 4));
  EXPECT_EQ(as_text(ByteSpan(frame).subspan(8)), std::string_view("\x04\0\0\0\0\0\0\x03\xe8", 9));
}

TEST_F(CatalogueJournalFile, KeepsAppendedFramesThroughAPowerCut) {
  auto opened = CatalogueJournal::open(files_, "state");
  ASSERT_TRUE(opened->journal->append(first_));
  const auto after = files_.after_power_cut();
  EXPECT_EQ(frames_of(*after), std::vector<CatalogueFrame>{first_});
}

TEST_F(CatalogueJournalFile, CutsATornEndAtEveryByte) {
  {
    auto opened = CatalogueJournal::open(files_, "state");
    ASSERT_TRUE(opened->journal->append(first_));
    ASSERT_TRUE(opened->journal->append(second_));
  }
  const auto whole = files_.content(kPath).size();
  const auto last = encode_frame(second_).size();
  for (std::size_t size = whole - last; size < whole; ++size) {
    storage::MemoryFileSystem torn(files_);
    torn.cut_to(kPath, size);
    EXPECT_EQ(frames_of(torn), std::vector<CatalogueFrame>{first_}) << size;
    EXPECT_EQ(torn.content(kPath).size(), whole - last);
  }
}

TEST_F(CatalogueJournalFile, RefusesDamageBeforeAValidFrame) {
  {
    auto opened = CatalogueJournal::open(files_, "state");
    ASSERT_TRUE(opened->journal->append(first_));
    ASSERT_TRUE(opened->journal->append(second_));
  }
  for (std::uint64_t bit = 0; bit < (12 + encode_frame(first_).size()) * 8; ++bit) {
    storage::MemoryFileSystem damaged(files_);
    damaged.flip_bit(kPath, bit);
    EXPECT_FALSE(CatalogueJournal::open(damaged, "state")) << bit;
  }
}

TEST_F(CatalogueJournalFile, RefusesAnotherFormatVersionAndSaysWhich) {
  files_.set_content(kPath, as_bytes(std::string_view("MYELINCT\0\0\0\2", 12)));
  const auto opened = CatalogueJournal::open(files_, "state");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::Unsupported);
  EXPECT_NE(opened.error().message.find("format version 2"), std::string::npos);
}

TEST_F(CatalogueJournalFile, CutsOffAFailedWriteAndGoesOn) {
  auto opened = CatalogueJournal::open(files_, "state");
  files_.set_fault(
      storage::DiskFault{.calls = {storage::DiskCall::Write}, .code = Code::Unavailable, .writes_half = true});
  EXPECT_FALSE(opened->journal->append(first_));
  files_.set_fault(std::nullopt);
  EXPECT_TRUE(opened->journal->append(second_));
  EXPECT_EQ(frames_of(files_), std::vector<CatalogueFrame>{second_});
}

TEST_F(CatalogueJournalFile, TakesNothingMoreAfterAFailedSync) {
  auto opened = CatalogueJournal::open(files_, "state");
  files_.set_fault(storage::DiskFault{.calls = {storage::DiskCall::Sync}});
  EXPECT_FALSE(opened->journal->append(first_));
  files_.set_fault(std::nullopt);
  const auto again = opened->journal->append(second_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::Unavailable);
}

TEST_F(CatalogueJournalFile, IsReplacedWholeOrNotAtAll) {
  auto opened = CatalogueJournal::open(files_, "state");
  ASSERT_TRUE(opened->journal->append(first_));
  for (std::uint64_t nth = 1; nth < 12; ++nth) {
    storage::MemoryFileSystem files(files_);
    auto journal = CatalogueJournal::open(files, "state");
    files.set_fault(storage::DiskFault{.calls = {storage::DiskCall::Write, storage::DiskCall::Sync,
                                                 storage::DiskCall::Rename, storage::DiskCall::SyncDirectory},
                                       .nth = nth,
                                       .persistent = true});
    const bool rewritten = journal->journal->rewrite(second_).has_value();
    const auto after = files.after_power_cut();
    const auto frames = frames_of(*after);
    EXPECT_TRUE(frames == std::vector<CatalogueFrame>{first_} || frames == std::vector<CatalogueFrame>{second_});
    if (rewritten) EXPECT_EQ(frames, std::vector<CatalogueFrame>{second_});
  }
}

}  // namespace
}  // namespace myelin::engine::broker
