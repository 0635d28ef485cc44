// Transactions in topics that keep the latest record of each key.
#include <gmock/gmock.h>

#include "storage/transactions_fixture.h"

namespace myelin::storage {
namespace {

using testing::ElementsAre;

LogConfig compacted(std::int32_t segment_bytes) {
  LogConfig config;
  config.segment_bytes = segment_bytes;
  config.cleanup = {.remove = false, .compact = true};
  return config;
}

void compact(TestStorage& storage) {
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  storage.clock.advance(std::chrono::minutes(5));
  storage.directory->housekeep();
  storage.executor.run_all();
}

// "key=value@offset" of every record that is left, and "abort@offset", "commit@offset".
std::vector<std::string> left_in(const PartitionLog& log) {
  std::vector<std::string> left;
  const auto bytes = read_all(log, log.log_start_offset());
  ByteSpan rest(bytes);
  for (const auto& header : headers_in(rest)) {
    const auto batch = rest.first(static_cast<std::size_t>(header.size()));
    rest = rest.subspan(batch.size());
    if (const auto marker = parse_marker(batch)) {
      left.push_back((marker->commits ? "commit@" : "abort@") + std::to_string(header.base_offset));
      continue;
    }
    EXPECT_TRUE(for_each_record(batch, [&](const RecordView& record) {
      left.push_back(std::string(as_text(*record.key)) + "=" + std::string(as_text(*record.value)) + "@" +
                     std::to_string(record.offset));
    }));
  }
  return left;
}

class CompactedTransactions : public TransactionalStorage {
 public:
  explicit CompactedTransactions(std::int32_t segment_bytes = 400) : TransactionalStorage(compacted(segment_bytes)) {}

  void put(const std::string& key, const std::string& value) {
    must_append(*orders(), encode_batch({.records = {{key, value}}}));
  }
  void put_in_transaction(std::int64_t producer_id, const std::string& key, const std::string& value) {
    must_append(*orders(), encode_batch({.records = {{key, value}},
                                         .producer_id = producer_id,
                                         .producer_epoch = 0,
                                         .base_sequence = sequences_[producer_id]++,
                                         .is_transactional = true}));
  }

 private:
  std::map<std::int64_t, std::int32_t> sequences_;
};

TEST(CompactionOfTransactions, DropsWhatWasAbortedAndKeepsWhatItWouldHaveReplaced) {
  CompactedTransactions storage;
  storage.put("a", "1");                    // 0
  storage.put("b", "1");                    // 1
  storage.put_in_transaction(7, "a", "2");  // 2, aborted
  storage.put_in_transaction(8, "b", "2");  // 3, committed
  storage.put_in_transaction(7, "c", "2");  // 4, aborted
  storage.abort(7);                         // 5
  storage.commit(8);                        // 6
  storage.put_in_transaction(7, "c", "3");  // 7, committed
  storage.commit(7);                        // 8
  compact(storage);
  const std::vector<std::string> expected{"a=1@0", "b=2@3", "abort@5", "commit@6", "c=3@7", "commit@8"};
  EXPECT_EQ(left_in(*storage.orders()), expected);
  EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("1", "2", "3"));
  for (const auto stop : kStops) {
    restart(storage, stop);
    EXPECT_EQ(left_in(*storage.orders()), expected);
    EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("1", "2", "3"));
    EXPECT_EQ(storage.orders()->last_stable_offset(), 9);
    EXPECT_TRUE(storage.orders()->verify()->empty());
    EXPECT_TRUE(storage.directory->check_provenance()->empty());
  }
}

TEST(CompactionOfTransactions, DropsMarkersOfWhichNothingIsLeft) {
  CompactedTransactions storage;
  storage.put_in_transaction(7, "a", "1");  // 0, replaced by 2
  storage.commit(7);                        // 1
  storage.put_in_transaction(7, "a", "2");  // 2
  storage.commit(7);                        // 3
  storage.put_in_transaction(8, "b", "1");  // 4, aborted
  storage.abort(8);                         // 5
  storage.put_in_transaction(8, "c", "1");  // 6, replaced by 8, but the newest of its producer
  storage.commit(8);                        // 7
  storage.put("c", "2");                    // 8
  compact(storage);
  EXPECT_EQ(left_in(*storage.orders()),
            (std::vector<std::string>{"commit@1", "a=2@2", "commit@3", "abort@5", "commit@7", "c=2@8"}))
      << "a reader may still be on its way to them";
  EXPECT_EQ(storage.read_committed(0)->aborted.size(), 1U);
  storage.clock.advance(std::chrono::hours(25));
  storage.put("d", "1");  // 9
  compact(storage);
  const std::vector<std::string> expected{"a=2@2", "commit@3", "commit@7", "c=2@8", "d=1@9"};
  EXPECT_EQ(left_in(*storage.orders()), expected);
  EXPECT_EQ(storage.read_committed(0)->aborted.size(), 0U);
  for (const auto stop : kStops) {
    restart(storage, stop);
    EXPECT_EQ(left_in(*storage.orders()), expected);
    EXPECT_THAT(committed_values(*storage.orders()), ElementsAre("2", "2", "1"));
    EXPECT_EQ(storage.orders()->last_stable_offset(), 10);
    EXPECT_TRUE(storage.orders()->verify()->empty());
    EXPECT_TRUE(storage.directory->check_provenance()->empty());
  }
}

// The key of a marker is no key: the same bytes may be one of the topic's.
TEST(CompactionOfTransactions, TakesNoMarkerForARecord) {
  CompactedTransactions storage;
  const std::string commit_key("\0\0\0\1", 4);
  storage.put(commit_key, "1");
  storage.put_in_transaction(7, "a", "1");
  storage.commit(7);
  compact(storage);
  EXPECT_EQ(left_in(*storage.orders()), (std::vector<std::string>{commit_key + "=1@0", "a=1@1", "commit@2"}));
}

TEST(CompactionOfTransactions, WaitsForTheDecision) {
  CompactedTransactions storage;
  storage.put("a", "1");
  storage.put("a", "2");
  ASSERT_TRUE(storage.orders()->roll().has_value());
  storage.executor.run_all();
  storage.put_in_transaction(7, "b", "1");
  storage.put("b", "2");
  compact(storage);
  EXPECT_THAT(left_in(*storage.orders()), ElementsAre("a=2@1", "b=1@2", "b=2@3"));
  storage.commit(7);
  compact(storage);
  EXPECT_THAT(left_in(*storage.orders()), ElementsAre("a=2@1", "b=2@3", "commit@4"));
}

TEST(CompactionOfTransactions, DropsACompressedBatchThatWasAborted) {
  CompactedTransactions storage;
  const auto batch = encode_batch(
      {.records = {{"a", "1"}}, .producer_id = 7, .producer_epoch = 0, .base_sequence = 0, .is_transactional = true});
  ByteBuffer compressed(batch.view().begin(), batch.view().end());
  put_batch_header(compressed, [&] {
    auto header = *parse_batch_header(batch.view());
    header.attributes |= 4;
    return header;
  }());
  storage.must_append(*storage.orders(), SharedBytes(compressed));
  storage.abort(7);
  compact(storage);
  // The producer's newest batch stays as a header that says its sequence.
  const auto headers = headers_in(read_all(*storage.orders()));
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].count, 0);
  EXPECT_EQ(headers[0].attributes, 0x10);
  EXPECT_EQ(headers[0].last_sequence(), 0);
  EXPECT_TRUE(headers[1].is_control());
}

TEST(CompactionOfTransactions, KeepsTheAbortedIndexOfWhatItMerges) {
  CompactedTransactions storage(4000);
  for (int i = 0; i < 6; ++i) {
    storage.put_in_transaction(7, "a", "1");
    storage.put("once" + std::to_string(i), "1");
    storage.abort(7);
    ASSERT_TRUE(storage.orders()->roll().has_value());
    storage.executor.run_all();
  }
  compact(storage);
  const auto index = decode_aborted_index(storage.files->content(path_of(0, kAbortedIndexSuffix)));
  ASSERT_TRUE(index.has_value());
  EXPECT_EQ(index->entries.size(), 6U);
  EXPECT_EQ(index->entries.back(), (AbortedEntry{7, 15, 17, 18}));
  int indexes = 0;
  for (const auto& path : storage.files->paths()) indexes += path.ends_with(kAbortedIndexSuffix) ? 1 : 0;
  EXPECT_EQ(indexes, 1);
  EXPECT_EQ(committed_values(*storage.orders()).size(), 6U);
  EXPECT_EQ(storage.read_committed(0)->aborted.size(), 6U);
}

}  // namespace
}  // namespace myelin::storage
