// Damage in what rests on disk, found by reading all of it on a running server.
#include <algorithm>

#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

constexpr std::string_view kLog = "data/log/orders-0/00000000000000000000.log";

// Five batches of two records each, then a clean stop and another start.
struct Rested : TestStorage {
  Rested() {
    open();
    create();
    for (int i = 0; i < 5; ++i) must_append(*orders(), batch_of({"a", "b"}));
    close_and_reopen();
    batch_bytes = files->content(std::string(kLog)).size() / 5;
  }
  // The last bit of a batch: nothing but its CRC tells.
  void flip_in_batch(std::size_t number) { files->flip_bit(std::string(kLog), (batch_bytes * (number + 1) - 1) * 8); }
  std::size_t batch_bytes = 0;
};

TEST(Verify, FindsNothingInASoundLog) { EXPECT_TRUE(Rested().orders()->verify()->empty()); }

TEST(Verify, FindsABitThatFlippedInARestingBatch) {
  Rested storage;
  storage.flip_in_batch(2);
  EXPECT_TRUE(storage.orders()->read({4}).has_value()) << "nobody knows yet";
  const auto found = storage.orders()->verify();
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0].first_offset, 4);
  EXPECT_EQ((*found)[0].next_offset, 6);
  EXPECT_EQ((*found)[0].segment_base, 0);
  EXPECT_EQ((*found)[0].position, 2 * storage.batch_bytes);
  EXPECT_EQ((*found)[0].end_position, 3 * storage.batch_bytes);
  EXPECT_EQ(storage.orders()->read({4}).error().failure, ReadFailure::Rot);
  EXPECT_EQ(storage.orders()->read({6})->first_offset, 6);
}

TEST(Verify, FindsDamageInTheVeryLastBatch) {
  Rested storage;
  storage.flip_in_batch(4);
  const auto found = storage.orders()->verify();
  ASSERT_TRUE(found.has_value() && found->size() == 1);
  EXPECT_EQ((*found)[0].first_offset, 8);
  EXPECT_EQ((*found)[0].next_offset, 10);
}

TEST(Verify, IsRememberedByAStartThatReadsNoLog) {
  Rested storage;
  storage.flip_in_batch(1);
  ASSERT_TRUE(storage.orders()->verify().has_value());
  storage.close_and_reopen();
  ASSERT_EQ(storage.directory->recovery().scanned, 0U);
  EXPECT_EQ(storage.orders()->read({2}).error().failure, ReadFailure::Rot);
  EXPECT_EQ(storage.orders()->read({4})->first_offset, 4);
}

TEST(DamagedHeader, IsLeftToAReadThatMayWaitForTheCheckOfItsSegment) {
  Rested storage;
  ASSERT_EQ(storage.orders()->read({2})->first_offset, 2) << "which brings the index into memory";
  constexpr std::uint64_t kMagicAt = 16;
  storage.files->flip_bit(std::string(kLog), (2 * storage.batch_bytes + kMagicAt) * 8);
  const ReadRequest at_once{.offset = 4, .disk_wait = DiskWait::Refused};
  EXPECT_EQ(storage.orders()->read(at_once).error().failure, ReadFailure::WouldWait);
  EXPECT_TRUE(storage.orders()->quarantined().empty());
  EXPECT_EQ(storage.orders()->read({4}).error().failure, ReadFailure::Rot);
  ASSERT_EQ(storage.orders()->quarantined().size(), 1U);
  EXPECT_EQ(storage.orders()->quarantined()[0].next_offset, 6);
  EXPECT_EQ(storage.orders()->read(at_once).error().failure, ReadFailure::Rot) << "known by now";
}

TEST(Verify, TellsOfEveryByteItReadsAndEndsWhenToldTo) {
  Rested storage;
  storage.flip_in_batch(2);
  std::uint64_t bytes = 0;
  ASSERT_TRUE(storage.orders()
                  ->verify([&](std::uint64_t read) {
                    bytes += read;
                    return true;
                  })
                  .has_value());
  EXPECT_GE(bytes, storage.batch_bytes * 5);
  const auto stopped = storage.orders()->verify([](std::uint64_t) { return false; });
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, Code::Unavailable);
}

}  // namespace
}  // namespace myelin::storage
