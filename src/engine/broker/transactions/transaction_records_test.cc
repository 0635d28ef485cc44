// Bytes by Kafka's schemas TransactionLogKey and TransactionLogValue, put together by hand.
#include "engine/broker/transactions/transaction_records.h"

#include <gtest/gtest.h>

#include "base/hex_testing.h"

namespace myelin::engine::transactions {
namespace {

using namespace std::chrono_literals;

Transaction some_transaction() {
  Transaction transaction;
  transaction.producer_id = 1000;
  transaction.producer_epoch = 7;
  transaction.timeout = 60s;
  transaction.state = State::Ongoing;
  transaction.partitions = {{TopicName("orders"), 1}};
  transaction.updated_at = from_unix_milliseconds(0x102);
  transaction.started_at = from_unix_milliseconds(0x101);
  return transaction;
}

// A value that ends with `tags`.
ByteBuffer ongoing(std::string_view tags) {
  constexpr std::string_view kFields =
      "0001"              // version
      "00000000000003e8"  // producer id
      "0007"              // epoch
      "0000ea60"          // timeout
      "01"                // ongoing
      "02"                // topics + 1
      "07 6f7264657273"   // "orders"
      "02 00000001 00"    // one partition, 1; no tags
      "0000000000000102"  // updated
      "0000000000000101"  // started
      ;
  return from_hex(std::string(kFields) + std::string(tags));
}

TEST(TransactionRecord, IsWrittenAsKafkaReadsIt) {
  const auto record = transaction_record("t", some_transaction());
  EXPECT_EQ(record.key, from_hex("0000 0001 74"));
  EXPECT_EQ(record.value, ongoing("00"));
}

TEST(TransactionRecord, SaysWhatIsOutOfTheOrdinaryInTags) {
  auto transaction = some_transaction();
  transaction.client_version = kEpochEach;
  transaction.next_producer_id = 1001;
  transaction.previous_producer_id = 999;
  const auto record = transaction_record("t", transaction);
  EXPECT_EQ(record.value, ongoing("03"
                                  "00 08 00000000000003e7"
                                  "01 08 00000000000003e9"
                                  "02 02 0002"));
  const auto read = read_transaction(*record.value);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, transaction);
}

TEST(TransactionRecord, PassesOverTagsItDoesNotKnow) {
  const auto read = read_transaction(ongoing("01 03 02 ffff"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, some_transaction());
}

TEST(TransactionRecord, IsReadInItsOlderForm) {
  const auto read =
      read_transaction(from_hex("0000 00000000000003e8 0007 0000ea60 01"
                                "00000001 0006 6f7264657273 00000001 00000001"
                                "0000000000000102 0000000000000101"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, some_transaction());
}

TEST(TransactionRecord, TakesNoPartitionsAsNull) {
  auto empty = some_transaction();
  empty.partitions.clear();
  empty.state = State::Empty;
  empty.started_at.reset();
  const auto read =
      read_transaction(from_hex("0001 00000000000003e8 0007 0000ea60 00 00 0000000000000102 ffffffffffffffff 00"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, empty);
}

TEST(TransactionRecord, CutShortAnywhereIsRefused) {
  const auto whole = ongoing("01 02 02 0002");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_transaction(ByteSpan(whole).first(size))) << size << " bytes";
  }
  EXPECT_FALSE(read_transaction(ongoing("01 02 01 00"))) << "a tag of one byte for a number of two";
}

TEST(TransactionRecord, OfAnUnknownStateIsRefused) {
  EXPECT_FALSE(read_transaction(from_hex("0001 00000000000003e8 0007 0000ea60 06 00 00000000 00000102 00 00")));
}

}  // namespace
}  // namespace myelin::engine::transactions
