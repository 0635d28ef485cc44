#include "engine/broker/record_search.h"

#include "kafka/record_batch.h"

namespace myelin::engine::broker {
namespace {

// The first record of the batch that is at or after `timestamp`.
Result<std::optional<FoundRecord>> search_batch(const std::optional<SharedBytes>& batch, std::int64_t timestamp) {
  if (!batch) return std::nullopt;
  const auto header = kafka::parse_batch_header(batch->view());
  if (!header) return std::unexpected(header.error());
  std::optional<FoundRecord> found;
  const auto read = kafka::each_record(batch->view(), [&](const kafka::Record& record) {
    // Under LogAppendTime the batch has one time, whatever its records say.
    const std::int64_t time = header->is_log_append_time() ? header->max_timestamp : record.timestamp;
    if (time < timestamp) return true;
    found = {record.offset, time, header->leader_epoch};
    return false;
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

}  // namespace

Result<std::optional<FoundRecord>> find_by_timestamp(const storage::PartitionLog& log, std::int64_t timestamp) {
  const auto batch = log.batch_for_timestamp(timestamp);
  if (!batch) return std::unexpected(batch.error());
  return search_batch(*batch, timestamp);
}

Result<std::optional<FoundRecord>> find_largest_timestamp(const storage::PartitionLog& log) {
  const auto batch = log.batch_with_max_timestamp();
  if (!batch) return std::unexpected(batch.error());
  if (!*batch) return std::nullopt;
  const auto header = kafka::parse_batch_header((*batch)->view());
  if (!header) return std::unexpected(header.error());
  return search_batch(*batch, header->max_timestamp);
}

}  // namespace myelin::engine::broker
