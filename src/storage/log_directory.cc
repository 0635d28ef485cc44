#include "storage/log_directory.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/log.h"
#include "storage/log_directory_core.h"
#include "storage/partition_files.h"

namespace myelin::storage {
namespace {

constexpr std::string_view kFormatHead = "myelin data directory, format ";
constexpr std::uint64_t kStateFileBytesMax = 4096;
constexpr std::string_view kDeleteSuffix = "-delete";
constexpr std::size_t kFileNameMax = 255;

}  // namespace

LogDirectory::Core::Core(std::string path, FileSystem& files, const Clock& clock, Executor& executor,
                         LogDirectoryOptions options)
    : path_(std::move(path)),
      log_path_(join_path(path_, "log")),
      provenance_path_(join_path(path_, "provenance")),
      state_path_(join_path(path_, "state")),
      options_(std::move(options)),
      context_(files, clock, executor, options_.open_files_max),
      clock_watch_(clock.wall(), clock.monotonic()) {
  context_.due_within = [this](std::chrono::milliseconds time) { wake_within(time); };
}

// Without close() the files stay as they are; only what runs already is waited for.
LogDirectory::Core::~Core() {
  {
    const std::lock_guard lock(house_mutex_);
    is_stopping_ = true;
  }
  house_wakes_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
  shut_all();
  context_.journal.reset();
}

Result<void> LogDirectory::Core::make_directories() {
  for (const auto& directory : {path_, state_path_, log_path_, provenance_path_}) {
    auto made = context_.files.create_directory(directory);
    if (made) continue;
    if (made.error().code == Code::Denied) {
      return fail(Code::Denied, "data directory {} can't be written: {}; check its owner and mount, or choose another",
                  path_, made.error().message);
    }
    return made;
  }
  if (auto synced = context_.files.sync_directory(path_); !synced) return synced;
  auto lock = context_.files.lock(join_path(state_path_, "lock"));
  if (lock) {
    lock_ = std::move(*lock);
    return {};
  }
  if (lock.error().code == Code::Exists) {
    return fail(Code::Exists, "data directory {} is in use by another process; stop it or choose another directory",
                path_);
  }
  if (lock.error().code == Code::Denied) {
    return fail(Code::Denied, "data directory {} can't be written: {}; check its owner and mount, or choose another",
                path_, lock.error().message);
  }
  return pass(lock);
}

Result<void> LogDirectory::Core::check_format() {
  const auto path = join_path(state_path_, "format");
  auto content = read_file(context_.files, path, kStateFileBytesMax);
  if (!content && content.error().code == Code::NotFound) {
    // First start: the names themselves must survive a power cut. A parent that may not be read was made by others.
    const auto slash = path_.rfind('/');
    const auto parent = slash == std::string::npos ? "." : path_.substr(0, std::max<std::size_t>(1, slash));
    auto synced = context_.files.sync_directory(parent);
    if (!synced && synced.error().code != Code::Denied) return synced;
    if (synced = context_.files.sync_directory(path_); !synced) return synced;
    return replace_file(context_.files, path, as_bytes(fmt::format("{}{}\n", kFormatHead, kDataFormatVersion)));
  }
  if (!content) return pass(content);
  std::string_view text = as_text(*content);
  std::uint32_t version = 0;
  const bool has_head = text.starts_with(kFormatHead);
  if (has_head) text.remove_prefix(kFormatHead.size());
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (!has_head || parsed.ec != std::errc{}) {
    return fail(Code::Corrupt, "{}: expected \"{}<number>\"; this is no data directory of Myelin, or it is damaged",
                path, kFormatHead);
  }
  if (version > kDataFormatVersion) {
    return fail(Code::Unsupported, "data directory {} has format {}, this program knows up to {}; use a newer program",
                path_, version, kDataFormatVersion);
  }
  return {};
}

// Whether the kernel was started anew since the directory was last open.
Result<bool> LogDirectory::Core::note_boot() {
  const auto path = join_path(state_path_, "boot");
  auto content = read_file(context_.files, path, kStateFileBytesMax);
  if (!content && content.error().code != Code::NotFound) return pass(content);
  const bool is_same = content && as_text(*content) == options_.boot_id;
  if (is_same) return false;
  if (auto written = replace_file(context_.files, path, as_bytes(options_.boot_id)); !written) return pass(written);
  return content.has_value();
}

Result<void> LogDirectory::Core::open() {
  if (auto made = make_directories(); !made) return made;
  if (auto checked = check_format(); !checked) return checked;
  auto is_other_boot = note_boot();
  if (!is_other_boot) return pass(is_other_boot);
  auto journal = ProvenanceJournal::open(
      provenance_path_, context_.files, context_.clock, context_.executor,
      {options_.journal_segment_bytes, options_.journal_write_ahead_bytes, options_.journal_retention});
  if (!journal) return pass(journal);
  context_.journal = std::move(*journal);
  auto journaled = context_.journal->take_recovery();
  recovery_.was_clean = journaled.was_clean;

  auto found = find_partitions(journaled);
  if (!found) return pass(found);
  recover_all(*found, journaled, *is_other_boot && !journaled.was_clean);
  if (auto taken = take_in(*found); !taken) return taken;
  std::vector<ProvenanceJournal::Uncovered> uncovered;
  for (const auto& one : *found) {
    for (const auto& stretch : one.recovered->uncovered) {
      uncovered.push_back({one.log->core().slot(), stretch.leader_epoch, stretch.base_offset, stretch.count,
                           stretch.log_bytes, stretch.writer});
    }
  }
  if (auto begun = context_.journal->begin(uncovered); !begun) return begun;
  if (options_.background_housekeeping) housekeeper_ = std::thread([this] { keep_house(); });
  return {};
}

Result<std::vector<LogDirectory::Core::Found>> LogDirectory::Core::find_partitions(const JournalRecovery& journaled) {
  auto entries = context_.files.list(log_path_);
  if (!entries) return pass(entries);
  std::vector<Found> found;
  for (const auto& entry : *entries) {
    if (!entry.is_directory) continue;
    const auto directory = join_path(log_path_, entry.name);
    if (entry.name.ends_with(kDeleteSuffix)) {
      delete_later(directory);
      continue;
    }
    const auto name = parse_partition_directory_name(entry.name);
    if (!name) {
      recovery_.ignored.push_back(fmt::format("{}: not the name of a partition", directory));
      continue;
    }
    auto topic_id = read_metadata(context_.files, directory);
    if (!topic_id) {
      // A creation that was interrupted leaves no metadata and no records.
      auto listed = list_partition(context_.files, directory);
      const bool is_leaving = topic_id.error().code == Code::NotFound && listed &&
                              std::ranges::all_of(listed->segments, [](const auto& one) { return one.second == 0; });
      if (is_leaving) {
        auto renamed = rename_for_deletion(directory, *name);
        if (!renamed) return pass(renamed);
        delete_later(*renamed);
      } else {
        recovery_.ignored.push_back(topic_id.error().message);
      }
      continue;
    }
    const auto known = journaled.partitions.find({*topic_id, name->partition});
    if (known != journaled.partitions.end() && known->second.was_removed) {
      auto renamed = rename_for_deletion(directory, *name);
      if (!renamed) return pass(renamed);
      delete_later(*renamed);
      continue;
    }
    const auto config = options_.config_of ? options_.config_of(name->topic) : LogConfig{};
    auto core = std::make_shared<PartitionLog::Core>(context_,
                                                     PartitionLog::Core::Identity{*name, *topic_id, directory}, config);
    found.push_back({std::make_shared<PartitionLog>(std::move(core)), PartitionRecovery{}});
  }
  return found;
}

// As many at a time as the executor is wide.
void LogDirectory::Core::recover_all(std::vector<Found>& found, JournalRecovery& journaled, bool page_cache_was_lost) {
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> running = std::min(context_.executor.width(), found.size());
  const auto work = [&] {
    for (auto i = next.fetch_add(1); i < found.size(); i = next.fetch_add(1)) {
      auto& core = found[i].log->core();
      PartitionLog::Core::OpenRequest request{
          .journaled = {}, .verify_everything = options_.verify_everything, .page_cache_was_lost = page_cache_was_lost};
      const auto known = journaled.partitions.find({core.identity().topic_id, core.identity().name.partition});
      if (known != journaled.partitions.end()) request.journaled = std::move(known->second);
      found[i].recovered = core.recover(std::move(request));
    }
    running.fetch_sub(1);
  };
  const auto workers = running.load();
  for (std::size_t i = 0; i < workers; ++i) context_.executor.submit(work);
  context_.executor.wait_until([&] { return running.load() == 0; });
}

Result<void> LogDirectory::Core::take_in(std::vector<Found>& found) {
  for (auto& one : found) {
    auto& core = one.log->core();
    if (!one.recovered) {
      return fail(one.recovered.error().code, "partition {} could not be opened: {}", core.label(),
                  one.recovered.error().message);
    }
    auto& report = *one.recovered;
    recovery_.partitions += 1;
    recovery_.scanned += report.was_scanned ? 1 : 0;
    recovery_.torn_bytes += report.torn_bytes;
    recovery_.lost_provenance += report.lost_provenance;
    std::ranges::move(report.damaged, std::back_inserter(recovery_.damaged));
    auto slot = context_.journal->add(core.journal_state(), core.quarantine_frames());
    if (!slot) return pass(slot);
    core.attach(*slot);
    partitions_[core.identity().name] = one.log;
  }
  return {};
}

// Returns when every append is answered and nothing runs any more.
void LogDirectory::Core::shut_all() {
  const auto all = partitions();
  for (const auto& partition : all) partition->core().shut();
  context_.executor.wait_until(
      [&] { return std::ranges::none_of(all, [](const auto& partition) { return partition->core().is_flushing(); }); });
  context_.wait_for_jobs();
}

Result<void> LogDirectory::Core::close() {
  {
    const std::lock_guard lock(house_mutex_);
    is_stopping_ = true;
  }
  house_wakes_.notify_all();
  if (housekeeper_.joinable()) housekeeper_.join();
  if (std::exchange(is_closed_, true)) return {};
  const auto all = partitions();
  for (const auto& partition : all) partition->core().shut();
  context_.executor.wait_until(
      [&] { return std::ranges::none_of(all, [](const auto& partition) { return partition->core().is_flushing(); }); });
  context_.wait_for_jobs();

  std::mutex failure_mutex;
  Result<void> outcome;
  std::atomic<std::size_t> next = 0;
  const auto workers = std::min(context_.executor.width(), all.size());
  for (std::size_t worker = 0; worker < workers; ++worker) {
    context_.run([&] {
      for (auto i = next.fetch_add(1); i < all.size(); i = next.fetch_add(1)) {
        auto finished = all[i]->core().finish();
        const std::lock_guard lock(failure_mutex);
        if (!finished && outcome) outcome = std::move(finished);
      }
    });
  }
  context_.wait_for_jobs();
  if (!outcome) return outcome;
  return context_.journal->close();
}

Result<std::vector<std::shared_ptr<PartitionLog>>> LogDirectory::Core::create_all(
    const std::vector<TopicPartition>& names, TopicId topic_id, const LogConfig& config) {
  const std::lock_guard change(changes_);
  if (is_closed_) return fail(Code::Unavailable, "storage is closed");
  std::vector<std::shared_ptr<PartitionLog>> made;
  for (const auto& name : names) {
    const auto directory_name = partition_directory_name(name);
    if (find(name)) return fail(Code::Exists, "partition {} exists already", directory_name);
    made.push_back(std::make_shared<PartitionLog>(std::make_shared<PartitionLog::Core>(
        context_, PartitionLog::Core::Identity{name, topic_id, join_path(log_path_, directory_name)}, config)));
  }
  // Side by side, because each waits for the disk several times.
  std::vector<Result<void>> outcomes(made.size());
  std::atomic<std::size_t> left = made.size();
  for (std::size_t i = 0; i < made.size(); ++i) {
    context_.run([&, i] {
      outcomes[i] = made[i]->core().create_files();
      left.fetch_sub(1);
    });
  }
  context_.executor.wait_until([&] { return left.load() == 0; });
  Result<void> outcome = context_.files.sync_directory(log_path_);
  for (auto& one : outcomes) {
    if (outcome) outcome = std::move(one);
  }
  for (std::size_t i = 0; outcome && i < made.size(); ++i) {
    auto slot = context_.journal->add(made[i]->core().journal_state(), {});
    if (!slot) outcome = pass(slot);
    if (slot) made[i]->core().attach(*slot);
  }
  if (!outcome) {
    discard(made);
    return pass(outcome);
  }
  const std::unique_lock lock(mutex_);
  for (const auto& partition : made) partitions_[partition->name()] = partition;
  return made;
}

// Partitions whose creation failed half way: their names are free again.
void LogDirectory::Core::discard(const std::vector<std::shared_ptr<PartitionLog>>& made) {
  for (const auto& partition : made) {
    auto& core = partition->core();
    core.shut();
    if (core.slot() != nullptr) {
      if (auto removed = context_.journal->remove(core.slot(), 0); !removed) {
        log::warn("journal keeps a partition that was not made", {{"partition", core.label()}});
      }
    }
    auto doomed = rename_for_deletion(core.identity().directory, core.identity().name);
    if (doomed) delete_later(*doomed);
  }
}

std::shared_ptr<PartitionLog> LogDirectory::Core::find(const TopicPartition& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = partitions_.find(name);
  return found == partitions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<PartitionLog>> LogDirectory::Core::partitions() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<PartitionLog>> all;
  all.reserve(partitions_.size());
  for (const auto& [name, partition] : partitions_) all.push_back(partition);
  return all;
}

// Kafka's form: <topic>-<partition>.<32 hex digits>-delete, the topic cut where the name gets too long.
Result<std::string> LogDirectory::Core::rename_for_deletion(const std::string& directory, const TopicPartition& name) {
  std::string unique;
  for (const auto byte : Uuid::random().bytes) unique += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  const auto ending = fmt::format("-{}.{}{}", name.partition, unique, kDeleteSuffix);
  const auto topic = std::string_view(name.topic.text()).substr(0, kFileNameMax - ending.size());
  auto doomed = join_path(log_path_, std::string(topic) + ending);
  if (auto renamed = context_.files.rename(directory, doomed); !renamed) return pass(renamed);
  return doomed;
}

void LogDirectory::Core::delete_later(const std::string& directory) {
  context_.run([this, directory] {
    auto& files = context_.files;
    Result<void> outcome = files.sync_directory(log_path_);
    auto entries = files.list(directory);
    if (!entries) outcome = pass(entries);
    for (std::size_t i = 0; outcome && i < entries->size(); ++i) {
      outcome = files.remove_file(join_path(directory, (*entries)[i].name));
    }
    if (outcome) outcome = files.remove_directory(directory);
    if (!outcome) {
      log::warn("files of a deleted partition stay until the next start",
                {{"directory", directory}, {"reason", outcome.error().message}});
    }
  });
}

Result<void> LogDirectory::Core::remove(const TopicPartition& name) {
  const std::lock_guard change(changes_);
  auto partition = find(name);
  if (!partition || is_closed_)
    return fail(Code::NotFound, "partition {} does not exist", partition_directory_name(name));
  auto& core = partition->core();
  core.shut();
  context_.executor.wait_until([&] { return !core.is_flushing(); });
  if (auto removed = context_.journal->remove(core.slot(), core.offsets().log_end); !removed) return removed;
  auto doomed = rename_for_deletion(core.identity().directory, name);
  {
    const std::unique_lock lock(mutex_);
    partitions_.erase(name);
  }
  if (!doomed) return pass(doomed);
  core.forget_files();
  delete_later(*doomed);
  return {};
}

Result<std::unique_ptr<LogDirectory>> LogDirectory::open(const std::string& path, FileSystem& files, const Clock& clock,
                                                         Executor& executor, LogDirectoryOptions options) {
  auto core = std::make_unique<Core>(path, files, clock, executor, std::move(options));
  if (auto opened = core->open(); !opened) return pass(opened);
  return std::unique_ptr<LogDirectory>(new LogDirectory(std::move(core)));
}

LogDirectory::LogDirectory(std::unique_ptr<Core> core) : core_(std::move(core)) {}
LogDirectory::~LogDirectory() = default;
Result<void> LogDirectory::close() { return core_->close(); }
Result<std::shared_ptr<PartitionLog>> LogDirectory::create(const TopicPartition& name, TopicId topic_id,
                                                           const LogConfig& config) {
  auto made = core_->create_all({name}, topic_id, config);
  if (!made) return pass(made);
  return made->front();
}
Result<std::vector<std::shared_ptr<PartitionLog>>> LogDirectory::create_all(const std::vector<TopicPartition>& names,
                                                                            TopicId topic_id, const LogConfig& config) {
  return core_->create_all(names, topic_id, config);
}
std::shared_ptr<PartitionLog> LogDirectory::find(const TopicPartition& name) const { return core_->find(name); }
std::vector<std::shared_ptr<PartitionLog>> LogDirectory::partitions() const { return core_->partitions(); }
Result<void> LogDirectory::remove(const TopicPartition& name) { return core_->remove(name); }
std::chrono::milliseconds LogDirectory::housekeep() { return core_->housekeep(); }
Result<void> LogDirectory::replay_provenance(const ProvenanceSink& sink) const {
  return core_->replay_provenance(sink);
}
Result<std::vector<CoverageFault>> LogDirectory::check_provenance(Checked which) const {
  return core_->check_provenance(which);
}
JournalSize LogDirectory::journal_size() const { return core_->journal_size(); }
const std::string& LogDirectory::log_path() const { return core_->log_path(); }
Result<DiskSpace> LogDirectory::space() const { return core_->space(); }
const RecoveryReport& LogDirectory::recovery() const { return core_->recovery(); }
bool LogDirectory::clock_is_suspect() const { return core_->clock_is_suspect(); }

}  // namespace myelin::storage
