#include "transfer/export.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "engine/broker/offline_data.h"
#include "transfer/group_offsets.h"
#include "transfer/import_mark.h"
#include "transfer/kafka_metadata.h"

namespace myelin::transfer {
namespace {

namespace fs = std::filesystem;
using engine::broker::OfflineData;
using storage::join_path;

// What every Kafka 4 knows: metadata.version 4.0-IV3, groups of the newer protocol, transactions with an epoch each.
struct Feature {
  std::string_view name;
  std::int16_t level;
};
constexpr std::array kFeatures{Feature{"metadata.version", 25}, Feature{"group.version", 1},
                               Feature{"transaction.version", 2}};
constexpr std::string_view kOwnSettings = "myelin.";
constexpr std::string_view kOwnTopics = "__myelin_";
constexpr std::array<std::string_view, 5> kCopiedEndings{".log", ".index", ".timeindex", ".txnindex", ".snapshot"};
constexpr std::array<std::string_view, 2> kCopiedFiles{"leader-epoch-checkpoint", "partition.metadata"};

constexpr std::string_view kFirstSegment = "00000000000000000000.log";

bool holds(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// One partition, as far as it is said in files that Kafka keeps for all of them.
struct Exported {
  std::string topic;
  std::int32_t partition = 0;
  TopicId topic_id;
  std::int32_t leader_epoch = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
};

class Export {
 public:
  Export(const ExportOptions& options, const ExportTools& tools) : options_(options), tools_(tools) {}

  Result<ExportReport> run() {
    using Step = Result<void> (Export::*)();
    // meta.properties comes last: Kafka does not start without it.
    for (const Step step : {&Export::check_directories, &Export::look, &Export::copy_partitions,
                            &Export::write_group_offsets, &Export::write_checkpoints, &Export::write_metadata}) {
      if (auto done = (this->*step)(); !done) return pass(done);
    }
    return std::move(report_);
  }

 private:
  Result<void> check_directories();
  Result<void> look();
  Result<void> look_at(const engine::broker::Topic& topic);
  Result<void> copy_partitions();
  Result<void> copy_partition(const std::string& name);
  Result<void> write_group_offsets();
  Result<void> write_checkpoints();
  Result<void> write_metadata();
  Result<void> write(const std::string& path, ByteSpan content) {
    return storage::replace_file(tools_.files, join_path(options_.to, path), content);
  }

  const ExportOptions& options_;
  const ExportTools& tools_;
  std::unique_ptr<OfflineData> data_;
  std::vector<engine::broker::TopicPointer> topics_;
  std::vector<Exported> partitions_;
  OfflineData::Commits commits_;
  std::int64_t next_producer_id_ = 0;
  std::string log_path_;
  ExportReport report_;
};

Result<void> Export::check_directories() {
  std::error_code problem;
  if (!fs::is_directory(join_path(options_.data_directory, "log"), problem)) {
    return fail(Code::NotFound, "--data {}: there is no data directory", options_.data_directory);
  }
  const auto mark = read_mark(tools_.files, options_.data_directory);
  if (!mark) return std::unexpected(mark.error());
  if (*mark && !(*mark)->is_complete) {
    return fail(Code::Denied, "{}: its import is not complete; run `myelin import kafka` again first",
                options_.data_directory);
  }
  if (fs::exists(options_.to, problem) && !fs::is_empty(options_.to, problem)) {
    return fail(Code::Exists, "--to {}: there is something; name a new directory", options_.to);
  }
  fs::create_directories(options_.to, problem);
  if (problem) return fail(Code::Io, "--to {}: {}", options_.to, problem.message());
  return {};
}

// Takes everything from the data directory, then leaves it as after a clean stop, still locked: indexes are on the
// disk.
Result<void> Export::look() {
  auto data = OfflineData::open(options_.data_directory, tools_.files, tools_.clock, tools_.executor);
  if (!data) return pass(data);
  data_ = *std::move(data);
  report_.cluster = data_->cluster_id().text();
  log_path_ = data_->logs().log_path();
  for (const auto& topic : data_->topics()) {
    if (topic->name.text().starts_with(kOwnTopics)) continue;
    if (auto looked = look_at(*topic); !looked) return looked;
    topics_.push_back(topic);
  }
  auto commits = data_->committed();
  if (!commits) return pass(commits);
  commits_ = *std::move(commits);
  report_.commits = commits_.size();
  auto next = data_->next_producer_id();
  if (!next) return pass(next);
  next_producer_id_ = *next;
  return data_->close();
}

Result<void> Export::look_at(const engine::broker::Topic& topic) {
  for (const auto& log : topic.partitions) {
    const auto number = log->name().partition;
    if (!log->quarantined().empty()) {
      return fail(Code::Corrupt, "{}-{} has damaged records; see `myelin topics repair {}`", topic.name.text(), number,
                  topic.name.text());
    }
    for (const auto& producer : log->producers()) {
      if (producer.transaction_start < 0) continue;
      return fail(
          Code::Unavailable,
          "{}-{}: producer {} has a transaction open since offset {}; serve the directory until it is over, and "
          "stop it then",
          topic.name.text(), number, producer.producer_id, producer.transaction_start);
    }
    partitions_.push_back(
        {topic.name.text(), number, topic.id, log->leader_epoch(), log->log_start_offset(), log->log_end_offset()});
    if (!engine::broker::is_internal_name(topic.name.text())) {
      report_.bytes += static_cast<std::uint64_t>(log->log_bytes());
      ++report_.partitions;
    }
  }
  if (!engine::broker::is_internal_name(topic.name.text())) ++report_.topics;
  return {};
}

Result<void> Export::copy_partitions() {
  for (auto& partition : partitions_) {
    if (partition.topic == engine::broker::kOffsetsTopic) continue;
    const auto name = fmt::format("{}-{}", partition.topic, partition.partition);
    if (auto copied = copy_partition(name); !copied) return copied;
  }
  return {};
}

Result<void> Export::copy_partition(const std::string& name) {
  const fs::path from = join_path(log_path_, name);
  const fs::path to = join_path(options_.to, name);
  std::error_code problem;
  fs::create_directory(to, problem);
  for (const auto& entry : fs::directory_iterator(from, problem)) {
    const auto file = entry.path().filename().string();
    const auto ending = entry.path().extension().string();
    const bool is_wanted = holds(kCopiedEndings, ending) || holds(kCopiedFiles, file);
    if (!is_wanted) continue;
    fs::copy_file(entry.path(), to / file, problem);
    if (problem) break;
    auto copied = tools_.files.open((to / file).string(), storage::OpenMode::Read);
    if (!copied) return pass(copied);
    if (auto synced = (*copied)->sync_data(); !synced) return synced;
  }
  if (problem) return fail(Code::Io, "copying {} to {}: {}", from.string(), to.string(), problem.message());
  return tools_.files.sync_directory(to.string());
}

// Anew, because what stands there is more than every Kafka 4 understands: records of ours, and members that are gone.
Result<void> Export::write_group_offsets() {
  for (auto& partition : partitions_) {
    if (partition.topic != engine::broker::kOffsetsTopic) continue;
    const auto name = fmt::format("{}-{}", partition.topic, partition.partition);
    std::error_code problem;
    fs::create_directory(join_path(options_.to, name), problem);
    const auto segment = group_offsets_segment(commits_);
    if (auto written = write(join_path(name, std::string(kFirstSegment)), segment); !written) {
      return written;
    }
    const auto metadata = fmt::format("version: 0\ntopic_id: {}", partition.topic_id.text());
    if (auto written = write(join_path(name, "partition.metadata"), as_bytes(metadata)); !written) return written;
    partition.start = 0;
    partition.end = static_cast<std::int64_t>(commits_.size());
  }
  return {};
}

// What a Kafka that stopped leaves beside the partitions.
Result<void> Export::write_checkpoints() {
  std::string starts;
  std::string ends;
  std::size_t started = 0;
  for (const auto& partition : partitions_) {
    ends += fmt::format("{} {} {}\n", partition.topic, partition.partition, partition.end);
    if (partition.start == 0) continue;
    starts += fmt::format("{} {} {}\n", partition.topic, partition.partition, partition.start);
    ++started;
  }
  const auto ends_file = fmt::format("0\n{}\n{}", partitions_.size(), ends);
  for (const auto* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint"}) {
    if (auto written = write(name, as_bytes(ends_file)); !written) return written;
  }
  const auto starts_file = fmt::format("0\n{}\n{}", started, starts);
  if (auto written = write("log-start-offset-checkpoint", as_bytes(starts_file)); !written) return written;
  return write(".kafka_cleanshutdown", as_bytes(R"({"version":0,"brokerEpoch":-1})"));
}

Result<void> Export::write_metadata() {
  const auto directory = Uuid::random();
  std::vector<ByteBuffer> records;
  for (const auto& [name, level] : kFeatures) records.push_back(feature_record(name, level));
  std::set<std::string> left;
  for (const auto& topic : topics_) {
    records.push_back(topic_record(topic->name.text(), topic->id));
    for (const auto& [name, value] : topic->configs) {
      if (name.starts_with(kOwnSettings)) {
        if (!engine::broker::is_internal_name(topic->name.text())) left.insert(name);
      } else {
        records.push_back(setting_record({topic->name.text(), name, value}));
      }
    }
  }
  for (const auto& partition : partitions_) {
    records.push_back(
        partition_record({partition.topic_id, partition.partition, kExportedNode, partition.leader_epoch, directory}));
  }
  records.push_back(producer_ids_record(kExportedNode, next_producer_id_));
  for (const auto& name : left) {
    report_.notes.push_back(
        fmt::format("setting {} is not Kafka's and was left; see flush.messages for the same", name));
  }
  const auto file = checkpoint_file(records, unix_milliseconds(tools_.clock.wall()));
  if (auto written = write("bootstrap.checkpoint", file); !written) return written;
  const auto properties = fmt::format("version=1\ncluster.id={}\nnode.id={}\ndirectory.id={}\n", report_.cluster,
                                      kExportedNode, directory.text());
  return write("meta.properties", as_bytes(properties));
}

}  // namespace

Result<ExportReport> export_kafka_directory(const ExportOptions& options, const ExportTools& tools) {
  return Export(options, tools).run();
}

}  // namespace myelin::transfer
