#pragma once
// Creates, changes and deletes topics so that a crash at any step leaves each either whole or absent. The catalogue
// journal decides: a topic exists from the moment its entry is durable, and its partition directories follow from it.
// Opening completes what a crash interrupted.
//
// Threads: snapshot() and names() from any thread; everything else from one at a time (the broker's serial
// executor), because it waits for the disk.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/broker/catalogue_journal.h"
#include "engine/broker/topics.h"
#include "storage/log_directory.h"

namespace myelin::engine::broker {

struct NewTopic {
  TopicName name;
  std::int32_t partitions = 1;
  ConfigOverrides configs;
  std::optional<TopicId> id = std::nullopt;  // one that it has elsewhere; else it gets a new one
};

class TopicCatalogue {
 public:
  // Reads DIR/state/catalogue; makes it, with a new cluster id, when there is none. Names of topics deleted longer ago
  // than `name_memory` are forgotten.
  [[nodiscard]] static Result<std::unique_ptr<TopicCatalogue>> open(storage::FileSystem& files,
                                                                    const std::string& state_directory,
                                                                    const Clock& clock, std::chrono::days name_memory);

  // Settings of a topic by the journal; the defaults when it has none.
  [[nodiscard]] storage::LogConfig config_of(const TopicName& name) const;
  // Makes DIR/log what the journal says: partitions that are missing are made, those of deleted topics removed.
  // A partition that the journal never heard of means that the catalogue is damaged, and is an error.
  [[nodiscard]] Result<void> attach(storage::LogDirectory& logs);

  [[nodiscard]] std::shared_ptr<const Topics> snapshot() const { return topics_.load(std::memory_order_acquire); }
  [[nodiscard]] Uuid cluster_id() const { return cluster_id_; }
  // Of every topic there was, deleted ones too: read from the file, because there may be many more of them than of
  // those that live. Holds what was there when it was called.
  [[nodiscard]] Result<CatalogueJournal::Names> names() const { return journal_->names(); }

  // One result per topic, in order. Names and settings have been checked; a name that exists answers Code::Exists.
  [[nodiscard]] std::vector<Result<TopicPointer>> create(const std::vector<NewTopic>& topics);
  [[nodiscard]] Result<void> remove(std::span<const TopicId> ids);
  // Gives an existing topic these partitions, at least as many as it has, and these settings, which have been checked:
  // all of it, or with an error nothing.
  [[nodiscard]] Result<TopicPointer> change(const TopicId& id, std::int32_t partitions, const ConfigOverrides& configs);

  // Producer ids [first, first + count) that nobody got or will get again, also after a crash.
  [[nodiscard]] Result<std::int64_t> reserve_producer_ids(std::int32_t count);

 private:
  struct Record {
    TopicName name;
    std::int32_t partitions = 0;
    WallTime created;
    ConfigOverrides configs;
    std::optional<WallTime> deleted;
  };

  explicit TopicCatalogue(const Clock& clock) : clock_(clock) {}
  [[nodiscard]] Result<void> apply(const CatalogueEntry& entry);
  [[nodiscard]] CatalogueFrame compact_frame(WallTime forget_before) const;
  [[nodiscard]] Result<TopicPointer> build(const TopicId& id, const Record& record);
  void abandon(const TopicId& id);
  // What was written down as deleted: what is on disk of it, and the record.
  void remove_deleted(const TopicId& id);
  [[nodiscard]] Result<void> drop_stray_partitions();
  void remove_partitions(const TopicName& name, std::int32_t first, std::int32_t end);
  void publish(std::shared_ptr<const Topics> topics) { topics_.store(std::move(topics), std::memory_order_release); }

  const Clock& clock_;
  std::unique_ptr<CatalogueJournal> journal_;
  storage::LogDirectory* logs_ = nullptr;  // set by attach()
  Uuid cluster_id_;
  std::int64_t next_producer_id_ = 0;
  std::map<TopicId, Record> records_;  // until attach() also of deleted topics
  std::map<TopicName, TopicId> live_;  // by the journal
  std::atomic<std::shared_ptr<const Topics>> topics_{std::make_shared<const Topics>()};
};

}  // namespace myelin::engine::broker
