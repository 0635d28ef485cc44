#pragma once
// Copies partitions of a Kafka cluster into partition logs, from where these end up to where the source's ended when
// the copy began. What is durable in the log is what a copy that comes later need not do again: there is no other
// state.
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/partition_log.h"
#include "transfer/source_cluster.h"

namespace myelin::transfer {

struct CopyJob {
  const SourceTopic* topic = nullptr;
  std::int32_t partition = 0;
  std::shared_ptr<storage::PartitionLog> log;

  [[nodiscard]] const SourcePartition& source() const { return topic->partitions[static_cast<std::size_t>(partition)]; }
  [[nodiscard]] std::string label() const { return fmt::format("{}-{}", topic->name, partition); }
};

struct CopyProgress {
  std::int64_t offsets = 0;  // copied by now, of `offsets_total`
  std::int64_t offsets_total = 0;
  std::uint64_t bytes = 0;
};

class PartitionCopier {
 public:
  using Watch = std::function<void(const CopyProgress&)>;
  PartitionCopier(SourceCluster& source, Watch watch) : source_(source), watch_(std::move(watch)) {}

  // Everything that these logs lack. Durable on return.
  [[nodiscard]] Result<void> copy(const std::vector<CopyJob>& jobs);

 private:
  struct Cursor {
    const CopyJob* job = nullptr;
    std::int64_t next = 0;
    bool was_cut = false;  // what came last was the begin of a batch, and no more
    [[nodiscard]] bool is_done() const { return next >= job->source().end; }
  };
  // Appends that are under way, and the first that failed.
  struct Pending {
    std::mutex mutex;
    std::condition_variable settled;
    std::size_t count = 0;
    std::optional<Error> failure;
  };

  [[nodiscard]] Result<Cursor> begin(const CopyJob& job);
  [[nodiscard]] Result<void> begin_at(const CopyJob& job, std::int64_t offset);
  [[nodiscard]] Result<void> copy_from(std::int32_t leader, std::vector<Cursor> cursors);
  // Whether anything came.
  [[nodiscard]] Result<bool> fetch_once(std::int32_t leader, std::vector<Cursor>& cursors, std::size_t count);
  [[nodiscard]] Result<bool> take(Cursor& cursor, const SharedBytes& fetched);
  [[nodiscard]] Result<void> finish(const CopyJob& job);
  [[nodiscard]] Result<void> fill(const CopyJob& job, std::int64_t offset);
  [[nodiscard]] storage::AppendDone done();
  [[nodiscard]] Result<void> wait();
  [[nodiscard]] Result<void> so_far();

  SourceCluster& source_;
  Watch watch_;
  CopyProgress progress_;
  std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
};

}  // namespace myelin::transfer
