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

// The batches that one read returned, one after another.
Result<void> each_batch(ByteSpan batches, std::int64_t from, const RecordSink& sink) {
  while (!batches.empty()) {
    const auto header = kafka::parse_batch_header(batches);
    if (!header) return std::unexpected(header.error());
    if (header->size() > batches.size()) return fail(Code::Corrupt, "a batch ends beyond what was read");
    Result<void> taken;
    const auto read = kafka::each_record(batches.first(header->size()), [&](const kafka::Record& record) {
      if (record.offset < from || !record.key) return true;
      taken = sink({*record.key, record.value, from_unix_milliseconds(record.timestamp)});
      return taken.has_value();
    });
    if (!read) return read;
    if (!taken) return taken;
    batches = batches.subspan(header->size());
  }
  return {};
}

}  // namespace

ConfigOverrides compacted_internal_topic() { return internal_topic("compact"); }
ConfigOverrides append_only_internal_topic() { return internal_topic("delete"); }

void append_records(storage::PartitionLog& log, std::span<const RecordView> records, WallTime now,
                    std::move_only_function<void(Result<void>)> durable) {
  CHECK(!records.empty());
  static const auto kItself = std::make_shared<const Attribution>(Attribution{kBrokerItself, {}, {}, {}});
  kafka::BatchBuilder batch;
  for (const auto& record : records) {
    batch.add(unix_milliseconds(now), as_text(record.key),
              record.value ? std::optional<std::string_view>(as_text(*record.value)) : std::nullopt);
  }
  log.append({.batch = SharedBytes(batch.finish()), .attribution = kItself},
             [durable = std::move(durable)](storage::AppendOutcome outcome) mutable {
               if (outcome)
                 durable({});
               else
                 durable(std::unexpected(to_error(outcome.error())));
             });
}

Result<void> replay_records(const storage::PartitionLog& log, const RecordSink& sink) {
  std::int64_t offset = log.log_start_offset();
  const std::int64_t end = log.high_watermark();
  while (offset < end) {
    const auto read = log.read({.offset = offset, .bytes_max = kReplayBytes, .at_least_one = true});
    if (!read) return fail(Code::Corrupt, "{}: offset {} can't be read: {}", label(log), offset, read.error().message);
    const auto bytes = storage::read_bytes(read->records);
    if (!bytes) return std::unexpected(bytes.error());
    const auto taken = each_batch(bytes->view(), offset, sink);
    if (!taken) return fail(taken.error().code, "{}: after offset {}: {}", label(log), offset, taken.error().message);
    if (read->next_offset <= offset) return fail(Code::Corrupt, "{}: nothing to read at offset {}", label(log), offset);
    offset = read->next_offset;
  }
  return {};
}

}  // namespace myelin::engine::broker
