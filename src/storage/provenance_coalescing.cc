// What becomes of sealed files of the journal: they are said in fewer bytes, and deleted when they are old.
#include <algorithm>
#include <ranges>

#include "base/check.h"
#include "storage/journal_coalescing.h"
#include "storage/provenance_journal.h"

namespace myelin::storage {
namespace {

// A quiet journal is sealed by age, so that an entry outlives the retention by no more than that.
constexpr int kFilesPerRetention = 16;
constexpr std::chrono::milliseconds kFileAgeMax = std::chrono::days(25);

}  // namespace

// Recovery goes back to sealed files until the states that begin the current one are on stable storage.
Result<void> ProvenanceJournal::settle_begin() {
  {
    const std::lock_guard lock(mutex_);
    if (synced_ >= begin_end_) return {};
  }
  return sync_all();
}

Result<void> ProvenanceJournal::seal_by_age() {
  const std::lock_guard lock(mutex_);
  const auto age = clock_.wall() - from_unix_milliseconds(file_created_ms_);
  const auto age_max = std::min(std::chrono::milliseconds(options_.retention) / kFilesPerRetention, kFileAgeMax);
  const bool is_empty = next_sequence_ == file_first_sequence_;
  if (age < age_max || is_empty || has_failed_) return {};
  return start_file({});
}

// A file's entries are older than the creation of the file after it.
std::optional<std::string> ProvenanceJournal::oldest_expired() const {
  const std::lock_guard lock(mutex_);
  if (sealed_.empty()) return std::nullopt;
  const auto next_created = sealed_.size() > 1 ? sealed_[1].created_ms : file_created_ms_;
  if (next_created >= unix_milliseconds(clock_.wall() - options_.retention)) return std::nullopt;
  return path_of(sealed_.front().first_sequence);
}

Result<void> ProvenanceJournal::expire() {
  const std::unique_lock one_at_a_time(housekeeping_mutex_, std::try_to_lock);
  if (!one_at_a_time) return {};
  if (auto sealed = seal_by_age(); !sealed) return sealed;
  if (auto settled = settle_begin(); !settled) return settled;
  const std::unique_lock files_lock(files_mutex_);
  while (const auto path = oldest_expired()) {
    if (auto removed = files_.remove_file(*path); !removed) return removed;
    const std::lock_guard lock(mutex_);
    sealed_.erase(sealed_.begin());
  }
  return {};
}

ProvenanceJournal::CoalescingPlan ProvenanceJournal::plan_coalescing() const {
  const std::lock_guard lock(mutex_);
  CoalescingPlan plan{{}, file_first_sequence_};
  if (synced_ < begin_end_) return plan;  // it was begun just now
  for (auto file = std::ranges::find(sealed_, false, &SealedFile::is_coalesced); file != sealed_.end(); ++file) {
    plan.sealed.push_back(file->first_sequence);
  }
  return plan;
}

bool ProvenanceJournal::is_coalesced(std::uint64_t first_sequence) const {
  const std::lock_guard lock(mutex_);
  const auto file = std::ranges::find(sealed_, first_sequence, &SealedFile::first_sequence);
  return file == sealed_.end() || file->is_coalesced;
}

// Written beside the readers, put in place without them.
Result<void> ProvenanceJournal::replace_by(const CoalescedFile& coalesced, std::uint64_t first_sequence) {
  const auto path = path_of(first_sequence);
  auto replaced = write_replacement(files_, path, [&](const WritePart& write) { return coalesced.write(write); });
  const std::unique_lock files_lock(files_mutex_);
  if (replaced) replaced = put_replacement(files_, path);
  if (!replaced) {
    drop_replacement(files_, path);  // the disk may be full
    return replaced;
  }
  auto size = files_.file_size(path);
  if (!size) return pass(size);
  set_coalesced(first_sequence, *size);
  return {};
}

void ProvenanceJournal::set_coalesced(std::uint64_t first_sequence, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto file = std::ranges::find(sealed_, first_sequence, &SealedFile::first_sequence);
  CHECK(file != sealed_.end());  // whoever lets files expire holds the mutex of housekeeping
  file->is_coalesced = true;
  file->bytes = bytes;
}

// From the current file back to the oldest that needs it, because later entries decide which earlier ones count: those
// that may void an entry of a sealed file lie in newer files, and what the current file's states call synced none voids
// any more.
Result<void> ProvenanceJournal::coalesce(const std::function<bool()>& shall_stop) {
  const std::unique_lock one_at_a_time(housekeeping_mutex_, std::try_to_lock);
  if (!one_at_a_time) return {};
  if (auto settled = settle_begin(); !settled) return settled;
  const auto plan = plan_coalescing();
  if (plan.sealed.empty()) return {};
  // No log end here: what lies beyond it may be an append that is being made.
  JournalCover cover([](const JournalKey&) { return std::nullopt; });
  auto current = open_until(written_end(), plan.current);
  if (!current) return pass(current);
  auto synced = synced_at_begin_of(*current);
  if (!synced) return pass(synced);
  if (!*synced) return fail(Code::Corrupt, "{}: the states that begin it can't be read", current->path());
  if (auto taken = cover.take(*current); !taken) return pass(taken);
  const auto settled_before = [&](const JournalKey& key) {
    const auto living = (*synced)->find(key);
    return living == (*synced)->end() ? INT64_MAX : living->second;
  };
  for (const auto sequence : std::views::reverse(plan.sealed)) {
    if (shall_stop()) return {};
    auto file = JournalFile::open(files_, path_of(sequence));
    if (!file) return pass(file);
    if (!file->header()) continue;
    auto counts = cover.take(*file);
    if (!counts) return pass(counts);
    if (is_coalesced(sequence)) continue;
    auto coalesced = CoalescedFile::of({*file, *counts, settled_before});
    if (!coalesced) return pass(coalesced);
    if (!*coalesced) {
      set_coalesced(sequence, file->size());  // it has to stay as it is
    } else if (auto replaced = replace_by(**coalesced, sequence); !replaced) {
      return replaced;
    }
  }
  return {};
}

}  // namespace myelin::storage
