#include "storage/storage_fixture.h"
#include "storage/transaction_marker.h"

namespace myelin::storage {
namespace {

struct Placed {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = 0;
};

// As a fetch from another cluster brings it.
SharedBytes placed(const SharedBytes& batch, Placed at) {
  ByteBuffer bytes(batch.view().begin(), batch.view().end());
  store_big_endian(bytes.data(), at.offset);
  store_big_endian(bytes.data() + 12, at.leader_epoch);
  return SharedBytes(std::move(bytes));
}

class Copying : public testing::Test {
 protected:
  void SetUp() override {
    storage.open();
    LogConfig strict;
    strict.message_bytes_max = 1;
    strict.timestamp_before_ms_max = 0;
    storage.create(strict);
  }
  std::optional<AppendOutcome> copy(SharedBytes batch) {
    std::optional<AppendOutcome> answer;
    storage.orders()->copy({.batch = std::move(batch), .attribution = storage.writer, .filler = filler},
                           [&](AppendOutcome outcome) { answer = std::move(outcome); });
    storage.executor.run_all();
    return answer;
  }
  std::optional<AppendOutcome> fill_to(std::int64_t offset) {
    std::optional<AppendOutcome> answer;
    storage.orders()->fill_to(offset, filler, [&](AppendOutcome outcome) { answer = std::move(outcome); });
    storage.executor.run_all();
    return answer;
  }
  bool is_covered() {
    const auto faults = storage.directory->check_provenance();
    return faults.has_value() && faults->empty();
  }

  TestStorage storage;
  std::shared_ptr<const Attribution> filler =
      std::make_shared<const Attribution>(Attribution{PrincipalName("filler"), "", "", ""});
};

TEST_F(Copying, KeepsTheBytesOfABatchAndItsPlace) {
  const auto batch = placed(batch_of({"a", "b"}), {.offset = 0, .leader_epoch = 4});
  ASSERT_TRUE(copy(batch)->has_value());
  const auto all = read_all(*storage.orders());
  EXPECT_TRUE(std::ranges::equal(all, batch.view()));
  EXPECT_EQ(storage.orders()->leader_epoch(), 4);
  EXPECT_EQ(storage.orders()->end_offset_for_epoch(4).end_offset, 2);
}

TEST_F(Copying, KeepsTheTimeThatTheOtherLogStamped) {
  auto stamps = storage.orders()->config();
  stamps.timestamp_type = TimestampType::LogAppendTime;
  storage.orders()->set_config(stamps);
  const auto batch = placed(batch_of({"a"}), {.offset = 0});
  ASSERT_TRUE(copy(batch)->has_value());
  EXPECT_TRUE(std::ranges::equal(read_all(*storage.orders()), batch.view()));
}

TEST_F(Copying, StandsEmptyBatchesForOffsetsThatTheOtherLogLost) {
  ASSERT_TRUE(copy(placed(batch_of({"a"}), {.offset = 0}))->has_value());
  ASSERT_TRUE(copy(placed(batch_of({"b"}), {.offset = 7}))->has_value());
  const auto headers = headers_in(read_all(*storage.orders()));
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[1].base_offset, 1);
  EXPECT_EQ(headers[1].last_offset(), 6);
  EXPECT_EQ(headers[1].count, 0);
  EXPECT_EQ(headers[2].base_offset, 7);
  EXPECT_TRUE(is_covered());
}

TEST_F(Copying, IsFoundAgainAfterAKillWithGapsAndEpochs) {
  ASSERT_TRUE(copy(placed(batch_of({"a"}), {.offset = 3, .leader_epoch = 1}))->has_value());
  ASSERT_TRUE(copy(placed(batch_of({"b"}), {.offset = 9, .leader_epoch = 6}))->has_value());
  const auto before = read_all(*storage.orders());
  for (const bool everything : {false, true}) {
    storage.options().verify_everything = everything;
    storage.kill_and_reopen();
    EXPECT_EQ(read_all(*storage.orders()), before);
    EXPECT_TRUE(storage.directory->recovery().damaged.empty());
    EXPECT_EQ(storage.orders()->leader_epoch(), 6);
    EXPECT_EQ(storage.orders()->log_end_offset(), 10);
    EXPECT_EQ(storage.orders()->end_offset_for_epoch(1).end_offset, 9);
    EXPECT_TRUE(is_covered());
  }
}

TEST_F(Copying, BeginsAnywhereByFillingAndDeleting) {
  ASSERT_TRUE(fill_to(5'000'000'000)->has_value());
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  ASSERT_EQ(storage.orders()->delete_records_before(5'000'000'000).value_or(-1), 5'000'000'000);
  ASSERT_TRUE(copy(placed(batch_of({"a"}), {.offset = 5'000'000'000}))->has_value());
  storage.kill_and_reopen();
  EXPECT_EQ(storage.orders()->log_start_offset(), 5'000'000'000);
  EXPECT_EQ(storage.orders()->log_end_offset(), 5'000'000'001);
  EXPECT_LT(storage.orders()->log_bytes(), 200);
  EXPECT_TRUE(is_covered());
}

TEST_F(Copying, FillsNothingWhenTheLogIsThere) {
  ASSERT_TRUE(copy(placed(batch_of({"a", "b"}), {.offset = 0}))->has_value());
  EXPECT_TRUE(fill_to(2)->has_value());
  EXPECT_TRUE(fill_to(1)->has_value());
  EXPECT_EQ(storage.orders()->log_end_offset(), 2);
}

TEST_F(Copying, KnowsWhatWasAbortedFromTheMarkersThatItCopied) {
  const TestBatch first{
      .records = {{"k", "v"}}, .producer_id = 9, .producer_epoch = 2, .base_sequence = 40, .is_transactional = true};
  ASSERT_TRUE(copy(placed(encode_batch(first), {.offset = 10}))->has_value());
  EXPECT_EQ(storage.orders()->last_stable_offset(), 10);
  const auto marker = SharedBytes(encode(TransactionMarker{9, 2, 3, false}, 1'750'000'000'000));
  ASSERT_TRUE(copy(placed(marker, {.offset = 11}))->has_value());
  EXPECT_EQ(storage.orders()->last_stable_offset(), 12);
  storage.kill_and_reopen();
  const auto read = storage.orders()->read({.offset = 10, .isolation = Isolation::ReadCommitted});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->aborted, (std::vector<AbortedTransaction>{{9, 10}}));
}

TEST_F(Copying, LetsAProducerGoOnWhereItWas) {
  ASSERT_TRUE(storage.orders() != nullptr);
  storage.orders()->set_config({});
  const TestBatch copied{.producer_id = 9, .producer_epoch = 2, .base_sequence = 40};
  ASSERT_TRUE(copy(placed(encode_batch(copied), {.offset = 0}))->has_value());
  const TestBatch skips{
      .producer_id = 9,
      .producer_epoch = 2,
      .base_sequence = 42,
  };
  EXPECT_FALSE(storage.append(*storage.orders(), encode_batch(skips)).has_value());
  const TestBatch next{
      .producer_id = 9,
      .producer_epoch = 2,
      .base_sequence = 41,
  };
  EXPECT_TRUE(storage.append(*storage.orders(), encode_batch(next)).has_value());
}

TEST_F(Copying, RefusesWhatCannotFollow) {
  ASSERT_TRUE(copy(placed(batch_of({"a", "b"}), {.offset = 0, .leader_epoch = 3}))->has_value());
  EXPECT_EQ(copy(placed(batch_of({"b"}), {.offset = 1, .leader_epoch = 3}))->error().failure, AppendFailure::Malformed);
  EXPECT_EQ(copy(placed(batch_of({"c"}), {.offset = 2, .leader_epoch = 2}))->error().failure,
            AppendFailure::FencedLeaderEpoch);
  auto broken = placed(batch_of({"c"}), {.offset = 2, .leader_epoch = 3});
  ByteBuffer flipped(broken.view().begin(), broken.view().end());
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(copy(SharedBytes(std::move(flipped)))->error().failure, AppendFailure::Malformed);
  EXPECT_EQ(storage.orders()->log_end_offset(), 2);
}

}  // namespace
}  // namespace myelin::storage
