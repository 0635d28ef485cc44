#pragma once
// For tests: a data directory on a memory disk with a clock that stands still, and batches as producers make them.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/varint.h"
#include "storage/batch_header.h"
#include "storage/log_directory.h"
#include "storage/memory_file_system.h"

namespace myelin::storage {

struct TestRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
};

struct TestBatch {
  std::vector<TestRecord> records = {{std::nullopt, "v"}};
  std::int64_t producer_id = kNoProducer;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int64_t timestamp = 1'750'000'000'000;  // of every record
  bool is_transactional = false;
};

struct TestMarker {
  std::int64_t producer_id = 0;
  std::int16_t producer_epoch = 0;
  std::int32_t coordinator_epoch = 0;
  bool commits = false;
};

inline void put_number(ByteBuffer& to, std::int64_t value) {
  std::array<std::byte, kVarint64SizeMax> bytes;
  const auto size = encode_unsigned_varint(bytes.data(), zigzag(value));
  to.insert(to.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}
inline void put_text(ByteBuffer& to, const std::optional<std::string>& text) {
  put_number(to, text ? static_cast<std::int64_t>(text->size()) : -1);
  if (!text) return;
  const auto bytes = as_bytes(*text);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// A batch v2 as a producer sends it: base offset 0, leader epoch -1.
inline SharedBytes encode_batch(const TestBatch& batch) {
  ByteBuffer bytes(kBatchHeaderSize);
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    ByteBuffer body{std::byte{0}};
    put_number(body, 0);
    put_number(body, static_cast<std::int64_t>(i));
    put_text(body, batch.records[i].key);
    put_text(body, batch.records[i].value);
    put_number(body, 0);
    put_number(bytes, static_cast<std::int64_t>(body.size()));
    bytes.insert(bytes.end(), body.begin(), body.end());
  }
  const auto count = static_cast<std::int32_t>(batch.records.size());
  auto* at = bytes.data();
  store_big_endian(at, std::int64_t{0});
  store_big_endian(at + 8, static_cast<std::int32_t>(bytes.size() - kBatchLengthOverhead));
  store_big_endian(at + 12, std::int32_t{-1});
  at[16] = std::byte{2};
  store_big_endian(at + 21, static_cast<std::int16_t>(batch.is_transactional ? 0x10 : 0));
  store_big_endian(at + 23, count - 1);
  store_big_endian(at + 27, batch.timestamp);
  store_big_endian(at + 35, batch.timestamp);
  store_big_endian(at + 43, batch.producer_id);
  store_big_endian(at + 51, batch.producer_epoch);
  store_big_endian(at + 53, batch.base_sequence);
  store_big_endian(at + 57, count);
  store_big_endian(at + 17, crc32c(ByteSpan(bytes).subspan(21)));
  return SharedBytes(std::move(bytes));
}

inline SharedBytes batch_of(std::vector<std::string> values) {
  TestBatch batch{.records = {}};
  for (auto& value : values) batch.records.push_back({std::nullopt, std::move(value)});
  return encode_batch(batch);
}

inline const TopicPartition kOrders{TopicName("orders"), 0};

// Owns everything a data directory needs. kill() is what another process finds after this one died.
class TestStorage {
 public:
  explicit TestStorage(LogDirectoryOptions options = {}) : options_(std::move(options)) {
    options_.background_housekeeping = false;
    options_.journal_write_ahead_bytes = 0;
    files = std::make_unique<MemoryFileSystem>();
  }
  ~TestStorage() { directory.reset(); }

  void open() {
    auto opened = LogDirectory::open("data", *files, clock, executor, options_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    directory = std::move(*opened);
    executor.run_all();
  }
  std::shared_ptr<PartitionLog> create(const LogConfig& config = {}, const TopicPartition& name = kOrders) {
    auto created = directory->create(name, topic_id, config);
    EXPECT_TRUE(created.has_value()) << created.error().message;
    options_.config_of = [config](const TopicName&) { return config; };
    return *created;
  }
  std::shared_ptr<PartitionLog> orders() const { return directory->find(kOrders); }

  // The answer, if there is one yet.
  std::optional<AppendOutcome> start_append(PartitionLog& log, SharedBytes batch) {
    auto answer = std::make_shared<std::optional<AppendOutcome>>();
    log.append({std::move(batch), writer}, [answer](AppendOutcome outcome) { *answer = std::move(outcome); });
    answers.push_back(answer);
    return *answer;
  }
  AppendOutcome append(PartitionLog& log, SharedBytes batch) {
    start_append(log, std::move(batch));
    const auto answer = answers.back();
    executor.run_all();
    EXPECT_TRUE(answer->has_value());
    return answer->value_or(std::unexpected(AppendError{}));
  }
  // Begun like start_append.
  void start_marker(PartitionLog& log, const TestMarker& marker) {
    auto answer = std::make_shared<std::optional<AppendOutcome>>();
    log.append_marker({.producer_id = marker.producer_id,
                       .producer_epoch = marker.producer_epoch,
                       .coordinator_epoch = marker.coordinator_epoch,
                       .commits = marker.commits,
                       .timestamp = clock.wall(),
                       .attribution = writer},
                      [answer](AppendOutcome outcome) { *answer = std::move(outcome); });
    answers.push_back(answer);
  }
  AppendOutcome append_marker(PartitionLog& log, const TestMarker& marker) {
    start_marker(log, marker);
    const auto answer = answers.back();
    executor.run_all();
    EXPECT_TRUE(answer->has_value());
    return answer->value_or(std::unexpected(AppendError{}));
  }
  void must_append(PartitionLog& log, SharedBytes batch) { EXPECT_TRUE(append(log, std::move(batch)).has_value()); }

  // As after kill -9: what was written is there, whether synced or not.
  void kill_and_reopen() { reopen_on(std::make_unique<MemoryFileSystem>(*files)); }
  void cut_power_and_reopen() {
    options_.boot_id += "+";
    reopen_on(files->after_power_cut());
  }
  void close_and_reopen() {
    auto closed = directory->close();
    EXPECT_TRUE(closed.has_value()) << closed.error().message;
    kill_and_reopen();
  }
  void reopen_on(std::unique_ptr<MemoryFileSystem> disk) {
    directory.reset();
    files = std::move(disk);
    open();
  }

  LogDirectoryOptions& options() { return options_; }

  TopicId topic_id = Uuid::parse("AAAAAAAAQACAAAAAAAAAAQ").value();
  std::shared_ptr<const Attribution> writer =
      std::make_shared<const Attribution>(Attribution{PrincipalName("shop"), "shop-1", "librdkafka", "2.0.2"});
  ManualClock clock;
  QueuedExecutor executor;
  std::unique_ptr<MemoryFileSystem> files;
  std::unique_ptr<LogDirectory> directory;
  std::vector<std::shared_ptr<std::optional<AppendOutcome>>> answers;

 private:
  LogDirectoryOptions options_;
};

// All batches from `offset` on as one byte string, read in steps of `bytes_max`.
inline ByteBuffer read_all(const PartitionLog& log, std::int64_t offset = 0, std::uint32_t bytes_max = 1 << 20) {
  ByteBuffer all;
  while (true) {
    const auto outcome = log.read({offset, bytes_max});
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    if (!outcome || outcome->next_offset == offset) return all;
    const auto bytes = read_bytes(outcome->records);
    EXPECT_TRUE(bytes.has_value());
    all.insert(all.end(), bytes->view().begin(), bytes->view().end());
    offset = outcome->next_offset;
  }
}

inline std::vector<BatchHeader> headers_in(ByteSpan bytes) {
  std::vector<BatchHeader> headers;
  while (!bytes.empty()) {
    const auto header = parse_batch_header(bytes);
    EXPECT_TRUE(header.has_value());
    if (!header) break;
    EXPECT_TRUE(has_valid_crc(bytes.first(static_cast<std::size_t>(header->size()))));
    headers.push_back(*header);
    bytes = bytes.subspan(static_cast<std::size_t>(header->size()));
  }
  return headers;
}

}  // namespace myelin::storage
