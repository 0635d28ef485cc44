#include "kafka/record_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/crc32c.h"
#include "base/hex_testing.h"

namespace myelin::kafka {
namespace {

using testing::ElementsAre;

// Batches that Kafka's Java client built: see tools/golden/Batches.java for what is in them.
const ByteBuffer& java_batch(const std::string& name) {
  static const auto batches = [] {
    std::map<std::string, ByteBuffer> loaded;
    std::ifstream file(MYELIN_SOURCE_DIR "/src/kafka/testdata/batches.txt");
    std::string key;
    std::string hex;
    while (file >> key >> hex) loaded[key] = from_hex(hex);
    return loaded;
  }();
  return batches.at(name);
}

std::string text_of(std::optional<ByteSpan> bytes) { return bytes ? std::string(as_text(*bytes)) : "null"; }

// "offset timestamp key=value header:value ..." of each record.
std::vector<std::string> records_of(ByteSpan batch) {
  std::vector<std::string> lines;
  const auto read = each_record(batch, [&](const Record& record) {
    auto line = fmt::format("{} {} {}={}", record.offset, record.timestamp, text_of(record.key), text_of(record.value));
    for (const auto& header : record.headers) {
      line += fmt::format(" {}:{}", as_text(header.key), text_of(header.value));
    }
    lines.push_back(std::move(line));
    return true;
  });
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return lines;
}

BatchBuilder three_records(Compression compression) {
  BatchBuilder builder(compression);
  builder.add(1750000000000, "k1", "value-1");
  builder.add(1750000000500, "k2", "value-2", {{"trace", "t-9"}, {"empty", ""}});
  builder.add(1749999999000, std::nullopt, std::nullopt, {{"none", std::nullopt}});
  return builder;
}

ByteBuffer small_batch() {
  BatchBuilder builder;
  builder.add(1000, "a", "1");
  builder.add(1001, "b", "2");
  return builder.finish();
}

// The batch with a header field changed and the CRC made right again, so that only the field can be the reason.
template <typename Integer>
ByteBuffer resealed(ByteBuffer batch, std::size_t at, Integer value) {
  store_big_endian(batch.data() + at, value);
  const auto max_timestamp = load_big_endian<std::int64_t>(batch.data() + 35);
  const auto attributes = load_big_endian<std::int16_t>(batch.data() + 21);
  set_log_append_time(batch, max_timestamp);
  store_big_endian(batch.data() + 21, attributes);
  store_big_endian(batch.data() + 17, crc32c(ByteSpan(batch).subspan(21)));
  return batch;
}

BatchFault fault_of(ByteSpan records) {
  const auto checked = check_produced(records);
  EXPECT_FALSE(checked.has_value());
  return checked.has_value() ? BatchFault::Corrupt : checked.error().fault;
}

TEST(JavaBatches, OfEveryCodecHoldTheSameRecords) {
  for (const auto* name : {"none", "gzip", "snappy", "lz4", "zstd", "idempotent", "transactional"}) {
    EXPECT_TRUE(check_produced(java_batch(name)).has_value()) << name;
    EXPECT_THAT(records_of(java_batch(name)),
                ElementsAre("0 1750000000000 k1=value-1",
                            "1 1750000000500 k2=value-2 trace:t-9 empty:", "2 1749999999000 null=null none:null"))
        << name;
  }
}

TEST(JavaBatches, OfSeveralCompressedBlocksAreReadWhole) {
  for (const auto* name : {"many_gzip", "many_snappy", "many_lz4", "many_zstd"}) {
    const auto records = records_of(java_batch(name));
    ASSERT_EQ(records.size(), 300U) << name;
    EXPECT_EQ(records[299], "299 1750000000299 null={\"shop\":5}") << name;
  }
}

TEST(JavaBatches, TellTheirProducer) {
  const auto header = parse_batch_header(java_batch("idempotent"));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->producer_id, 4000000001);
  EXPECT_EQ(header->producer_epoch, 3);
  EXPECT_EQ(header->base_sequence, 77);
  EXPECT_EQ(header->record_count, 3);
  EXPECT_EQ(header->max_timestamp, 1750000000500);
  EXPECT_TRUE(header->has_producer_id());
  EXPECT_FALSE(header->is_transactional());
  EXPECT_TRUE(parse_batch_header(java_batch("transactional"))->is_transactional());
}

TEST(JavaBatches, OfLogAppendTimeGiveThatTimeToEveryRecord) {
  EXPECT_THAT(records_of(java_batch("log_append_time"))[1], testing::StartsWith("1 1760000000000 k2"));
}

TEST(JavaBatches, OfControlAreReadButNotTakenFromClients) {
  const auto& marker = java_batch("commit_marker");
  const auto header = parse_batch_header(marker);
  ASSERT_TRUE(header.has_value());
  EXPECT_TRUE(header->is_control());
  EXPECT_EQ(header->base_offset, 42);
  EXPECT_EQ(header->leader_epoch, 5);
  EXPECT_EQ(header->next_offset(), 43);
  EXPECT_EQ(fault_of(resealed(marker, 0, std::int64_t{0})), BatchFault::Invalid);
}

TEST(BatchBuilder, WritesWhatTheJavaClientWrites) {
  EXPECT_EQ(to_hex(three_records(Compression::None).finish()), to_hex(java_batch("none")));
  auto idempotent = three_records(Compression::None);
  idempotent.set_producer(4000000001, 3, 77);
  EXPECT_EQ(to_hex(idempotent.finish()), to_hex(java_batch("idempotent")));
}

TEST(BatchBuilder, RoundTripsEveryCodec) {
  for (const auto codec : {Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd}) {
    auto builder = three_records(codec);
    builder.set_base_offset(100);
    const auto batch = builder.finish();
    EXPECT_EQ(parse_batch_header(batch)->compression(), codec);
    EXPECT_THAT(records_of(batch)[2], testing::StartsWith("102 1749999999000 null=null"));
  }
}

TEST(PlacedBatch, KeepsItsCrc) {
  auto batch = small_batch();
  place_batch(batch, 5000, 7);
  const auto header = parse_batch_header(batch);
  EXPECT_EQ(header->base_offset, 5000);
  EXPECT_EQ(header->leader_epoch, 7);
  EXPECT_EQ(header->crc, parse_batch_header(small_batch())->crc);
  EXPECT_THAT(records_of(batch), ElementsAre("5000 1000 a=1", "5001 1001 b=2"));
}

TEST(LogAppendTime, MakesKafkasBytes) {
  auto batch = three_records(Compression::None).finish();
  set_log_append_time(batch, 1760000000000);
  EXPECT_EQ(to_hex(batch), to_hex(java_batch("log_append_time")));
}

TEST(ProducedBatch, IsRefusedWhenItsBytesAreDamaged) {
  auto batch = small_batch();
  for (std::size_t at = 12; at < batch.size(); ++at) {
    auto damaged = batch;
    damaged[at] ^= std::byte{0x10};
    const bool is_leader_epoch = at < 16;  // not covered by the CRC, and overwritten by the broker
    EXPECT_EQ(check_produced(damaged).has_value(), is_leader_epoch) << at;
  }
  batch.back() ^= std::byte{1};
  EXPECT_EQ(fault_of(batch), BatchFault::Corrupt);
}

TEST(ProducedBatch, IsRefusedWhenCutAnywhere) {
  const auto batch = small_batch();
  for (std::size_t size = 0; size < batch.size(); ++size) {
    EXPECT_EQ(fault_of(ByteSpan(batch).first(size)), BatchFault::Invalid) << size;
  }
}

TEST(ProducedBatch, MustBeOneBatchOfMagicTwoAtOffsetZero) {
  const auto batch = small_batch();
  auto two = batch;
  two.insert(two.end(), batch.begin(), batch.end());
  EXPECT_EQ(fault_of(two), BatchFault::Invalid);
  auto tail = batch;
  tail.push_back(std::byte{0});
  EXPECT_EQ(fault_of(tail), BatchFault::Corrupt);
  EXPECT_EQ(fault_of(resealed(batch, 0, std::int64_t{1})), BatchFault::Invalid);
  EXPECT_EQ(fault_of(resealed(batch, 16, std::int8_t{1})), BatchFault::OldMagic);
  EXPECT_EQ(fault_of(resealed(batch, 16, std::int8_t{3})), BatchFault::Corrupt);
}

TEST(ProducedBatch, MustCountItsRecordsRight) {
  const auto batch = small_batch();
  EXPECT_EQ(fault_of(resealed(batch, 57, std::int32_t{3})), BatchFault::Invalid);
  EXPECT_EQ(fault_of(resealed(batch, 23, std::int32_t{0})), BatchFault::Invalid);
  EXPECT_EQ(fault_of(resealed(batch, 57, std::int32_t{-1})), BatchFault::Invalid);
  // Two billion records in twenty bytes, consistently counted.
  auto lying = resealed(batch, 57, std::int32_t{2'000'000'000});
  EXPECT_EQ(fault_of(resealed(lying, 23, std::int32_t{1'999'999'999})), BatchFault::Invalid);
}

TEST(ProducedBatch, OfAProducerHasASequence) {
  const auto of_producer = resealed(small_batch(), 43, std::int64_t{7});
  EXPECT_EQ(fault_of(resealed(of_producer, 53, std::int32_t{-1})), BatchFault::Invalid);
  EXPECT_TRUE(check_produced(resealed(of_producer, 53, std::int32_t{0})).has_value());
}

TEST(ProducedBatch, MustNameAKnownCodec) {
  EXPECT_EQ(fault_of(resealed(small_batch(), 21, std::int16_t{5})), BatchFault::UnknownCodec);
}

TEST(Records, AreRefusedWhenTheyLieAboutTheirSize) {
  const auto batch = small_batch();
  const auto ignore = [](const Record&) { return true; };
  for (std::size_t at = kBatchHeaderSize; at < batch.size(); ++at) {
    for (const auto wrong : {std::byte{0x7f}, std::byte{0x80}, std::byte{0xff}}) {
      auto damaged = batch;
      damaged[at] = wrong;
      (void)each_record(damaged, ignore).has_value();
    }
  }
  auto short_count = batch;
  store_big_endian(short_count.data() + 57, std::int32_t{1});
  const auto read = each_record(short_count, ignore);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().message, "9 bytes follow the last record of the batch at offset 0");
}

TEST(Records, AreRefusedWhenTheirTimeDoesNotFit) {
  BatchBuilder builder(Compression::None);
  builder.add(1'000, std::nullopt, "first");
  builder.add(1'001, std::nullopt, "a millisecond later");
  auto batch = builder.finish();
  store_big_endian(batch.data() + 27, INT64_MAX);  // the first record's time
  const auto read = each_record(batch, [](const Record&) { return true; });
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().message, "record 1 of the batch at offset 0 can't be read");
}

TEST(Records, StopWhenTheSinkHasSeenEnough) {
  int seen = 0;
  const auto read = each_record(small_batch(), [&](const Record&) {
    ++seen;
    return false;
  });
  EXPECT_TRUE(read.has_value());
  EXPECT_EQ(seen, 1);
}

TEST(Records, OfABombAreTooLarge) {
  BatchBuilder builder(Compression::Zstd);
  builder.add(0, std::nullopt, std::string(4 << 20, 'x'));
  const auto read = each_record(builder.finish(), [](const Record&) { return true; }, 1 << 20);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Code::TooLarge);
}

}  // namespace
}  // namespace myelin::kafka
