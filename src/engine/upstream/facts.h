#pragma once
// What requests and answers that pass through say about appended, served and committed records. Reads batch headers and
// nothing behind them. Never counts more than happened: a batch counts once per base offset, a commit whose
// predecessor is unknown advances nothing.
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
  void learn(const kafka::MetadataResponse& response);

  [[nodiscard]] std::vector<AppendFact> appended(const kafka::ProduceRequest& request,
                                                 const kafka::ProduceResponse& response, WallTime now);
  [[nodiscard]] std::vector<ServedFact> served(const kafka::FetchResponse& response) const;
  [[nodiscard]] std::vector<CommitFact> committed(const kafka::OffsetCommitRequest& request,
                                                  const kafka::OffsetCommitResponse& response, WallTime now);

 private:
  // The latest base offsets that were counted; anything below the floor counts as seen.
  struct Counted {
    std::int64_t floor = -1;
    std::set<std::int64_t> offsets;
    [[nodiscard]] bool insert(std::int64_t base_offset);
  };
  using Partition = std::pair<std::string, std::int32_t>;

  [[nodiscard]] TopicId id_of(const std::string& topic) const;

  mutable std::mutex mutex_;
  std::map<std::string, TopicId, std::less<>> ids_;
  std::map<Partition, Counted> counted_;
  std::map<std::pair<std::string, Partition>, std::int64_t> commits_;  // by group and partition
};

}  // namespace myelin::engine::upstream
