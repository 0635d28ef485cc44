// Reading the journal: what recovery needs from its newest files, and the replay of all of them.
#include <algorithm>
#include <ranges>

#include "base/log.h"
#include "storage/provenance_journal.h"

namespace myelin::storage {
namespace {

using provenance::AppendFrame;
using provenance::AttributionFrame;
using provenance::Frame;

struct FileStart {
  bool has_states = false;  // the whole block of them
  bool older_are_synced = false;
};

Result<FileStart> start_of(const JournalFile& file) {
  FileStart start;
  auto read = file.read_frames([&](const Frame& frame) {
    start.has_states = start.has_states || std::holds_alternative<provenance::StatesEndFrame>(frame);
    start.older_are_synced = start.older_are_synced || std::holds_alternative<provenance::OlderSyncedFrame>(frame);
  });
  if (!read) return pass(read);
  return start;
}

// First sequences of the journal files, ascending.
Result<std::vector<std::uint64_t>> list_files(FileSystem& files, const std::string& directory) {
  auto entries = files.list(directory);
  if (!entries) return pass(entries);
  std::vector<std::uint64_t> sequences;
  for (const auto& entry : *entries) {
    if (const auto sequence = provenance::parse_file_name(entry.name)) sequences.push_back(*sequence);
  }
  std::ranges::sort(sequences);
  return sequences;
}

// Applies the frames of one file.
struct Applier {
  JournalRecovery& recovery;
  std::uint64_t& next_sequence;
  bool is_behind_states = false;

  JournaledPartition& at(const TopicId& topic_id, std::int32_t partition) const {
    return recovery.partitions[{topic_id, partition}];
  }
  void operator()(const AttributionFrame&) const {}
  void operator()(const provenance::StatesEndFrame&) { is_behind_states = true; }
  void operator()(const provenance::CleanStopFrame&) const { recovery.was_clean = true; }
  void operator()(const provenance::OlderSyncedFrame&) const {}
  void operator()(const AppendFrame& frame) const {
    next_sequence = std::max(next_sequence, frame.last_sequence + 1);
    if (!is_behind_states) return;  // of what an earlier recovery found uncovered: the state knows
    auto& partition = at(frame.topic_id, frame.partition);
    // The log never goes back behind that, so the entry only says once more what an earlier one said.
    if (frame.next_offset() > partition.known_until) partition.appends.push_back(frame);
    partition.state.synced_offset = std::max(partition.state.synced_offset, frame.synced_offset);
  }
  void operator()(const provenance::StateFrame& frame) const {
    auto& partition = at(frame.topic_id, frame.partition);
    const auto synced = std::max(partition.state.synced_offset, frame.synced_offset);
    if (!partition.has_state) partition.covered_before = frame.covered_end;
    partition.state = frame;
    partition.state.synced_offset = synced;
    partition.known_until = std::max(partition.known_until, frame.synced_offset);
    partition.has_state = true;
    partition.was_removed = false;
    // Entries that lie below the watermark need no second look; the others may have to be matched with the log.
    std::erase_if(partition.appends, [&](const AppendFrame& old) { return old.next_offset() <= frame.synced_offset; });
  }
  void operator()(const provenance::QuarantineFrame& frame) const {
    auto& all = at(frame.topic_id, frame.partition).quarantines;
    std::erase_if(all, [&](const auto& old) { return old.first_offset == frame.first_offset; });
    all.push_back(frame);
  }
  void operator()(const provenance::RemovedFrame& frame) const {
    auto& partition = at(frame.topic_id, frame.partition);
    partition = {};
    partition.was_removed = true;
  }
};

ProvenanceEntry entry_of(const AppendFrame& append) {
  return {.sequence = append.sequence,
          .topic_id = append.topic_id,
          .partition = append.partition,
          .leader_epoch = append.leader_epoch,
          .base_offset = append.base_offset,
          .count = static_cast<std::int64_t>(append.count),
          .log_bytes = static_cast<std::int64_t>(append.log_bytes),
          .time = from_unix_milliseconds(append.time_ms),
          .last_time = from_unix_milliseconds(append.last_time_ms)};
}

// Those entries of a file that count. What was written to it since `counts` was made is left out.
Result<void> replay_file(const JournalFile& file, const std::vector<bool>& counts, const ProvenanceSink& sink) {
  static const Attribution kLost = lost_in_power_cut();
  std::unordered_map<std::uint32_t, Attribution> attributions;
  std::size_t entry = 0;
  auto read = file.read_frames([&](const Frame& frame) {
    if (const auto* named = std::get_if<AttributionFrame>(&frame)) attributions[named->id] = named->attribution;
    const auto* append = std::get_if<AppendFrame>(&frame);
    if (append == nullptr || entry >= counts.size()) return;
    const bool is_counted = counts[entry];
    ++entry;
    if (!is_counted) return;
    const auto who = attributions.find(append->attribution);
    sink(who == attributions.end() ? kLost : who->second, entry_of(*append));
  });
  if (!read) return pass(read);
  return {};
}

}  // namespace

Result<std::unique_ptr<ProvenanceJournal>> ProvenanceJournal::open(std::string directory, FileSystem& files,
                                                                   const Clock& clock, Executor& executor,
                                                                   const Options& options) {
  std::unique_ptr<ProvenanceJournal> journal(
      new ProvenanceJournal(std::move(directory), files, clock, executor, options));
  if (auto read = journal->read_files(); !read) return pass(read);
  return journal;
}

// The newest file that begins with a whole block of states; and before it those that were not known to be safe: a power
// cut can spare a newer file and take a piece of an older one, of which the states of the newer one know nothing.
Result<std::size_t> ProvenanceJournal::first_file_of_recovery(const std::vector<std::uint64_t>& sequences) const {
  bool has_states = false;
  for (auto first = sequences.size(); first > 0; --first) {
    auto file = JournalFile::open(files_, path_of(sequences[first - 1]));
    if (!file) return pass(file);
    if (has_states && file->header() && file->header()->is_coalesced) return first;  // it was safe before that
    auto start = start_of(*file);
    if (!start) return pass(start);
    has_states = has_states || start->has_states;
    if (start->has_states && start->older_are_synced) return first - 1;
  }
  return 0;
}

Result<void> ProvenanceJournal::read_files() {
  auto sequences = list_files(files_, directory_);
  if (!sequences) return pass(sequences);
  auto first = first_file_of_recovery(*sequences);
  if (!first) return pass(first);
  for (auto i = *first; i < sequences->size(); ++i) {
    recovery_.was_clean = false;
    auto read = read_file_into_recovery(provenance::file_name((*sequences)[i]));
    if (!read) return pass(read);
  }
  for (const auto sequence : *sequences) {
    auto file = JournalFile::open(files_, path_of(sequence));
    if (!file) return pass(file);
    const auto& header = file->header();
    const bool is_coalesced = !header || header->is_coalesced;
    // A run that was killed may have left entries that only the page cache has, and logs that recovery syncs.
    if (!is_coalesced) {
      if (auto synced = file->sync(); !synced) return synced;
    }
    sealed_.push_back({.first_sequence = sequence,
                       .bytes = file->size(),
                       .created_ms = header ? header->created_ms : unix_milliseconds(clock_.wall()),
                       .is_coalesced = is_coalesced});
    // Sequences are never used twice, even when the newest file says nothing any more.
    next_sequence_ = std::max(next_sequence_, sequence + 1);
  }
  return {};
}

Result<void> ProvenanceJournal::read_file_into_recovery(const std::string& name) {
  auto file = JournalFile::open(files_, join_path(directory_, name));
  if (!file) return pass(file);
  if (!file->header()) {
    log::warn("a journal file has no readable header", {{"file", name}, {"directory", directory_}});
    recovery_.damaged_bytes += file->size();
    return {};
  }
  Applier apply{recovery_, next_sequence_};
  const auto end = file->read_frames([&](const Frame& frame) {
    // Only the last frame of all says how the run ended.
    recovery_.was_clean = false;
    std::visit(apply, frame);
  });
  if (!end) return std::unexpected(end.error());
  recovery_.damaged_bytes += end->damaged_bytes;
  if (end->has_tail_damage) recovery_.was_clean = false;
  return {};
}

ProvenanceJournal::WrittenEnd ProvenanceJournal::written_end() const {
  const std::lock_guard lock(mutex_);
  return {file_first_sequence_, file_position_};
}

Result<JournalFile> ProvenanceJournal::open_until(const WrittenEnd& end, std::uint64_t first_sequence) const {
  return JournalFile::open(files_, path_of(first_sequence),
                           first_sequence == end.first_sequence ? end.position : UINT64_MAX);
}

Result<ProvenanceJournal::Snapshot> ProvenanceJournal::snapshot() const {
  Snapshot snapshot{std::shared_lock(files_mutex_), written_end(), {}};
  auto sequences = list_files(files_, directory_);
  if (!sequences) return pass(sequences);
  snapshot.sequences = *std::move(sequences);
  // Begun since.
  std::erase_if(snapshot.sequences, [&](std::uint64_t sequence) { return sequence > snapshot.written.first_sequence; });
  return snapshot;
}

Result<std::vector<std::vector<bool>>> ProvenanceJournal::judge(const Snapshot& snapshot, JournalCover& cover) const {
  std::vector<std::vector<bool>> counting;
  for (const auto sequence : std::views::reverse(snapshot.sequences)) {
    auto file = open_until(snapshot.written, sequence);
    if (!file) return pass(file);
    auto counts = cover.take(*file);
    if (!counts) return pass(counts);
    counting.push_back(*std::move(counts));
  }
  return counting;
}

Result<void> ProvenanceJournal::replay(const LogEndOf& log_end_of, const ProvenanceSink& sink) const {
  auto snapshot = this->snapshot();
  if (!snapshot) return pass(snapshot);
  JournalCover cover(log_end_of);
  auto counting = judge(*snapshot, cover);
  if (!counting) return pass(counting);
  for (const auto sequence : snapshot->sequences) {
    auto file = open_until(snapshot->written, sequence);
    if (!file) return pass(file);
    if (auto replayed = replay_file(*file, counting->back(), sink); !replayed) return replayed;
    counting->pop_back();
  }
  return {};
}

Result<JournalCover::Covers> ProvenanceJournal::covers(const LogEndOf& log_end_of,
                                                       const std::function<bool(const JournalKey&)>& wanted) const {
  auto snapshot = this->snapshot();
  if (!snapshot) return pass(snapshot);
  JournalCover cover(log_end_of, wanted);
  if (auto judged = judge(*snapshot, cover); !judged) return pass(judged);
  return cover.covers();
}

}  // namespace myelin::storage
