#include "engine/broker/batch_check.h"

#include <algorithm>
#include <utility>

#include "kafka/record_batch.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;

// Record errors of one batch that are told; the rest of a bad batch adds nothing.
constexpr std::size_t kBadRecordsMax = 100;

std::unexpected<BatchRefusal> refuse(ErrorCode code, std::string message) {
  return std::unexpected(BatchRefusal{code, std::move(message), {}});
}

ErrorCode to_error_code(kafka::BatchFault fault) {
  switch (fault) {
    case kafka::BatchFault::Corrupt:
      return ErrorCode::CorruptMessage;
    case kafka::BatchFault::OldMagic:
    case kafka::BatchFault::Invalid:
      return ErrorCode::InvalidRecord;
    case kafka::BatchFault::UnknownCodec:
      return ErrorCode::UnsupportedCompressionType;
  }
  return ErrorCode::UnknownServerError;
}

std::expected<void, BatchRefusal> check_keys(ByteSpan batch) {
  BatchRefusal refusal;
  std::int32_t index = 0;
  const auto read = kafka::each_record(batch, [&](const kafka::Record& record) {
    if (!record.key) {
      refusal.records.push_back({index, "Compacted topic cannot accept message without key"});
    }
    ++index;
    return refusal.records.size() < kBadRecordsMax;
  });
  if (!read) return refuse(ErrorCode::CorruptMessage, read.error().message);
  if (refusal.records.empty()) return {};
  refusal.message = "One or more records have been rejected: a compacted topic takes only records with a key";
  return std::unexpected(std::move(refusal));
}

std::expected<void, BatchRefusal> check_transaction(const kafka::BatchHeader& header, bool has_transactional_id) {
  if (!header.is_transactional() || has_transactional_id) return {};
  return refuse(ErrorCode::TransactionalIdAuthorizationFailed, "A transactional batch needs a transactional id");
}

std::expected<SharedBytes, BatchRefusal> with_max_timestamp(const SharedBytes& batch, std::int64_t at_least) {
  const auto read = kafka::each_record(batch.view(), [&](const kafka::Record& record) {
    at_least = std::max(at_least, record.timestamp);
    return true;
  });
  if (!read) return refuse(ErrorCode::CorruptMessage, read.error().message);
  ByteBuffer corrected(batch.view().begin(), batch.view().end());
  kafka::set_max_timestamp(corrected, at_least);
  return SharedBytes(std::move(corrected));
}

}  // namespace

std::expected<SharedBytes, BatchRefusal> check_batch(const std::optional<Payload>& records, const Topic& topic,
                                                     bool has_transactional_id) {
  if (!records) return refuse(ErrorCode::InvalidRecord, "The records are null");
  const auto* bytes = std::get_if<SharedBytes>(&*records);
  if (bytes == nullptr) return refuse(ErrorCode::InvalidRecord, "The records are not in memory");
  const auto header = kafka::check_produced(bytes->view());
  if (!header) return refuse(to_error_code(header.error().fault), header.error().message);
  if (auto checked = check_transaction(*header, has_transactional_id); !checked) {
    return std::unexpected(std::move(checked).error());
  }
  if (topic.log_config.cleanup.compact) {
    if (auto checked = check_keys(bytes->view()); !checked) return std::unexpected(std::move(checked).error());
  }
  if (header->max_timestamp < header->base_timestamp) return with_max_timestamp(*bytes, header->base_timestamp);
  return *bytes;
}

}  // namespace myelin::engine::broker
