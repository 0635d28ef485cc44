// Batches of another log, placed where they lay there: what an import writes.
#include <algorithm>

#include "storage/partition_core.h"
#include "storage/transaction_marker.h"

namespace myelin::storage {
namespace {

// Holds offsets and no records: what Kafka's compaction, too, leaves of a batch.
SharedBytes empty_batch(std::int64_t offsets) {
  ByteBuffer bytes(kBatchHeaderSize);
  BatchHeader header;
  header.magic = 2;
  header.last_offset_delta = static_cast<std::int32_t>(offsets - 1);
  header.base_timestamp = kNoTimestamp;
  header.max_timestamp = kNoTimestamp;
  put_batch_header(bytes, header);
  return SharedBytes(std::move(bytes));
}

}  // namespace

void PartitionLog::Core::copy(CopyRequest request, AppendDone done) {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    answer_locked(copy_locked(request), std::move(done), aftermath);
  }
  settle(std::move(aftermath));
}

void PartitionLog::Core::fill_to(std::int64_t offset, const std::shared_ptr<const Attribution>& filler,
                                 AppendDone done) {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    answer_locked(fill_locked(offset, filler), std::move(done), aftermath);
  }
  settle(std::move(aftermath));
}

PartitionLog::Core::Accepted PartitionLog::Core::copy_locked(const CopyRequest& request) {
  const auto header = parse_batch_header(request.batch.view());
  if (auto refusal = copy_refusal_locked(request.batch, header)) return std::unexpected(std::move(*refusal));
  if (auto filled = fill_locked(header->base_offset, request.filler); !filled) return filled;
  if (header->leader_epoch > leader_epoch_) {
    if (auto begun = begin_epoch_locked(header->leader_epoch); !begun) {
      return std::unexpected(retry_later(begun.error()));
    }
  }
  return place_locked({.batch = request.batch, .attribution = request.attribution}, *header);
}

// The outcome is that of the last empty batch, or of none.
PartitionLog::Core::Accepted PartitionLog::Core::fill_locked(std::int64_t offset,
                                                             const std::shared_ptr<const Attribution>& filler) {
  constexpr std::int64_t kOffsetsMax = INT32_MAX;  // so that a segment can hold any one of them
  if (auto closed = closed_refusal_locked()) return std::unexpected(std::move(*closed));
  AppendResult nothing;
  nothing.base_offset = log_end_ - 1;
  nothing.duplicate = true;
  Accepted filled = nothing;
  while (filled && log_end_ < offset) {
    const AppendRequest request{.batch = empty_batch(std::min(offset - log_end_, kOffsetsMax)), .attribution = filler};
    filled = place_locked(request, *parse_batch_header(request.batch.view()));
  }
  return filled;
}

PartitionLog::Core::Accepted PartitionLog::Core::place_locked(const AppendRequest& request, const BatchHeader& header) {
  if (auto room = make_room_locked(header, header.max_timestamp); !room) {
    return std::unexpected(retry_later(room.error()));
  }
  return write_locked(request, header, context_.clock.wall(), Stamp::Kept);
}

std::optional<AppendError> PartitionLog::Core::copy_refusal_locked(const SharedBytes& batch,
                                                                   const std::optional<BatchHeader>& header) const {
  if (auto closed = closed_refusal_locked()) return closed;
  const auto refuse = [&](AppendFailure failure, std::string_view why) {
    return AppendError{failure, fmt::format("{}: {}", label(), why)};
  };
  if (context_.disk_is_low.load(std::memory_order_relaxed)) {
    return refuse(AppendFailure::DiskFull, "the disk is nearly full; make room");
  }
  const auto bytes = batch.view();
  if (!header || header->size() != static_cast<std::int64_t>(bytes.size()) || !has_valid_crc(bytes)) {
    return refuse(AppendFailure::Malformed, "expected exactly one record batch v2 with a right checksum");
  }
  if (header->is_control() && !parse_marker(bytes)) {
    return refuse(AppendFailure::Malformed, "a control batch that is no end of a transaction");
  }
  if (header->base_offset < log_end_) {
    return refuse(AppendFailure::Malformed,
                  fmt::format("a batch at offset {}, the log has everything below {}", header->base_offset, log_end_));
  }
  if (header->leader_epoch < leader_epoch_) {
    return refuse(AppendFailure::FencedLeaderEpoch,
                  fmt::format("the batch at offset {} is of leader epoch {}, the log is in {}", header->base_offset,
                              header->leader_epoch, leader_epoch_));
  }
  return std::nullopt;
}

Result<void> PartitionLog::Core::begin_epoch_locked(std::int32_t leader_epoch) {
  epochs_.begin(leader_epoch, log_end_);
  leader_epoch_ = leader_epoch;
  context_.journal->set_leader_epoch(*slot_, leader_epoch, log_end_);
  return write_epochs();
}

}  // namespace myelin::storage
