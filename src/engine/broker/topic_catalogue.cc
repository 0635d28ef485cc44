#include "engine/broker/topic_catalogue.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "engine/broker/catalogue_codec.h"
#include "engine/broker/internal_records.h"

namespace myelin::engine::broker {
namespace {

// Below this size a catalogue is never rewritten.
constexpr std::uint64_t kRewriteSizeMin = 256U << 10;

// Internal topics go on being written when the disk is nearly full: commits and state need little and free much.
storage::LogConfig log_config_of(const TopicName& name, const ConfigOverrides& configs) {
  auto config = to_log_config(configs);
  if (is_internal_name(name.text())) {
    config.uses_disk_reserve = true;
    config.sole_writer = broker_itself();
  }
  return config;
}

}  // namespace

Result<std::unique_ptr<TopicCatalogue>> TopicCatalogue::open(storage::FileSystem& files,
                                                             const std::string& state_directory, const Clock& clock,
                                                             std::chrono::days name_memory) {
  auto opened = CatalogueJournal::open(files, state_directory);
  if (!opened) return pass(opened);
  std::unique_ptr<TopicCatalogue> catalogue(new TopicCatalogue(clock));
  catalogue->journal_ = std::move(opened->journal);
  for (const auto& frame : opened->frames) {
    for (const auto& entry : frame) {
      auto applied = catalogue->apply(entry);
      if (!applied) return pass(applied);
    }
  }
  if (catalogue->cluster_id_.is_zero()) {
    const ClusterNamed named{Uuid::random()};
    auto written = catalogue->journal_->append({named});
    if (!written) return pass(written);
    catalogue->cluster_id_ = named.cluster_id;
  }
  if (catalogue->journal_->size() > kRewriteSizeMin) {
    const auto frame = catalogue->compact_frame(clock.wall() - name_memory);
    if (encode_frame(frame).size() < catalogue->journal_->size() / 2) {
      auto rewritten = catalogue->journal_->rewrite(frame);
      if (!rewritten) return pass(rewritten);
    }
  }
  return catalogue;
}

Result<void> TopicCatalogue::apply(const CatalogueEntry& entry) {
  if (const auto* named = std::get_if<ClusterNamed>(&entry)) {
    cluster_id_ = named->cluster_id;
  } else if (const auto* created = std::get_if<TopicCreated>(&entry)) {
    if (!live_.emplace(created->name, created->id).second) {
      return fail(Code::Corrupt,
                  "topic catalogue: topic {} is created twice; restore DIR/state/catalogue from a backup",
                  created->name.text());
    }
    records_[created->id] = {created->name, created->partitions, created->time, created->configs, std::nullopt};
  } else if (const auto* deleted = std::get_if<TopicDeleted>(&entry)) {
    const auto found = records_.find(deleted->id);
    if (found == records_.end() || found->second.deleted) {
      return fail(Code::Corrupt,
                  "topic catalogue: topic id {} is deleted but does not exist; restore "
                  "DIR/state/catalogue from a backup",
                  deleted->id.text());
    }
    found->second.deleted = deleted->time;
    live_.erase(found->second.name);
  } else if (const auto* reserved = std::get_if<ProducerIdsReserved>(&entry)) {
    next_producer_id_ = reserved->next;
  } else if (const auto* changed = std::get_if<TopicChanged>(&entry)) {
    const auto found = records_.find(changed->id);
    if (found == records_.end() || found->second.deleted || changed->partitions < found->second.partitions) {
      return fail(Code::Corrupt,
                  "topic catalogue: a change of topic id {} does not fit what is known of it; restore "
                  "DIR/state/catalogue from a backup",
                  changed->id.text());
    }
    found->second.partitions = changed->partitions;
    found->second.configs = changed->configs;
  } else {
    const auto& remembered = std::get<TopicRemembered>(entry);
    records_[remembered.id] = {remembered.name, 0, {}, {}, remembered.deleted};
  }
  return {};
}

CatalogueFrame TopicCatalogue::compact_frame(WallTime forget_before) const {
  CatalogueFrame frame;
  frame.emplace_back(ClusterNamed{cluster_id_});
  frame.emplace_back(ProducerIdsReserved{next_producer_id_});
  for (const auto& [id, record] : records_) {
    if (!record.deleted) {
      frame.emplace_back(TopicCreated{id, record.name, record.partitions, record.created, record.configs});
    } else if (*record.deleted >= forget_before) {
      frame.emplace_back(TopicRemembered{id, record.name, *record.deleted});
    }
  }
  return frame;
}

storage::LogConfig TopicCatalogue::config_of(const TopicName& name) const {
  const auto found = live_.find(name);
  return log_config_of(name, found == live_.end() ? ConfigOverrides{} : records_.at(found->second).configs);
}

Result<void> TopicCatalogue::attach(storage::LogDirectory& logs) {
  logs_ = &logs;
  auto dropped = drop_stray_partitions();
  if (!dropped) return dropped;
  auto topics = std::make_shared<Topics>();
  for (const auto& [name, id] : live_) {
    auto topic = build(id, records_.at(id));
    if (!topic) return pass(topic);
    topics->put(*std::move(topic));
  }
  publish(std::move(topics));
  std::erase_if(records_, [](const auto& record) { return record.second.deleted.has_value(); });
  return {};
}

Result<void> TopicCatalogue::drop_stray_partitions() {
  for (const auto& partition : logs_->partitions()) {
    const auto known = records_.find(partition->topic_id());
    if (known == records_.end()) {
      return fail(Code::Corrupt,
                  "partition {}-{} has topic id {}, which DIR/state/catalogue does not know: the catalogue lost "
                  "entries, or the directory was put there by hand; restore the catalogue or move the directory away",
                  partition->name().topic.text(), partition->name().partition, partition->topic_id().text());
    }
    const bool is_beyond = !known->second.deleted && partition->name().partition >= known->second.partitions;
    if (is_beyond && partition->log_end_offset() > 0) {
      return fail(Code::Corrupt,
                  "partition {}-{} has records, but DIR/state/catalogue says that the topic has {} partitions: the "
                  "catalogue lost entries; restore it, or move the directory away",
                  partition->name().topic.text(), partition->name().partition, known->second.partitions);
    }
    if (!known->second.deleted && !is_beyond) continue;
    auto removed = logs_->remove(partition->name());
    if (!removed) return removed;
  }
  return {};
}

Result<TopicPointer> TopicCatalogue::build(const TopicId& id, const Record& record) {
  auto topic = std::make_shared<Topic>();
  topic->id = id;
  topic->name = record.name;
  topic->created = record.created;
  topic->configs = record.configs;
  topic->log_config = log_config_of(record.name, record.configs);
  std::vector<storage::TopicPartition> missing;
  for (std::int32_t number = 0; number < record.partitions; ++number) {
    const storage::TopicPartition name{record.name, number};
    if (!logs_->find(name)) missing.push_back(name);
  }
  if (!missing.empty()) {
    auto made = logs_->create_all(missing, id, topic->log_config);
    if (!made) return pass(made);
  }
  topic->partitions.reserve(static_cast<std::size_t>(record.partitions));
  for (std::int32_t number = 0; number < record.partitions; ++number) {
    topic->partitions.push_back(logs_->find({record.name, number}));
  }
  return topic;
}

std::vector<Result<TopicPointer>> TopicCatalogue::create(const std::vector<NewTopic>& topics) {
  std::vector<Result<TopicPointer>> results;
  CatalogueFrame frame;
  std::map<TopicName, TopicId> ids;
  for (const auto& topic : topics) {
    if (live_.contains(topic.name) || ids.contains(topic.name)) continue;
    const TopicId id = topic.id.value_or(Uuid::random());
    ids.emplace(topic.name, id);
    frame.emplace_back(TopicCreated{id, topic.name, topic.partitions, clock_.wall(), topic.configs});
  }
  auto written = frame.empty() ? Result<void>{} : journal_->append(frame);
  if (written) {
    for (const auto& entry : frame) CHECK(apply(entry).has_value());
  }
  auto snapshot = std::make_shared<Topics>(*topics_.load());
  for (const auto& topic : topics) {
    const auto made = ids.extract(topic.name);
    if (made.empty()) {
      results.emplace_back(fail(Code::Exists, "Topic '{}' already exists.", topic.name.text()));
    } else if (!written) {
      results.emplace_back(std::unexpected(written.error()));
    } else {
      const TopicId id = made.mapped();
      auto built = build(id, records_.at(id));
      if (built)
        snapshot->put(*built);
      else
        abandon(id);
      results.push_back(std::move(built));
    }
  }
  publish(std::move(snapshot));
  return results;
}

// A topic whose partitions could not be made does not exist; if even that can't be written down, the next start makes
// it.
void TopicCatalogue::abandon(const TopicId& id) {
  const TopicDeleted deleted{id, clock_.wall()};
  auto written = journal_->append({deleted});
  if (!written) {
    log::error("topic that could not be created stays in the catalogue",
               {{"topic", records_.at(id).name.text()}, {"reason", written.error().message}});
    return;
  }
  CHECK(apply(deleted).has_value());
  remove_deleted(id);
}

Result<void> TopicCatalogue::remove(std::span<const TopicId> ids) {
  CatalogueFrame frame;
  for (const auto& id : ids) frame.emplace_back(TopicDeleted{id, clock_.wall()});
  auto written = journal_->append(frame);
  if (!written) return written;
  for (const auto& entry : frame) CHECK(apply(entry).has_value());
  auto snapshot = std::make_shared<Topics>(*topics_.load());
  for (const auto& id : ids) snapshot->remove(id);
  publish(std::move(snapshot));
  for (const auto& id : ids) remove_deleted(id);
  return {};
}

void TopicCatalogue::remove_deleted(const TopicId& id) {
  const auto deleted = records_.extract(id);
  remove_partitions(deleted.mapped().name, 0, deleted.mapped().partitions);
}

Result<TopicPointer> TopicCatalogue::change(const TopicId& id, std::int32_t partitions,
                                            const ConfigOverrides& configs) {
  auto record = records_.at(id);
  const auto had = std::exchange(record.partitions, partitions);
  record.configs = configs;
  // New partitions first: without the entry a start takes them away again, and nobody has seen them.
  auto built = build(id, record);
  const TopicChanged changed{id, partitions, configs};
  auto written = built ? journal_->append({changed}) : Result<void>(std::unexpected(built.error()));
  if (!written) {
    remove_partitions(record.name, had, partitions);
    return pass(written);
  }
  CHECK(apply(changed).has_value());
  for (const auto& partition : (*built)->partitions) partition->set_config((*built)->log_config);
  auto snapshot = std::make_shared<Topics>(*topics_.load());
  snapshot->put(*built);
  publish(std::move(snapshot));
  return built;
}

void TopicCatalogue::remove_partitions(const TopicName& name, std::int32_t first, std::int32_t end) {
  for (std::int32_t number = first; number < end; ++number) {
    const storage::TopicPartition partition{name, number};
    if (!logs_->find(partition)) continue;
    auto removed = logs_->remove(partition);
    if (!removed) {
      log::error("partition that is no longer wanted stays until the next start",
                 {{"topic", name.text()}, {"partition", number}, {"reason", removed.error().message}});
    }
  }
}

Result<std::int64_t> TopicCatalogue::reserve_producer_ids(std::int32_t count) {
  const std::int64_t first = next_producer_id_;
  const ProducerIdsReserved reserved{first + count};
  auto written = journal_->append({reserved});
  if (!written) return pass(written);
  CHECK(apply(reserved).has_value());
  return first;
}

}  // namespace myelin::engine::broker
