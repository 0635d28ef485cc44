#include "engine/broker/internal_records.h"

#include <memory>
#include <utility>

#include "base/check.h"
#include "kafka/record_batch.h"

namespace myelin::engine::broker {
namespace {

// A group's members and assignment are one record, so batches may be large.
constexpr std::string_view kBatchBytesMax = "104857600";
constexpr std::string_view kSegmentBytes = "104857600";
constexpr std::uint32_t kReplayBytes = 4U << 20;

ConfigOverrides internal_topic(std::string_view cleanup_policy) {
  return {{"cleanup.policy", std::string(cleanup_policy)},
          {"max.message.bytes", std::string(kBatchBytesMax)},
          {"myelin.durability", "synced"},
          {"retention.bytes", "-1"},
          {"retention.ms", "-1"},
          {"segment.bytes", std::string(kSegmentBytes)}};
}

std::string label(const storage::PartitionLog& log) {
  return fmt::format("{}-{}", log.name().topic.text(), log.name().partition);
}

Error to_error(const storage::AppendError& error) {
  switch (error.failure) {
    case storage::AppendFailure::DiskFull:
    case storage::AppendFailure::Gone:
      return {Code::Unavailable, error.message};
    case storage::AppendFailure::TooLarge:
      return {Code::TooLarge, error.message};
    case storage::AppendFailure::ReadOnly:
      return {Code::Io, error.message};
    default:
      return {Code::Invalid, error.message};
  }
}

constexpr std::int32_t kNoSequence = -1;
constexpr std::int16_t kTransactionalBit = 0x10;
// A control record's key: version i16, type i16. Source: KIP-98.
constexpr std::size_t kControlKeySize = 4;
constexpr std::int16_t kCommitMarker = 1;

// The batches that one read returned, one after another.
Result<void> each_batch(ByteSpan batches, std::int64_t from, const RecordSink& sink, const MarkerSink& marker_sink) {
  while (!batches.empty()) {
    const auto header = kafka::parse_batch_header(batches);
    if (!header) return std::unexpected(header.error());
    if (header->size() > batches.size()) return fail(Code::Corrupt, "a batch ends beyond what was read");
    const auto producer = header->is_transactional() ? std::optional(header->producer_id) : std::nullopt;
    Result<void> taken;
    const auto read = kafka::each_record(batches.first(header->size()), [&](const kafka::Record& record) {
      if (record.offset < from || !record.key) return true;
      if (header->is_control()) {
        if (marker_sink && record.key->size() >= kControlKeySize) {
          marker_sink(header->producer_id, load_big_endian<std::int16_t>(record.key->data() + 2) == kCommitMarker);
        }
        return true;
      }
      taken = sink({*record.key, record.value, from_unix_milliseconds(record.timestamp), producer});
      return taken.has_value();
    });
    if (!read) return read;
    if (!taken) return taken;
    batches = batches.subspan(header->size());
  }
  return {};
}

}  // namespace

const std::shared_ptr<const Attribution>& broker_itself() {
  static const auto kItself = std::make_shared<const Attribution>(Attribution{kBrokerItself, {}, {}, {}});
  return kItself;
}

ConfigOverrides compacted_internal_topic() { return internal_topic("compact"); }
ConfigOverrides append_only_internal_topic() { return internal_topic("delete"); }

void append_records(storage::PartitionLog& log, std::span<const RecordView> records, WallTime now,
                    std::move_only_function<void(Result<void>)> durable,
                    const std::optional<TransactionalProducer>& producer) {
  CHECK(!records.empty());
  kafka::BatchBuilder batch;
  for (const auto& record : records) {
    batch.add(unix_milliseconds(now), as_text(record.key),
              record.value ? std::optional<std::string_view>(as_text(*record.value)) : std::nullopt);
  }
  if (producer) {
    batch.set_producer(producer->id, producer->epoch, kNoSequence);
    batch.set_attribute_bits(kTransactionalBit);
  }
  log.append({.batch = SharedBytes(batch.finish()), .attribution = broker_itself()},
             [durable = std::move(durable)](storage::AppendOutcome outcome) mutable {
               if (outcome)
                 durable({});
               else
                 durable(std::unexpected(to_error(outcome.error())));
             });
}

Result<void> replay_records(const storage::PartitionLog& log, const RecordSink& sink, const MarkerSink& marker_sink) {
  std::int64_t offset = log.log_start_offset();
  const std::int64_t end = log.high_watermark();
  while (offset < end) {
    const auto read = log.read({.offset = offset, .bytes_max = kReplayBytes, .at_least_one = true});
    if (!read) return fail(Code::Corrupt, "{}: offset {} can't be read: {}", label(log), offset, read.error().message);
    const auto bytes = storage::read_bytes(read->records);
    if (!bytes) return std::unexpected(bytes.error());
    const auto taken = each_batch(bytes->view(), offset, sink, marker_sink);
    if (!taken) return fail(taken.error().code, "{}: after offset {}: {}", label(log), offset, taken.error().message);
    if (read->next_offset <= offset) return fail(Code::Corrupt, "{}: nothing to read at offset {}", label(log), offset);
    offset = read->next_offset;
  }
  return {};
}

}  // namespace myelin::engine::broker
