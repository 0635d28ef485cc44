#include "transfer/import.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/broker/offline_data.h"
#include "engine/broker/topic_config.h"
#include "transfer/import_mark.h"

namespace myelin::transfer {
namespace {

using engine::broker::OfflineData;

// One run, step after step.
class Import {
 public:
  Import(const ImportOptions& options, const ImportTools& tools, const ImportWatch& watch, SourceCluster source)
      : options_(options), tools_(tools), watch_(watch), source_(std::move(source)) {}

  Result<ImportReport> run() {
    using Step = Result<void> (Import::*)();
    for (const Step step : {&Import::look_around, &Import::claim, &Import::make_topics, &Import::copy,
                            &Import::bring_commits, &Import::compare_all, &Import::finish}) {
      if (auto done = (this->*step)(); !done) return pass(done);
    }
    return std::move(report_);
  }

 private:
  Result<void> look_around();
  Result<void> claim();
  Result<void> make_topics();
  Result<void> copy();
  Result<void> bring_commits();
  Result<void> compare_all();
  Result<void> finish();
  engine::broker::ConfigOverrides settings_of(const SourceTopic& topic);
  std::int64_t note_producers();

  const ImportOptions& options_;
  const ImportTools& tools_;
  const ImportWatch& watch_;
  SourceCluster source_;
  std::vector<SourceTopic> topics_;
  std::unique_ptr<OfflineData> data_;
  std::vector<CopyJob> jobs_;
  std::map<std::string, TopicId, std::less<>> ids_;   // of the topics here
  std::map<std::string, std::size_t> settings_left_;  // by what to say, at how many topics
  ImportReport report_;
};

Result<void> Import::look_around() {
  report_.cluster = source_.id();
  auto all = source_.topics();
  if (!all) return pass(all);
  std::set<std::string, std::less<>> wanted(options_.topics.begin(), options_.topics.end());
  for (auto& topic : *all) {
    if (!options_.topics.empty() && wanted.erase(topic.name) == 0) continue;
    if (engine::broker::is_internal_name(topic.name)) {
      report_.notes.push_back(fmt::format("topic {}: left, names that begin with __ belong to the server", topic.name));
      continue;
    }
    topics_.push_back(std::move(topic));
  }
  if (!wanted.empty()) return fail(Code::NotFound, "topic {} is not at the source", *wanted.begin());
  report_.topics = topics_.size();
  return {};
}

// The directory is new, or one that this cluster was brought into before.
Result<void> Import::claim() {
  auto mark = read_mark(tools_.files, options_.data_directory);
  if (!mark) return pass(mark);
  const auto here = tools_.files.list(options_.data_directory);
  const bool is_used = here && std::ranges::any_of(*here, [](const auto& entry) { return entry.name == "log"; });
  if (!*mark && is_used) {
    return fail(Code::Denied, "{} has been served; an import needs a new directory, or one that it began itself",
                options_.data_directory);
  }
  if (*mark && (*mark)->cluster != source_.id()) {
    return fail(Code::Denied, "{} holds what came from cluster {}, not {}; import into a new directory",
                options_.data_directory, (*mark)->cluster, source_.id());
  }
  for (const auto& path : {options_.data_directory, storage::join_path(options_.data_directory, "state")}) {
    auto made = tools_.files.create_directory(path);
    if (!made && made.error().code != Code::Exists) return made;
  }
  if (auto written = write_mark(tools_.files, options_.data_directory, {source_.id(), false}); !written) return written;
  auto data = OfflineData::open(options_.data_directory, tools_.files, tools_.clock, tools_.executor);
  if (!data) return pass(data);
  data_ = *std::move(data);
  return {};
}

// The topic's own, and what the brokers were set to unless it is what topics here have anyway.
engine::broker::ConfigOverrides Import::settings_of(const SourceTopic& topic) {
  engine::broker::ConfigOverrides settings;
  const auto take = [&](const std::string& name, const std::string& value) {
    if (auto checked = engine::broker::check_topic_config(name, value); !checked) {
      ++settings_left_[fmt::format("{}={}: {}", name, value, checked.error().message)];
    } else {
      settings.emplace(name, value);
    }
  };
  for (const auto& [name, value] : topic.configs) take(name, value);
  for (const auto& [name, value] : topic.broker_configs) {
    const auto* known = engine::broker::find_topic_config(name);
    if (known == nullptr || known->default_value != value) take(name, value);
  }
  return settings;
}

Result<void> Import::make_topics() {
  for (const auto& topic : topics_) {
    engine::broker::NewTopic wanted{TopicName(topic.name), static_cast<std::int32_t>(topic.partitions.size()),
                                    settings_of(topic)};
    if (!topic.id.is_zero()) wanted.id = topic.id;
    auto made = data_->ensure(wanted);
    if (!made && made.error().code == Code::Exists) {
      return fail(Code::Exists, "{}; import into a new directory", made.error().message);
    }
    if (!made) return pass(made);
    ids_.emplace(topic.name, (*made)->id);
    for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
      jobs_.push_back({&topic, static_cast<std::int32_t>(number), (*made)->partitions[number]});
    }
  }
  for (const auto& [what, count] : settings_left_) {
    report_.notes.push_back(fmt::format("setting {} (at {} topics; left)", what, count));
  }
  return {};
}

Result<void> Import::copy() {
  watch_.step("copying");
  return PartitionCopier(source_, watch_.copied).copy(jobs_);
}

Result<void> Import::bring_commits() {
  watch_.step("copying group offsets");
  auto commits = source_.commits();
  if (!commits) return pass(commits);
  OfflineData::Commits ours;
  for (auto& commit : *commits) {
    const auto id = ids_.find(commit.topic);
    if (id == ids_.end()) continue;
    engine::groups::CommittedOffset offset;
    offset.offset = commit.offset;
    offset.leader_epoch = commit.leader_epoch;
    offset.metadata = std::move(commit.metadata);
    offset.committed_at = tools_.clock.wall();
    offset.topic_id = id->second;
    ours.emplace_back(engine::groups::OffsetKey{GroupName(commit.group), TopicName(commit.topic), commit.partition},
                      std::move(offset));
  }
  report_.commits = ours.size();
  return data_->commit(ours);
}

Result<void> Import::compare_all() {
  watch_.step("comparing");
  for (const auto& job : jobs_) {
    auto compared = compare(source_, job);
    if (!compared) return pass(compared);
    report_.partitions.push_back(*std::move(compared));
    watch_.compared(report_.partitions.size(), jobs_.size());
  }
  return {};
}

// The id behind the last producer's.
std::int64_t Import::note_producers() {
  std::int64_t end = 0;
  for (const auto& job : jobs_) {
    for (const auto& producer : job.log->producers()) {
      end = std::max(end, producer.producer_id + 1);
      if (producer.transaction_start < 0) continue;
      report_.open_transactions.push_back(fmt::format("{}: producer {} since offset {}", job.label(),
                                                      producer.producer_id, producer.transaction_start));
    }
  }
  return end;
}

Result<void> Import::finish() {
  if (auto reserved = data_->reserve_producer_ids_below(note_producers()); !reserved) return reserved;
  if (auto closed = data_->close(); !closed) return closed;
  if (!report_.is_complete()) return {};
  return write_mark(tools_.files, options_.data_directory, {source_.id(), true});
}

}  // namespace

bool ImportReport::is_complete() const {
  return open_transactions.empty() &&
         std::ranges::all_of(partitions, [](const auto& one) { return one.difference.empty(); });
}

Result<ImportReport> import_kafka(const ImportOptions& options, const ImportTools& tools, const ImportWatch& watch) {
  auto source = SourceCluster::open(options.source);
  if (!source) return pass(source);
  return Import(options, tools, watch, *std::move(source)).run();
}

}  // namespace myelin::transfer
