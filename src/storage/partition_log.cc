#include "storage/partition_log.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "storage/partition_core.h"

namespace myelin::storage {

PartitionLog::Core::Core(StorageContext& context, Identity identity, const LogConfig& config)
    : context_(context),
      identity_(std::move(identity)),
      directory_(std::make_shared<const std::string>(identity_.directory)),
      config_(config) {}

std::string PartitionLog::Core::label() const {
  return fmt::format("{}-{}", identity_.name.topic.text(), identity_.name.partition);
}

LogConfig PartitionLog::Core::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

void PartitionLog::Core::set_config(const LogConfig& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
}

PartitionLog::Core::Offsets PartitionLog::Core::offsets() const {
  const std::lock_guard lock(mutex_);
  return {log_start_, high_watermark_.offset, last_stable_locked(), log_end_, synced_.offset};
}

std::int64_t PartitionLog::Core::log_bytes() const {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (const auto& segment : segments_) bytes += static_cast<std::int64_t>(segment->bytes.load());
  return bytes;
}

std::int32_t PartitionLog::Core::leader_epoch() const {
  const std::lock_guard lock(mutex_);
  return leader_epoch_;
}

EpochEnd PartitionLog::Core::end_offset_for_epoch(std::int32_t leader_epoch) const {
  const std::lock_guard lock(mutex_);
  return epochs_.end_of(leader_epoch, log_end_);
}

std::vector<PartitionLog::Producer> PartitionLog::Core::producers() const {
  const std::lock_guard lock(mutex_);
  std::vector<PartitionLog::Producer> producers;
  for (const auto& [producer_id, entry] : producers_.entries()) {
    const auto& last = entry.last();
    producers.push_back({.producer_id = producer_id,
                         .epoch = entry.epoch,
                         .last_sequence = last.last_sequence,
                         .last_offset = last.last_offset,
                         .last_timestamp = entry.last_timestamp,
                         .coordinator_epoch = entry.coordinator_epoch,
                         .transaction_start = entry.transaction_start});
  }
  std::ranges::sort(producers, {}, &PartitionLog::Producer::producer_id);
  return producers;
}

PartitionLog::Watch PartitionLog::Core::watch(Isolation isolation, std::int64_t offset,
                                              std::move_only_function<void()> moved) {
  {
    const std::lock_guard lock(mutex_);
    const auto end = isolation == Isolation::ReadCommitted ? last_stable_locked() : high_watermark_.offset;
    if (!is_shut_ && end <= offset) {
      const auto id = next_watch_++;
      watchers_.push_back({id, isolation, offset, std::move(moved)});
      return id;
    }
  }
  moved();
  return 0;
}

bool PartitionLog::Core::unwatch(PartitionLog::Watch watch) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(watchers_, [&](const Watcher& watcher) { return watcher.id == watch; }) > 0;
}

PartitionLog::PartitionLog(std::shared_ptr<Core> core) : core_(std::move(core)) {}
PartitionLog::~PartitionLog() = default;

const TopicPartition& PartitionLog::name() const { return core_->identity().name; }
TopicId PartitionLog::topic_id() const { return core_->identity().topic_id; }
LogConfig PartitionLog::config() const { return core_->config(); }
void PartitionLog::set_config(const LogConfig& config) { core_->set_config(config); }
void PartitionLog::append(AppendRequest request, AppendDone done) {
  core_->append(std::move(request), std::move(done));
}
void PartitionLog::append_marker(MarkerRequest request, AppendDone done) {
  core_->append_marker(request, std::move(done));
}
void PartitionLog::copy(CopyRequest request, AppendDone done) { core_->copy(std::move(request), std::move(done)); }
void PartitionLog::fill_to(std::int64_t offset, std::shared_ptr<const Attribution> filler, AppendDone done) {
  core_->fill_to(offset, filler, std::move(done));
}
ReadOutcome PartitionLog::read(const ReadRequest& request) const { return core_->read(request); }
std::int64_t PartitionLog::log_start_offset() const { return core_->offsets().log_start; }
std::int64_t PartitionLog::high_watermark() const { return core_->offsets().high_watermark; }
std::int64_t PartitionLog::last_stable_offset() const { return core_->offsets().last_stable; }
std::int64_t PartitionLog::log_end_offset() const { return core_->offsets().log_end; }
std::int64_t PartitionLog::synced_offset() const { return core_->offsets().synced; }
std::int64_t PartitionLog::log_bytes() const { return core_->log_bytes(); }
std::int32_t PartitionLog::leader_epoch() const { return core_->leader_epoch(); }
EpochEnd PartitionLog::end_offset_for_epoch(std::int32_t epoch) const { return core_->end_offset_for_epoch(epoch); }
Result<std::optional<SharedBytes>> PartitionLog::batch_for_timestamp(std::int64_t timestamp) const {
  return core_->batch_for_timestamp(timestamp);
}
Result<std::optional<SharedBytes>> PartitionLog::batch_with_max_timestamp() const {
  return core_->batch_with_max_timestamp();
}
PartitionLog::Watch PartitionLog::watch_high_watermark(std::int64_t offset, std::move_only_function<void()> moved) {
  return core_->watch(Isolation::ReadUncommitted, offset, std::move(moved));
}
PartitionLog::Watch PartitionLog::watch_last_stable_offset(std::int64_t offset, std::move_only_function<void()> moved) {
  return core_->watch(Isolation::ReadCommitted, offset, std::move(moved));
}
bool PartitionLog::unwatch(Watch watch) { return core_->unwatch(watch); }
Result<std::int64_t> PartitionLog::delete_records_before(std::int64_t offset) {
  return core_->delete_records_before(offset);
}
Result<void> PartitionLog::roll() { return core_->roll(); }
std::vector<Quarantine> PartitionLog::quarantined() const { return core_->quarantined(); }
Result<void> PartitionLog::skip_quarantine(std::int64_t first_offset) { return core_->skip_quarantine(first_offset); }
Result<std::vector<Quarantine>> PartitionLog::verify(const ReadStep& step) { return core_->verify(step); }
std::vector<PartitionLog::Producer> PartitionLog::producers() const { return core_->producers(); }

Result<SharedBytes> read_bytes(const Payload& payload) {
  if (const auto* bytes = std::get_if<SharedBytes>(&payload)) return *bytes;
  const auto& range = std::get<FileRange>(payload);
  ByteBuffer buffer(range.length);
  std::size_t done = 0;
  while (done < buffer.size()) {
    const auto got = ::pread(range.file->descriptor(), buffer.data() + done, buffer.size() - done,
                             static_cast<off_t>(range.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", "a segment file", errno);
    if (got == 0) return fail(Code::Corrupt, "a segment file ends {} bytes too early", buffer.size() - done);
    done += static_cast<std::size_t>(got);
  }
  return SharedBytes(std::move(buffer));
}

}  // namespace myelin::storage
