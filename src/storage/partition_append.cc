// The way of a batch into the log: checks, base offset, journal entry, log, in this order, under the partition's lock.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/log.h"
#include "base/sabotage.h"
#include "storage/partition_core.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::int16_t kLogAppendTimeBit = 0x08;
// Index entries of the active segment kept in memory before they go to the index files: some 512 KiB of log.
constexpr std::size_t kIndexEntriesInMemory = 128;
// Room for growth is set aside in steps of an eighth of the segment, so that little of the disk lies idle.
constexpr std::uint64_t kReserveFrom = 1U << 20;
constexpr std::uint64_t kReserveMax = 16U << 20;
constexpr std::uint64_t kReservePart = 8;
// Kafka's offset index may have 10 MiB.
constexpr std::size_t kIndexEntriesMax = (10U << 20) / kOffsetEntrySize;

AppendError refuse(AppendFailure failure, std::string message) { return {failure, std::move(message)}; }

}  // namespace

void PartitionLog::Core::append(AppendRequest request, AppendDone done) {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    answer_locked(append_locked(request), std::move(done), aftermath);
  }
  settle(std::move(aftermath));
}

// Says what came of an append, at once or when it is as durable as the level promises.
void PartitionLog::Core::answer_locked(Accepted accepted, AppendDone done, Aftermath& aftermath) {
  if (!accepted) {
    aftermath.answers.emplace_back(std::move(done), std::unexpected(std::move(accepted).error()));
    return;
  }
  const bool is_synced = config_.effective_durability() == Durability::Synced;
  const bool flush_by_count = !accepted->duplicate && config_.flush_messages != INT64_MAX &&
                              unsynced_records_ + accepted->records >= config_.flush_messages;
  // A repeated batch waits for the first one to become visible.
  const auto end = accepted->duplicate ? accepted->base_offset + 1 : log_end_;
  const bool must_wait =
      accepted->duplicate ? accepted->base_offset >= high_watermark_.offset : is_synced || flush_by_count;
  if (!accepted->duplicate) after_write_locked(accepted->records, accepted->log_bytes, aftermath);
  if (must_wait) {
    pending_.push_back({end, std::move(*accepted), std::move(done)});
    if (!flush_is_running_) start_flush_locked(aftermath);
  } else {
    aftermath.answers.emplace_back(std::move(done), std::move(*accepted));
  }
}

PartitionLog::Core::Accepted PartitionLog::Core::append_locked(const AppendRequest& request) {
  const auto header = parse_batch_header(request.batch.view());
  if (auto refusal = refusal_locked(request, header)) return std::unexpected(std::move(*refusal));
  const auto check = producers_.check(*header);
  const auto now = context_.clock.wall();
  if (check.verdict == ProducerState::Verdict::Duplicate) {
    const bool stamps = config_.timestamp_type == TimestampType::LogAppendTime;
    return AppendResult{.base_offset = check.base_offset,
                        .log_append_time = stamps ? check.timestamp : -1,
                        .log_start_offset = log_start_,
                        .records = 0,
                        .log_bytes = 0,
                        .duplicate = true,
                        .time = now};
  }
  if (auto refusal = producer_refusal(*header, check)) return std::unexpected(std::move(*refusal));
  if (request.gate != nullptr && header->is_transactional() &&
      !request.gate->lets_in(identity_.name, header->producer_id, header->producer_epoch)) {
    return std::unexpected(refuse(
        AppendFailure::InvalidTransactionState,
        fmt::format("{}: the partition is not part of a transaction of producer {}", label(), header->producer_id)));
  }
  if (auto refusal = timestamp_refusal_locked(*header, now)) return std::unexpected(std::move(*refusal));
  if (auto room = make_room_locked(*header, timestamp_in_log(*header, now)); !room) {
    return std::unexpected(retry_later(room.error()));
  }
  return write_locked(request, *header, now);
}

// An active segment that can take the batch.
Result<void> PartitionLog::Core::make_room_locked(const BatchHeader& header, std::int64_t timestamp) {
  if (auto loaded = load_active_tail_locked(); !loaded) return loaded;
  return must_roll_locked(header, timestamp) ? roll_locked() : Result<void>{};
}

std::optional<AppendError> PartitionLog::Core::producer_refusal(const BatchHeader& header,
                                                                const ProducerState::Check& check) const {
  switch (check.verdict) {
    case ProducerState::Verdict::Append:
    case ProducerState::Verdict::Duplicate:
      break;
    case ProducerState::Verdict::StaleEpoch:
      return refuse(AppendFailure::InvalidProducerEpoch,
                    fmt::format("{}: producer {} has epoch {}, the batch says {}", label(), header.producer_id,
                                check.current_epoch, header.producer_epoch));
    case ProducerState::Verdict::OutOfOrder:
      return refuse(AppendFailure::OutOfOrderSequence,
                    fmt::format("{}: producer {} must go on with sequence {}, the batch begins with {}", label(),
                                header.producer_id, check.expected_sequence, header.base_sequence));
    case ProducerState::Verdict::StaleCoordinator:
      return refuse(AppendFailure::TransactionCoordinatorFenced,
                    fmt::format("{}: a coordinator of epoch {} ended a transaction of producer {} already", label(),
                                check.current_epoch, header.producer_id));
    case ProducerState::Verdict::TransactionIsOpen:
      return refuse(AppendFailure::InvalidTransactionState,
                    fmt::format("{}: producer {} has a transaction open that the batch is not part of", label(),
                                header.producer_id));
  }
  return std::nullopt;
}

std::optional<AppendError> PartitionLog::Core::closed_refusal_locked() const {
  if (is_shut_) return refuse(AppendFailure::Gone, fmt::format("{}: the partition is closed", label()));
  if (is_read_only_) {
    return refuse(AppendFailure::ReadOnly, fmt::format("{}: read-only until restart: {}", label(), read_only_reason_));
  }
  return std::nullopt;
}

std::optional<AppendError> PartitionLog::Core::refusal_locked(const AppendRequest& request,
                                                              const std::optional<BatchHeader>& header) const {
  if (auto closed = closed_refusal_locked()) return closed;
  if (context_.disk_is_low.load(std::memory_order_relaxed) && !config_.uses_disk_reserve) {
    return refuse(AppendFailure::DiskFull,
                  fmt::format("{}: the disk is nearly full; make room or lower retention", label()));
  }
  const auto expected = request.expected_leader_epoch;
  if (expected != kAnyLeaderEpoch && expected < leader_epoch_) {
    return refuse(AppendFailure::FencedLeaderEpoch,
                  fmt::format("{}: leader epoch {} is over, now is {}", label(), expected, leader_epoch_));
  }
  if (expected > leader_epoch_) {
    return refuse(AppendFailure::UnknownLeaderEpoch,
                  fmt::format("{}: leader epoch {} has not begun, now is {}", label(), expected, leader_epoch_));
  }
  if (!header || header->size() != static_cast<std::int64_t>(request.batch.size()) || header->is_control()) {
    return refuse(AppendFailure::Malformed,
                  fmt::format("{}: expected exactly one record batch v2, and no control batch", label()));
  }
  const auto bytes_max = std::min(config_.message_bytes_max, config_.segment_bytes);
  if (header->size() > bytes_max) {
    return refuse(AppendFailure::TooLarge, fmt::format("{}: the batch has {} bytes, max.message.bytes is {}", label(),
                                                       header->size(), bytes_max));
  }
  return std::nullopt;
}

std::optional<AppendError> PartitionLog::Core::timestamp_refusal_locked(const BatchHeader& header, WallTime now) const {
  if (config_.timestamp_type == TimestampType::LogAppendTime) return std::nullopt;
  const auto now_ms = unix_milliseconds(now);
  const auto is_beyond = [](std::int64_t difference, std::int64_t limit) { return difference > limit; };
  if (header.max_timestamp != kNoTimestamp && header.max_timestamp > now_ms &&
      is_beyond(header.max_timestamp - now_ms, config_.timestamp_after_ms_max)) {
    return refuse(AppendFailure::InvalidTimestamp,
                  fmt::format("{}: timestamp {} is more than {} ms ahead of the server's clock {}", label(),
                              header.max_timestamp, config_.timestamp_after_ms_max, now_ms));
  }
  if (header.base_timestamp != kNoTimestamp && header.base_timestamp < now_ms &&
      is_beyond(now_ms - std::max<std::int64_t>(header.base_timestamp, 0), config_.timestamp_before_ms_max)) {
    return refuse(AppendFailure::InvalidTimestamp,
                  fmt::format("{}: timestamp {} is more than {} ms behind the server's clock {}", label(),
                              header.base_timestamp, config_.timestamp_before_ms_max, now_ms));
  }
  return std::nullopt;
}

std::int64_t PartitionLog::Core::timestamp_in_log(const BatchHeader& header, WallTime now) const {
  return config_.timestamp_type == TimestampType::LogAppendTime ? unix_milliseconds(now) : header.max_timestamp;
}

bool PartitionLog::Core::must_roll_locked(const BatchHeader& header, std::int64_t timestamp) const {
  const auto& active = active_locked();
  const auto bytes = static_cast<std::int64_t>(active.bytes.load());
  if (bytes == 0) return false;
  if (bytes + header.size() > config_.segment_bytes) return true;
  if (log_end_ + header.last_offset_delta - active.base_offset > INT32_MAX) return true;
  if (spilled_offsets_ + builder_.entries().offsets.size() >= kIndexEntriesMax) return true;
  if (first_timestamp_ == kNoTimestamp) return false;
  return timestamp - first_timestamp_ > config_.segment_age.count();
}

PartitionLog::Core::Accepted PartitionLog::Core::write_locked(const AppendRequest& request, BatchHeader header,
                                                              WallTime now, Stamp stamp) {
  const auto batch = request.batch.view();
  header.base_offset = log_end_;
  header.leader_epoch = leader_epoch_;
  std::array<std::byte, kBatchHeaderSize> head;
  std::ranges::copy(batch.first(kBatchHeaderSize), head.begin());
  store_big_endian(head.data(), header.base_offset);
  store_big_endian(head.data() + kLeaderEpochAt, header.leader_epoch);
  const bool stamps = stamp == Stamp::ByTopic && config_.timestamp_type == TimestampType::LogAppendTime;
  if (stamps) header.max_timestamp = unix_milliseconds(now);
  if (stamps || (stamp == Stamp::ByTopic && header.is_log_append_time())) {
    const auto attributes = stamps ? header.attributes | kLogAppendTimeBit : header.attributes & ~kLogAppendTimeBit;
    header.attributes = static_cast<std::int16_t>(attributes);
    store_big_endian(head.data() + kAttributesAt, header.attributes);
    store_big_endian(head.data() + kMaxTimestampAt, header.max_timestamp);
    header.crc = crc32c(batch.subspan(kBatchHeaderSize), crc32c(ByteSpan(head).subspan(kAttributesAt)));
    store_big_endian(head.data() + kCrcAt, header.crc);
  }

  auto& active = active_locked();
  auto file = file_of(active);
  if (!file) return std::unexpected(retry_later(file.error()));
  const auto count = std::int64_t{header.last_offset_delta} + 1;
  auto journaled = context_.journal->append(*slot_, {.leader_epoch = leader_epoch_,
                                                     .base_offset = log_end_,
                                                     .count = count,
                                                     .log_bytes = header.size(),
                                                     .time = now,
                                                     .attribution = request.attribution});
  if (!journaled) return std::unexpected(retry_later(journaled.error()));
  journal_position_ = *journaled;

  const auto position = active.bytes.load();
  reserve_locked(**file, batch.size());
  const std::array parts{ByteSpan(head), batch.subspan(kBatchHeaderSize)};
  if (auto written = (*file)->write_at(position, parts); !written) {
    // The journal entry is void: the next entry begins at the same offset, or none follows and the log ends here.
    if (auto cut = (*file)->truncate(position); !cut) return std::unexpected(stop_writing_locked(cut.error()));
    if (written.error().code == Code::Unavailable) return std::unexpected(retry_later(written.error()));
    return std::unexpected(stop_writing_locked(written.error()));
  }
  builder_.add(header, static_cast<std::uint32_t>(position), config_.index_interval_bytes);
  if (position == 0) first_timestamp_ = header.max_timestamp;
  active.bytes = position + batch.size();
  log_end_ = header.next_offset();
  if (header.is_control()) {
    note_marker_locked(header, *parse_marker(batch), unix_milliseconds(now));
  } else {
    producers_.record(header, BatchPlace{active.base_offset, position}, unix_milliseconds(now));
  }
  if (builder_.entries().offsets.size() >= kIndexEntriesInMemory) spill_index_locked();
  return AppendResult{.base_offset = header.base_offset,
                      .log_append_time = stamps ? header.max_timestamp : -1,
                      .log_start_offset = log_start_,
                      .records = count,
                      .log_bytes = header.size(),
                      .duplicate = false,
                      .time = now};
}

// A write into room set aside costs the file system two thirds of one that must find it block by block.
void PartitionLog::Core::reserve_locked(File& file, std::size_t batch_bytes) {
  auto& active = active_locked();
  const auto position = active.bytes.load();
  const auto end = position + batch_bytes;
  if (end <= active.reserved || position < kReserveFrom) return;
  const auto begin = std::max(active.reserved, position);
  const auto step = std::min(std::max(position / kReservePart, kReserveFrom), kReserveMax);
  active.reserved = std::min(end + step, std::max(end, static_cast<std::uint64_t>(config_.segment_bytes)));
  if (!context_.disk_is_low.load(std::memory_order_relaxed)) file.reserve(begin, active.reserved - begin);
}

// Only room is lost when this fails.
void PartitionLog::Core::give_back_room_locked() {
  auto& active = active_locked();
  if (active.reserved <= active.bytes.load()) return;
  auto file = file_of(active);
  const auto cut = file ? (*file)->truncate(active.bytes.load()) : Result<void>(pass(file));
  if (!cut) log::warn("room set aside stays taken", {{"partition", label()}, {"reason", cut.error().message}});
  active.reserved = 0;
}

// Nothing was written: the same batch may succeed later.
AppendError PartitionLog::Core::retry_later(const Error& error) const {
  return refuse(AppendFailure::DiskFull, fmt::format("{}: {}", label(), error.message));
}

AppendError PartitionLog::Core::stop_writing_locked(const Error& error) {
  if (!is_read_only_) {
    is_read_only_ = true;
    read_only_reason_ = error.message;
    log::error("partition is read-only until restart", {{"partition", label()}, {"reason", error.message}});
  }
  return refuse(AppendFailure::ReadOnly, fmt::format("{}: {}", label(), error.message));
}

// An index that could not be written is rebuilt by whoever needs it.
void PartitionLog::Core::spill_index_locked() {
  const auto entries = builder_.take();
  auto& active = active_locked();
  if (auto stored = extend_index(context_.files, active, entries, spilled_offsets_, spilled_times_); !stored) {
    log::warn("index not written", {{"partition", label()}, {"reason", stored.error().message}});
  }
  spilled_offsets_ += entries.offsets.size();
  spilled_times_ += entries.times.size();
}

Result<void> PartitionLog::Core::roll() {
  Aftermath aftermath;
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_ || is_read_only_) return fail(Code::Unavailable, "{}: closed or read-only", label());
    if (active_locked().bytes.load() == 0) return {};
    if (auto rolled = roll_locked(); !rolled) return rolled;
    if (!flush_is_running_) start_flush_locked(aftermath);
  }
  settle(std::move(aftermath));
  return {};
}

Result<void> PartitionLog::Core::roll_locked() {
  if (auto loaded = load_active_tail_locked(); !loaded) return loaded;
  auto next = make_segment(sabotaged(Sabotage::RollOffByOne) ? log_end_ + 1 : log_end_);
  if (!next) return pass(next);
  builder_.add_final_time();
  spill_index_locked();
  active_locked().max_timestamp = builder_.max_timestamp();
  if (active_locked().aborted.is_known()) {
    active_locked().aborted.open_from = producers_.open_from().value_or(AbortedSummary::kNoneOpen);
  }
  give_back_room_locked();
  if (auto written = write_snapshot_locked(log_end_); !written) {
    log::warn("producer snapshot not written", {{"partition", label()}, {"reason", written.error().message}});
  }
  segments_.push_back(std::move(*next));
  builder_ = IndexBuilder(log_end_);
  spilled_offsets_ = spilled_times_ = 0;
  first_timestamp_ = kNoTimestamp;
  directory_is_unsynced_ = true;
  // The same offset, seen from the new segment, so that what begins here needs no look at the old one.
  if (high_watermark_.offset == log_end_) high_watermark_ = log_end_place_locked();
  return {};
}

Result<std::shared_ptr<Segment>> PartitionLog::Core::make_segment(std::int64_t base_offset) {
  auto segment = std::make_shared<Segment>();
  segment->directory = directory_;
  segment->base_offset = base_offset;
  segment->file_id = context_.open_files.next_id();
  auto file = context_.files.open(segment->path(kLogSuffix), OpenMode::Create);
  if (!file) return pass(file);
  segment->aborted.count = 0;
  return segment;
}

void PartitionLog::Core::after_write_locked(std::int64_t records, std::int64_t bytes, Aftermath& aftermath) {
  constexpr std::int64_t kIntervalBytes = 1 << 20;
  const auto level = config_.effective_durability();
  if (unsynced_bytes_ == 0) {
    unsynced_since_ = context_.clock.monotonic();
    if (const auto limit = unsynced_age_max(); limit != kUnlimitedAge) context_.due_within(limit);
  }
  unsynced_bytes_ += bytes;
  unsynced_records_ += records;
  if (level != Durability::Synced) move_high_watermark_locked(log_end_place_locked(), aftermath);
  // A closed segment is synced at any level, so that recovery finds it whole.
  const bool is_due = (level == Durability::Interval && unsynced_bytes_ >= kIntervalBytes) || directory_is_unsynced_;
  if (is_due && level != Durability::Synced && !flush_is_running_) start_flush_locked(aftermath);
}

}  // namespace myelin::storage
