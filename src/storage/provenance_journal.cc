#include "storage/provenance_journal.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/check.h"
#include "base/log.h"

namespace myelin::storage {
namespace {

// Addresses of attributions answered without comparing strings; connections come and go, so the table is bounded.
constexpr std::size_t kKnownAttributionsMax = 4096;

}  // namespace

ProvenanceJournal::ProvenanceJournal(std::string directory, FileSystem& files, const Clock& clock, Executor& executor,
                                     Options options)
    : directory_(std::move(directory)), files_(files), clock_(clock), executor_(executor), options_(options) {}

// A sync that runs uses this object.
ProvenanceJournal::~ProvenanceJournal() {
  executor_.wait_until([this] {
    const std::lock_guard lock(mutex_);
    return !sync_is_running_;
  });
}

Result<void> ProvenanceJournal::begin(const std::vector<Uncovered>& uncovered) {
  const std::lock_guard lock(mutex_);
  CHECK(!has_begun_);
  if (auto started = start_file(uncovered); !started) return started;
  // The first sync of an append covers this too; until then the files of the last run say the same.
  has_begun_ = true;
  return {};
}

std::string ProvenanceJournal::path_of(std::uint64_t first_sequence) const {
  return join_path(directory_, provenance::file_name(first_sequence));
}

// Seals the current file and begins the next one with the state of every partition.
Result<void> ProvenanceJournal::start_file(const std::vector<Uncovered>& uncovered) {
  // A file without an entry keeps its name for itself.
  if (file_ && next_sequence_ == file_first_sequence_) ++next_sequence_;
  const auto now = unix_milliseconds(clock_.wall());
  ByteBuffer block = encode(provenance::FileHeader{next_sequence_, now});
  for (const auto& slot : slots_) provenance::encode_to(block, slot->state);
  for (const auto& slot : slots_) {
    for (const auto& quarantine : slot->quarantines) provenance::encode_to(block, quarantine);
  }
  const auto first_sequence = next_sequence_;
  const auto writers = encode_uncovered(block, uncovered, now);
  provenance::encode_to(block, provenance::StatesEndFrame{});
  says_older_synced_ = !has_begun_;  // open() synced them
  if (says_older_synced_) provenance::encode_to(block, provenance::OlderSyncedFrame{});

  auto file = files_.open(path_of(first_sequence), OpenMode::Create);
  if (!file) return pass(file);
  if (auto cut = (*file)->truncate(0); !cut) return cut;
  const std::array parts{ByteSpan(block)};
  if (auto written = (*file)->write_at(0, parts); !written) return written;
  if (file_) {
    sealed_.push_back({file_first_sequence_, file_position_, file_created_ms_});
    unsynced_.push_back(std::move(file_));
  }
  file_ = std::move(*file);
  file_first_sequence_ = first_sequence;
  file_created_ms_ = now;
  file_position_ = block.size();
  window_.reset();
  written_ += block.size();
  begin_end_ = written_;
  directory_is_unsynced_ = true;
  attributions_ = writers;
  known_.clear();
  for (auto* slot : dirty_) slot->is_dirty = false;
  dirty_.clear();
  // Until the sealed file is safe, recovery reads it too.
  if (has_begun_ && !sync_is_running_) start_sync_locked();
  return {};
}

ProvenanceJournal::AttributionIds ProvenanceJournal::encode_uncovered(ByteBuffer& to,
                                                                      const std::vector<Uncovered>& uncovered,
                                                                      std::int64_t now_ms) {
  AttributionIds writers;
  for (const auto& stretch : uncovered) {
    const auto next_id = static_cast<std::uint32_t>(writers.size() + 1);
    const auto [writer, is_new] = writers.try_emplace(stretch.writer, next_id);
    if (is_new) provenance::encode_to(to, provenance::AttributionFrame{next_id, stretch.writer});
    const auto& state = stretch.slot->state;
    provenance::encode_to(to, provenance::AppendFrame{.sequence = next_sequence_,
                                                      .last_sequence = next_sequence_,
                                                      .topic_id = state.topic_id,
                                                      .partition = state.partition,
                                                      .leader_epoch = stretch.leader_epoch,
                                                      .base_offset = stretch.base_offset,
                                                      .count = static_cast<std::uint64_t>(stretch.count),
                                                      .log_bytes = static_cast<std::uint64_t>(stretch.log_bytes),
                                                      .attribution = writer->second,
                                                      .time_ms = now_ms,
                                                      .last_time_ms = now_ms,
                                                      .synced_offset = state.synced_offset});
    ++next_sequence_;
  }
  return writers;
}

// A failed write leaves the position where it was: the next one overwrites what it left.
Result<void> ProvenanceJournal::write(ByteSpan bytes) {
  if (has_failed_) return fail(Code::Io, "{}: an earlier sync of the journal failed; restart to recover", directory_);
  if (options_.write_ahead_bytes == 0) {
    const std::array parts{bytes};
    if (auto written = file_->write_at(file_position_, parts); !written) return written;
  } else {
    if (!window_ || file_position_ + bytes.size() > window_end_) {
      if (auto opened = open_window(bytes.size()); !opened) return opened;
    }
    if (auto written = window_->write_at(file_position_, bytes); !written) {
      window_.reset();
      return written;
    }
  }
  file_position_ += bytes.size();
  written_ += bytes.size();
  return {};
}

// The zeros claim the space, so that a full disk is met here and not by a copy into memory, and move the file's size
// once for some thousand entries.
Result<void> ProvenanceJournal::open_window(std::size_t first_bytes) {
  window_.reset();
  const ByteBuffer zeros(first_bytes + options_.write_ahead_bytes);
  const std::array ahead{ByteSpan(zeros)};
  if (auto prepared = file_->write_at(file_position_, ahead); !prepared) return prepared;
  auto window = file_->window(file_position_, zeros.size());
  if (!window) return pass(window);
  window_ = std::move(*window);
  window_end_ = file_position_ + zeros.size();
  return {};
}

Result<ProvenanceJournal::Slot*> ProvenanceJournal::add(const provenance::StateFrame& state,
                                                        std::vector<provenance::QuarantineFrame> quarantines) {
  const std::lock_guard lock(mutex_);
  if (has_begun_) {
    ByteBuffer frame;
    provenance::encode_to(frame, state);
    if (auto written = write(frame); !written) return pass(written);
  }
  auto slot = std::make_unique<Slot>();
  slot->state = state;
  slot->quarantines = std::move(quarantines);
  slots_.push_back(std::move(slot));
  return slots_.back().get();
}

Result<void> ProvenanceJournal::remove(Slot* slot, std::int64_t log_end_offset) {
  const std::lock_guard lock(mutex_);
  ByteBuffer frame;
  provenance::encode_to(frame, provenance::RemovedFrame{slot->state.topic_id, slot->state.partition, log_end_offset,
                                                        unix_milliseconds(clock_.wall())});
  if (auto written = write(frame); !written) return written;
  std::erase(dirty_, slot);
  std::erase_if(slots_, [&](const auto& owned) { return owned.get() == slot; });
  return {};
}

// The id of `attribution` in the current file; `definition` gets the frame that names it when there is none yet.
Result<std::uint32_t> ProvenanceJournal::attribution_id(const std::shared_ptr<const Attribution>& attribution,
                                                        ByteBuffer& definition) {
  if (const auto known = known_.find(attribution.get()); known != known_.end()) return known->second.second;
  const auto next_id = static_cast<std::uint32_t>(attributions_.size() + 1);
  const auto found = attributions_.find(*attribution);
  const auto id = found != attributions_.end() ? found->second : next_id;
  if (id == next_id) provenance::encode_to(definition, provenance::AttributionFrame{id, *attribution});
  return id;
}

Result<std::uint64_t> ProvenanceJournal::append(Slot& slot, const Append& entry) {
  const std::lock_guard lock(mutex_);
  CHECK(has_begun_);
  if (file_position_ + provenance::kAppendFrameSize > options_.segment_bytes) {
    if (auto started = start_file({}); !started) return pass(started);
  }
  ByteBuffer definition;
  const auto id = attribution_id(entry.attribution, definition);
  if (!id) return std::unexpected(id.error());
  auto& state = slot.state;
  const provenance::AppendFrame frame{
      .sequence = next_sequence_,
      .last_sequence = next_sequence_,
      .topic_id = state.topic_id,
      .partition = state.partition,
      .leader_epoch = entry.leader_epoch,
      .base_offset = entry.base_offset,
      .count = static_cast<std::uint64_t>(entry.count),
      .log_bytes = static_cast<std::uint64_t>(entry.log_bytes),
      .attribution = *id,
      .time_ms = unix_milliseconds(entry.time),
      .last_time_ms = unix_milliseconds(entry.time),
      .synced_offset = state.synced_offset,
  };
  if (definition.empty()) {
    std::array<std::byte, provenance::kAppendFrameSize> bytes;
    provenance::encode_append(bytes.data(), frame);
    if (auto written = write(bytes); !written) return pass(written);
  } else {
    provenance::encode_to(definition, frame);
    if (auto written = write(definition); !written) return pass(written);
    attributions_[*entry.attribution] = *id;
  }
  if (known_.size() >= kKnownAttributionsMax) known_.clear();
  known_.try_emplace(entry.attribution.get(), entry.attribution, *id);
  ++next_sequence_;
  state.covered_end = frame.next_offset();
  slot.touched = clock_.monotonic();
  mark_dirty(slot);
  return written_;
}

// The frame just written carries the newest watermark, but not its place in the log: that follows when idle.
void ProvenanceJournal::mark_dirty(Slot& slot) {
  if (!slot.is_dirty) {
    slot.is_dirty = true;
    dirty_.push_back(&slot);
  }
}

Result<void> ProvenanceJournal::write_quarantine(Slot& slot, const provenance::QuarantineFrame& quarantine) {
  const std::lock_guard lock(mutex_);
  ByteBuffer frame;
  provenance::encode_to(frame, quarantine);
  if (auto written = write(frame); !written) return written;
  std::erase_if(slot.quarantines, [&](const auto& old) { return old.first_offset == quarantine.first_offset; });
  slot.quarantines.push_back(quarantine);
  return {};
}

void ProvenanceJournal::set_synced(Slot& slot, std::int64_t synced_offset, std::int64_t segment_base,
                                   std::uint64_t segment_bytes) {
  const std::lock_guard lock(mutex_);
  if (synced_offset <= slot.state.synced_offset && segment_base <= slot.state.segment_base) return;
  slot.state.synced_offset = synced_offset;
  slot.state.segment_base = segment_base;
  slot.state.segment_bytes = segment_bytes;
  slot.touched = clock_.monotonic();
  mark_dirty(slot);
}

void ProvenanceJournal::set_leader_epoch(Slot& slot, std::int32_t leader_epoch, std::int64_t start_offset) {
  const std::lock_guard lock(mutex_);
  slot.state.leader_epoch = leader_epoch;
  slot.state.leader_epoch_start = start_offset;
  slot.touched = clock_.monotonic();
  mark_dirty(slot);
}

Result<void> ProvenanceJournal::set_log_start(Slot& slot, std::int64_t log_start_offset) {
  const std::lock_guard lock(mutex_);
  auto state = slot.state;
  state.log_start_offset = log_start_offset;
  ByteBuffer frame;
  provenance::encode_to(frame, state);
  if (auto written = write(frame); !written) return written;
  slot.state.log_start_offset = log_start_offset;
  return {};
}

std::int64_t ProvenanceJournal::covered_end(const Slot& slot) const {
  const std::lock_guard lock(mutex_);
  return slot.state.covered_end;
}

std::uint64_t ProvenanceJournal::written() const {
  const std::lock_guard lock(mutex_);
  return written_;
}

void ProvenanceJournal::sync(std::uint64_t position, SyncDone done) {
  std::unique_lock lock(mutex_);
  if (has_failed_ || synced_ >= position) {
    const bool failed = has_failed_;
    lock.unlock();
    done(failed ? Result<void>(fail(Code::Io, "{}: an earlier sync failed", directory_)) : Result<void>());
    return;
  }
  waiters_.push_back({position, std::move(done)});
  if (!sync_is_running_) start_sync_locked();
}

void ProvenanceJournal::start_sync_locked() {
  sync_is_running_ = true;
  auto files = std::exchange(unsynced_, {});
  files.push_back(file_);
  executor_.submit(
      [this, target = written_, files = std::move(files),
       directory_too = std::exchange(directory_is_unsynced_, false)] { run_sync(target, files, directory_too); });
}

void ProvenanceJournal::run_sync(std::uint64_t target, const std::vector<std::shared_ptr<File>>& files,
                                 bool directory_too) {
  Result<void> result;
  for (const auto& file : files) {
    if (result) result = file->sync_data();
  }
  if (result && directory_too) result = files_.sync_directory(directory_);

  std::vector<Waiter> ready;
  {
    const std::lock_guard lock(mutex_);
    sync_is_running_ = false;
    if (result) {
      synced_ = target;
      say_older_synced();
    } else {
      has_failed_ = true;
      log::error("sync of the provenance journal failed; nothing is acknowledged until restart",
                 {{"directory", directory_}, {"reason", result.error().message}});
    }
    std::vector<Waiter> waiting;
    for (auto& waiter : waiters_) {
      const bool must_wait = result.has_value() && waiter.position > synced_;
      (must_wait ? waiting : ready).push_back(std::move(waiter));
    }
    waiters_ = std::move(waiting);
    if (!waiters_.empty() || (result && !unsynced_.empty())) start_sync_locked();
  }
  for (auto& waiter : ready) waiter.done(result);
}

// A frame that can't be written now is written after the next sync.
void ProvenanceJournal::say_older_synced() {
  if (says_older_synced_ || !unsynced_.empty() || has_closed_) return;
  ByteBuffer frame;
  provenance::encode_to(frame, provenance::OlderSyncedFrame{});
  says_older_synced_ = write(frame).has_value();
}

Result<void> ProvenanceJournal::sync_all() {
  std::atomic<bool> is_done = false;
  Result<void> outcome;
  sync(written(), [&](const Result<void>& result) {
    outcome = result;
    is_done = true;
  });
  executor_.wait_until([&] { return is_done.load(); });
  return outcome;
}

bool ProvenanceJournal::write_idle_states(std::chrono::milliseconds idle) {
  std::uint64_t position = 0;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    if (dirty_.empty() || has_failed_) return false;
    const auto now = clock_.monotonic();
    const auto is_idle = [&](const Slot* slot) { return now - slot->touched >= idle; };
    ByteBuffer frames;
    for (const auto* slot : dirty_) {
      if (is_idle(slot)) provenance::encode_to(frames, slot->state);
    }
    if (frames.empty()) return true;
    if (auto written = write(frames); !written) {
      log::warn("the provenance journal could not be written", {{"reason", written.error().message}});
      return true;
    }
    std::erase_if(dirty_, [&](Slot* slot) {
      if (!is_idle(slot)) return false;
      slot->is_dirty = false;
      return true;
    });
    position = written_;
    more = !dirty_.empty();
  }
  // A failure is remembered by the journal and met by the next append.
  sync(position, [](const Result<void>&) {});
  return more;
}

Result<void> ProvenanceJournal::close() {
  {
    const std::lock_guard lock(mutex_);
    ByteBuffer frames;
    for (const auto* slot : dirty_) provenance::encode_to(frames, slot->state);
    provenance::encode_to(frames, provenance::CleanStopFrame{unix_milliseconds(clock_.wall())});
    if (auto written = write(frames); !written) return written;
    for (auto* slot : dirty_) slot->is_dirty = false;
    dirty_.clear();
    has_closed_ = true;
  }
  return sync_all();
}

JournalSize ProvenanceJournal::size() const {
  const std::lock_guard lock(mutex_);
  JournalSize size{sealed_.size() + 1, file_position_, next_sequence_};
  for (const auto& file : sealed_) size.bytes += file.bytes;
  return size;
}

}  // namespace myelin::storage
