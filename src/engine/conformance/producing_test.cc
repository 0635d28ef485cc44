// What is asked of writing: bytes kept as they came, facts told, and refusals each with their own error.
#include <algorithm>
#include <optional>

#include "engine/conformance/fixture.h"
#include "kafka/error_code.h"
#include "kafka/record_batch.h"

namespace myelin::engine {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

TEST_P(Conformance, GivesBackTheVeryBytesThatWereProduced) {
  create("orders");
  const auto batch = records(3, now()).finish();
  const auto produced = produce("orders", batch);
  EXPECT_EQ(answer_of(produced).error_code, 0);
  EXPECT_EQ(answer_of(produced).base_offset, 0);
  const auto fetched = finish(begin(reading("orders", 0), 12));
  EXPECT_EQ(answer_of_fetch(fetched).high_watermark, 3);
  // Base offset 0 and leader epoch stand before what the checksum covers.
  ASSERT_EQ(bytes_of(fetched).size(), batch.size());
  EXPECT_TRUE(std::ranges::equal(bytes_of(fetched).subspan(16), ByteSpan(batch).subspan(16)));
}

TEST_P(Conformance, TellsWhatWasAppendedAndServed) {
  create("orders");
  const auto batch = records(3, now()).finish();
  const auto produced = produce("orders", batch);
  ASSERT_EQ(produced.appended.size(), 1U);
  EXPECT_EQ(produced.appended[0].topic, TopicName("orders"));
  EXPECT_FALSE(produced.appended[0].topic_id.is_zero());
  EXPECT_EQ(produced.appended[0].records, 3);
  EXPECT_EQ(produced.appended[0].log_bytes, static_cast<std::int64_t>(batch.size()));
  const auto fetched = finish(begin(reading("orders", 1), 12));
  ASSERT_EQ(fetched.served.size(), 1U);
  EXPECT_EQ(fetched.served[0].first_offset, 0);
  EXPECT_EQ(fetched.served[0].next_offset, 3);
  EXPECT_EQ(fetched.served[0].bytes, static_cast<std::int64_t>(batch.size()));
}

TEST_P(Conformance, AnswersARepeatedBatchWithItsFirstOffsetAndTellsNoSecondAppend) {
  create("orders");
  auto builder = records(2, now());
  builder.set_producer(4711, 0, 0);
  const auto first = produce("orders", builder.finish());
  const auto second = produce("orders", builder.finish());
  EXPECT_EQ(answer_of(second).error_code, 0);
  EXPECT_EQ(answer_of(second).base_offset, answer_of(first).base_offset);
  EXPECT_TRUE(second.appended.empty());
}

TEST_P(Conformance, RefusesAGapInTheSequenceAndAnOldEpoch) {
  create("orders");
  auto first = records(2, now());
  first.set_producer(4711, 1, 0);
  ASSERT_EQ(code_of_produce("orders", first.finish()), 0);
  auto gap = records(2, now());
  gap.set_producer(4711, 1, 5);
  EXPECT_EQ(code_of_produce("orders", gap.finish()), code_of(ErrorCode::OutOfOrderSequenceNumber));
  auto old = records(2, now());
  old.set_producer(4711, 0, 2);
  EXPECT_EQ(code_of_produce("orders", old.finish()), code_of(ErrorCode::InvalidProducerEpoch));
}

TEST_P(Conformance, RefusesBadBatchesEachWithItsOwnError) {
  create("orders");
  auto flipped = records(1, now()).finish();
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(code_of_produce("orders", flipped), code_of(ErrorCode::CorruptMessage));
  auto doubled = records(1, now()).finish();
  const auto copy = doubled;
  doubled.insert(doubled.end(), copy.begin(), copy.end());
  EXPECT_EQ(code_of_produce("orders", doubled), code_of(ErrorCode::InvalidRecord));
  auto shifted = records(1, now());
  shifted.set_base_offset(7);
  EXPECT_EQ(code_of_produce("orders", shifted.finish()), code_of(ErrorCode::InvalidRecord));
  auto control = records(1, now());
  control.set_attribute_bits(0x20);
  EXPECT_EQ(code_of_produce("orders", control.finish()), code_of(ErrorCode::InvalidRecord));
  auto transactional = records(1, now());
  transactional.set_attribute_bits(0x10);
  transactional.set_producer(1, 0, 0);
  EXPECT_EQ(code_of_produce("orders", transactional.finish()), code_of(ErrorCode::TransactionalIdAuthorizationFailed));
  EXPECT_EQ(code_of_produce("orders", std::nullopt), code_of(ErrorCode::InvalidRecord));
  constexpr std::int64_t kTwoHours = 2 * 3600 * 1000;
  EXPECT_EQ(code_of_produce("orders", records(1, now() + kTwoHours).finish()), code_of(ErrorCode::InvalidTimestamp));
  EXPECT_EQ(offset_at("orders", -1).offset, 0);
}

TEST_P(Conformance, RefusesWhatIsTooLargeUnknownOrInternal) {
  create("small", 1, {{"max.message.bytes", "100"}});
  EXPECT_EQ(code_of_produce("small", records(50, now()).finish()), code_of(ErrorCode::MessageTooLarge));
  EXPECT_EQ(code_of_produce("nowhere", records(1, now()).finish()), code_of(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(code_of_produce("__consumer_offsets", records(1, now()).finish()),
            code_of(ErrorCode::InvalidTopicException));
  EXPECT_EQ(answer_of(produce("small", records(1, now()).finish(), 2)).error_code,
            code_of(ErrorCode::InvalidRequiredAcks));
}

TEST_P(Conformance, NamesTheRecordsWithoutAKeyOnACompactedTopic) {
  create("latest", 1, {{"cleanup.policy", "compact"}});
  kafka::BatchBuilder batch;
  batch.add(now(), "key", "value");
  batch.add(now(), std::nullopt, "value");
  const auto refused = produce("latest", batch.finish());
  EXPECT_EQ(answer_of(refused).error_code, code_of(ErrorCode::InvalidRecord));
  ASSERT_EQ(answer_of(refused).record_errors.size(), 1U);
  EXPECT_EQ(answer_of(refused).record_errors[0].batch_index, 1);
}

TEST_P(Conformance, AnswersItsCallerEvenWhenTheClientWantsNoAcknowledgement) {
  create("orders");
  static_cast<void>(produce("orders", records(1, now()).finish(), 0));
  const auto fetched = finish(begin(reading("orders", 0, 30'000), 12));
  EXPECT_FALSE(bytes_of(fetched).empty());
}

}  // namespace
}  // namespace myelin::engine
