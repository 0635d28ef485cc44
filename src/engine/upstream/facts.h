#pragma once
// What requests and answers that pass through say about appended, served and committed records. Reads batch headers and
// nothing behind them. Never counts more than happened: an offset is counted once, and not when it lay in the log
// before this run; a commit whose predecessor is unknown advances nothing.
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "kafka/messages.h"

namespace myelin::engine::upstream {

// Threads: any.
class Facts {
 public:
  // Topic ids, which other answers lack. Facts of a topic whose id never passed carry the zero id.
  // A topic that comes back under another id begins anew.
  void learn(const kafka::MetadataResponse& response);

  // What lies before the ends of these partitions was appended before this run, and is not counted. Until its end is
  // learned, nothing of a partition is counted.
  void expect_ends(const kafka::MetadataResponse& response);
  // Asks for the ends that are expected and not learned yet; names no topic when there is none.
  [[nodiscard]] kafka::ListOffsetsRequest missing_ends() const;
  // A partition that answers with an error stays missing.
  void learn_ends(const kafka::ListOffsetsResponse& response);

  [[nodiscard]] std::vector<AppendFact> appended(const kafka::ProduceRequest& request,
                                                 const kafka::ProduceResponse& response, WallTime now);
  [[nodiscard]] std::vector<ServedFact> served(const kafka::FetchResponse& response) const;
  [[nodiscard]] std::vector<CommitFact> committed(const kafka::OffsetCommitRequest& request,
                                                  const kafka::OffsetCommitResponse& response, WallTime now);
  // Offsets that a producer committed inside its transaction count when that is committed.
  void held_back(const kafka::TxnOffsetCommitRequest& request, const kafka::TxnOffsetCommitResponse& response);
  [[nodiscard]] std::vector<CommitFact> ended(const kafka::EndTxnRequest& request,
                                              const kafka::EndTxnResponse& response, WallTime now);

 private:
  // Stretches of offsets that were counted, from first to next; anything below the floor counts as seen.
  struct Counted {
    std::int64_t floor = 0;
    std::map<std::int64_t, std::int64_t> stretches;
    [[nodiscard]] bool insert(std::int64_t first, std::int64_t next);
  };
  using Partition = std::pair<std::string, std::int32_t>;

  // A commit that the cluster took.
  struct Accepted {
    std::string group;
    Partition partition;
    std::int64_t offset = 0;
  };

  void forget(const std::string& topic);
  template <typename Request, typename Response>
  [[nodiscard]] static std::vector<Accepted> accepted(const Request& request, const Response& response);
  [[nodiscard]] std::vector<CommitFact> count_locked(const std::vector<Accepted>& commits, WallTime now);
  [[nodiscard]] TopicId id_of(const std::string& topic) const;

  struct Commit {
    std::int64_t last;
    std::int64_t furthest;
  };

  mutable std::mutex mutex_;
  std::map<std::string, TopicId, std::less<>> ids_;
  std::map<Partition, Counted> counted_;
  std::set<Partition> missing_ends_;
  std::map<std::pair<std::string, Partition>, Commit> commits_;  // by group and partition
  std::map<std::int64_t, std::vector<Accepted>> held_back_;      // by producer id
};

}  // namespace myelin::engine::upstream
