#pragma once
// A data directory that no broker serves: its topics, records and group offsets for a program that brings them in or
// takes them out. Nothing keeps house meanwhile: what retention or compaction would take stays.
//
// Threads: one at a time.
#include <memory>
#include <utility>
#include <vector>

#include "engine/broker/data_opening.h"
#include "engine/broker/groups/offsets_records.h"

namespace myelin::engine::broker {

class OfflineData {
 public:
  // Recovers the directory, or makes a new one. Fails while a server has it.
  [[nodiscard]] static Result<std::unique_ptr<OfflineData>> open(const std::string& directory,
                                                                 storage::FileSystem& files, const Clock& clock,
                                                                 storage::Executor& executor);
  // Without close() before it, as abrupt as a kill.
  ~OfflineData();

  [[nodiscard]] Uuid cluster_id() const { return data_.catalogue->cluster_id(); }
  [[nodiscard]] std::vector<TopicPointer> topics() const { return data_.catalogue->snapshot()->sorted_by_name(); }
  [[nodiscard]] storage::LogDirectory& logs() { return *data_.logs; }

  // The topic of this name: made, or given more partitions and these settings. Exists when it has another id; a zero id
  // means any.
  [[nodiscard]] Result<TopicPointer> ensure(const NewTopic& topic);

  using Commits = std::vector<std::pair<groups::OffsetKey, groups::CommittedOffset>>;
  // As if each had been committed now. Durable on return.
  [[nodiscard]] Result<void> commit(const Commits& commits);
  // What groups have committed, by the offsets topic.
  [[nodiscard]] Result<Commits> committed();

  // Producers that come later get other ids.
  [[nodiscard]] Result<void> reserve_producer_ids_below(std::int64_t end);
  [[nodiscard]] Result<std::int64_t> next_producer_id() { return data_.catalogue->reserve_producer_ids(0); }

  // As a server leaves it that was stopped.
  [[nodiscard]] Result<void> close() { return data_.logs->close(); }

 private:
  OfflineData(OpenedData data, const Clock& clock) : data_(std::move(data)), clock_(clock) {}

  OpenedData data_;
  const Clock& clock_;
};

}  // namespace myelin::engine::broker
