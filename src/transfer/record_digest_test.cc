#include "transfer/record_digest.h"

#include <gtest/gtest.h>

#include "kafka/record_batch.h"

namespace myelin::transfer {
namespace {

struct OneRecord {
  std::int64_t timestamp = 1'700'000'000'000;
  std::optional<std::string> key = "k";
  std::optional<std::string> value = "v";
  std::vector<kafka::BatchBuilder::HeaderField> headers;
  kafka::Compression codec = kafka::Compression::None;
  std::int64_t producer_id = 7;
};

std::uint64_t digest_of_one(const OneRecord& record) {
  kafka::BatchBuilder batch(record.codec);
  batch.add(record.timestamp, record.key, record.value, record.headers);
  batch.set_base_offset(5);
  batch.set_producer(record.producer_id, 1, 0);
  std::vector<RecordDigest> digests;
  EXPECT_TRUE(add_digests(batch.finish(), {.first = 0, .end = 100}, digests).has_value());
  EXPECT_EQ(digests.size(), 1U);
  EXPECT_EQ(digests.front().offset, 5);
  return digests.front().digest;
}

// FNV-1a's published test values.
TEST(RecordDigest, IsFnv1a) {
  EXPECT_EQ(digest_of(as_bytes(""), kDigestSeed), 0xcbf29ce484222325U);
  EXPECT_EQ(digest_of(as_bytes("a"), kDigestSeed), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(digest_of(as_bytes("foobar"), kDigestSeed), 0x85944171f73967e8U);
}

TEST(RecordDigest, SeesEverythingThatAReaderSees) {
  const auto same = digest_of_one({});
  EXPECT_EQ(digest_of_one({}), same);
  EXPECT_NE(digest_of_one({.timestamp = 1'700'000'000'001, .headers = {}}), same);
  EXPECT_NE(digest_of_one({.key = "K", .headers = {}}), same);
  EXPECT_NE(digest_of_one({.key = std::nullopt, .headers = {}}), same);
  EXPECT_NE(digest_of_one({.value = std::nullopt, .headers = {}}), same);
  EXPECT_NE(digest_of_one({.headers = {{"h", "1"}}}), same);
  EXPECT_NE(digest_of_one({.headers = {{"h", "1"}}}), digest_of_one({.headers = {{"h", std::nullopt}}}));
  EXPECT_NE(digest_of_one({.headers = {}, .producer_id = 8}), same);
  EXPECT_NE(digest_of_one({.key = "kv", .value = "", .headers = {}}), same);
}

TEST(RecordDigest, IsTheSameInEveryCodec) {
  const auto same = digest_of_one({});
  for (const auto codec :
       {kafka::Compression::Gzip, kafka::Compression::Snappy, kafka::Compression::Lz4, kafka::Compression::Zstd}) {
    EXPECT_EQ(digest_of_one({.headers = {}, .codec = codec}), same);
  }
}

TEST(RecordDigest, TakesOnlyTheOffsetsAskedFor) {
  kafka::BatchBuilder batch;
  for (int number = 0; number < 4; ++number) batch.add(0, "k", "v");
  std::vector<RecordDigest> digests;
  ASSERT_TRUE(add_digests(batch.finish(), {.first = 1, .end = 3}, digests).has_value());
  ASSERT_EQ(digests.size(), 2U);
  EXPECT_EQ(digests[0].offset, 1);
  EXPECT_EQ(digests[1].offset, 2);
}

TEST(WholeBatches, LeaveACutOneAndRefuseOldFormats) {
  kafka::BatchBuilder builder;
  builder.add(0, "k", "v");
  const auto one = builder.finish();
  auto two = one;
  two.insert(two.end(), one.begin(), one.end());
  for (std::size_t size = 0; size <= two.size(); ++size) {
    const auto found = whole_batches(ByteSpan(two).first(size));
    ASSERT_TRUE(found.has_value()) << size;
    EXPECT_EQ(found->size(), size / one.size()) << size;
  }
  two[one.size() + 16] = std::byte{1};
  EXPECT_EQ(whole_batches(two).error().code, Code::Unsupported);
}

}  // namespace
}  // namespace myelin::transfer
