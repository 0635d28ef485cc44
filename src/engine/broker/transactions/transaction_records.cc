#include "engine/broker/transactions/transaction_records.h"

#include <map>
#include <utility>
#include <vector>

#include "engine/broker/record_codec.h"

namespace myelin::engine::transactions {
namespace {

using broker::RecordReader;
using broker::RecordWriter;

constexpr std::int16_t kKeyVersion = 0;
constexpr std::int16_t kValueVersion = 1;
constexpr std::int16_t kFlexibleValueVersion = 1;
constexpr std::int64_t kNoTime = -1;
constexpr std::int64_t kNoProducer = -1;
constexpr std::uint32_t kPreviousProducerIdTag = 0;
constexpr std::uint32_t kNextProducerIdTag = 1;
constexpr std::uint32_t kClientVersionTag = 2;

ByteBuffer key_of(const std::string& transactional_id) {
  RecordWriter out;
  out.integer(kKeyVersion);
  out.text(transactional_id);
  return out.take();
}

void write_partitions(RecordWriter& out, const std::set<Partition>& partitions) {
  std::map<TopicName, std::vector<std::int32_t>> by_topic;
  for (const auto& partition : partitions) by_topic[partition.topic].push_back(partition.partition);
  out.compact_count(by_topic.size());
  for (const auto& [topic, numbers] : by_topic) {
    out.compact_text(topic.text());
    out.compact_count(numbers.size());
    for (const auto number : numbers) out.integer(number);
    out.no_tags();
  }
}

// Those that say something.
void write_tags(RecordWriter& out, const Transaction& transaction) {
  const bool has_previous = transaction.previous_producer_id != kNoProducer;
  const bool has_next = transaction.next_producer_id != kNoProducer;
  const bool has_version = transaction.client_version != 0;
  out.varint(std::uint32_t{has_previous} + std::uint32_t{has_next} + std::uint32_t{has_version});
  if (has_previous) out.tagged(kPreviousProducerIdTag, transaction.previous_producer_id);
  if (has_next) out.tagged(kNextProducerIdTag, transaction.next_producer_id);
  if (has_version) out.tagged(kClientVersionTag, transaction.client_version);
}

// False when one is cut short.
bool read_tags(RecordReader& in, Transaction& transaction) {
  bool is_whole = true;
  in.tags([&](std::uint32_t tag, ByteSpan content) {
    RecordReader value(content);
    if (tag == kPreviousProducerIdTag) transaction.previous_producer_id = value.integer<std::int64_t>();
    if (tag == kNextProducerIdTag) transaction.next_producer_id = value.integer<std::int64_t>();
    if (tag == kClientVersionTag) transaction.client_version = value.integer<std::int16_t>();
    is_whole = is_whole && !value.broken();
  });
  return is_whole && !in.broken();
}

std::set<Partition> read_partitions(RecordReader& in, bool compact) {
  std::set<Partition> partitions;
  const auto topics = in.count(compact);
  for (std::int64_t topic = 0; topic < topics && !in.broken(); ++topic) {
    const TopicName name(in.text(compact));
    const auto numbers = in.count(compact);
    for (std::int64_t number = 0; number < numbers && !in.broken(); ++number) {
      partitions.insert({name, in.integer<std::int32_t>()});
    }
    if (compact) in.skip_tags();
  }
  return partitions;
}

// Kafka's "dead" is never stored, and its "prepare epoch fence" only ever in memory.
std::optional<State> state_of(std::int8_t number) {
  if (number < 0 || number > static_cast<std::int8_t>(State::CompleteAbort)) return std::nullopt;
  return static_cast<State>(number);
}

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::Empty:
      return "Empty";
    case State::Ongoing:
      return "Ongoing";
    case State::PrepareCommit:
      return "PrepareCommit";
    case State::PrepareAbort:
      return "PrepareAbort";
    case State::CompleteCommit:
      return "CompleteCommit";
    case State::CompleteAbort:
      return "CompleteAbort";
  }
  return "Unknown";
}

TransactionRecord transaction_record(const std::string& transactional_id, const Transaction& transaction) {
  RecordWriter out;
  out.integer(kValueVersion);
  out.integer(transaction.producer_id);
  out.integer(transaction.producer_epoch);
  out.integer(static_cast<std::int32_t>(transaction.timeout.count()));
  out.integer(std::to_underlying(transaction.state));
  write_partitions(out, transaction.partitions);
  out.integer(unix_milliseconds(transaction.updated_at));
  out.integer(transaction.started_at ? unix_milliseconds(*transaction.started_at) : kNoTime);
  write_tags(out, transaction);
  return {key_of(transactional_id), out.take()};
}

TransactionRecord transaction_tombstone(const std::string& transactional_id) {
  return {key_of(transactional_id), std::nullopt};
}

Result<std::optional<std::string>> read_transaction_key(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (!in.broken() && version > kKeyVersion) return std::optional<std::string>();
  auto transactional_id = in.text(false);
  if (in.broken() || version < 0) {
    return fail(Code::Corrupt, "transaction state: a key of {} bytes can't be read", bytes.size());
  }
  return std::optional(std::move(transactional_id));
}

Result<Transaction> read_transaction(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  if (!in.broken() && (version < 0 || version > kFlexibleValueVersion)) {
    return fail(Code::Unsupported, "transaction state: value of version {}; 0 to {} can be read", version,
                kFlexibleValueVersion);
  }
  const bool compact = version >= kFlexibleValueVersion;
  Transaction transaction;
  transaction.producer_id = in.integer<std::int64_t>();
  transaction.producer_epoch = in.integer<std::int16_t>();
  transaction.timeout = std::chrono::milliseconds(in.integer<std::int32_t>());
  const auto number = in.integer<std::int8_t>();
  transaction.partitions = read_partitions(in, compact);
  transaction.updated_at = from_unix_milliseconds(in.integer<std::int64_t>());
  const auto started = in.integer<std::int64_t>();
  if (started != kNoTime) transaction.started_at = from_unix_milliseconds(started);
  const bool is_whole = compact ? read_tags(in, transaction) : !in.broken();
  if (!is_whole) return fail(Code::Corrupt, "transaction state: a value of {} bytes is cut short", bytes.size());
  const auto state = state_of(number);
  if (!state) return fail(Code::Unsupported, "transaction state: state {} is unknown", number);
  transaction.state = *state;
  return transaction;
}

}  // namespace myelin::engine::transactions
