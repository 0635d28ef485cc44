#pragma once
// Facts from the wire in, edges out. Holds every half-edge with its counts, and the triples producer → topic →
// consumer. Not safe across threads: its owner serialises. Facts may come in any order: a read that overtakes the news
// of the append it read is kept and joined when that news comes.
//
// After a start the owner replays the journal's appends through appended() and gives back what it kept of the rest with
// the restore functions; then the ledger is as before.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/attribution.h"
#include "lineage/edges.h"
#include "lineage/recent_bytes.h"
#include "lineage/writer_runs.h"

namespace myelin::lineage {

struct Appended {
  const TopicName& topic;
  std::int32_t partition = 0;
  std::int64_t base_offset = 0;
  std::int64_t records = 0;
  std::int64_t bytes = 0;  // log bytes
  WallTime time;
  std::chrono::milliseconds span{0};  // to the last of several appends
};

struct Served {
  const TopicName& topic;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t bytes = 0;
  WallTime time;
};

struct Committed {
  const GroupName& group;
  const TopicName& topic;
  WallTime time;
};

class EdgeLedger {
 public:
  // A read under a client id beyond this many of one principal and topic is counted under kOtherClientIds.
  static constexpr std::size_t kClientIdsPerReader = 64;
  static constexpr std::string_view kOtherClientIds = "(others)";
  // Reads that wait for the news of their append, per partition; beyond it the oldest is given up and counted.
  static constexpr std::size_t kWaitingPerPartition = 256;

  explicit EdgeLedger(std::size_t runs_per_partition = WriterRuns::kRunsPerPartition)
      : runs_per_partition_(runs_per_partition) {}

  void appended(const Attribution& by, const Appended& fact);
  void served(const Attribution& to, const Served& fact);
  void committed(const Attribution& by, const Committed& fact);

  // Writes of an engine without a journal, whose appends nobody replays.
  void restore(const WriteEdge& edge);
  void restore(const ReadEdge& edge);
  void restore(const CommitEdge& edge);
  void restore(const Triple& triple);

  // Sorted by their names, so equal ledgers give equal lists. Rates are those of `now`.
  [[nodiscard]] std::vector<WriteEdge> writes(WallTime now = {}) const;
  [[nodiscard]] std::vector<ReadEdge> reads(WallTime now = {}) const;
  [[nodiscard]] std::vector<CommitEdge> commits() const;
  [[nodiscard]] std::vector<Triple> triples() const;

  // Grows with every change, so a reader knows that nothing happened since it last looked.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] std::uint64_t reads_given_up() const { return reads_given_up_; }

 private:
  using NameNumber = std::uint32_t;

  struct WaitingRead {
    std::int64_t first;
    std::int64_t next;
    NameNumber consumer;
    WallTime time;
  };
  struct Partition {
    WriterRuns runs;
    std::vector<WaitingRead> waiting;
  };
  template <typename Edge>
  struct Live {
    Edge edge;
    RecentBytes recent;
  };
  struct Topic {
    TopicName name;
    std::unordered_map<std::int32_t, Partition> partitions;
    std::unordered_map<NameNumber, Live<WriteEdge>> writes;                       // by producer
    std::unordered_map<NameNumber, std::map<std::string, Live<ReadEdge>>> reads;  // by consumer, by client id
    std::map<std::pair<NameNumber, NameNumber>, Triple> triples;                  // by producer and consumer
  };

  Topic& topic_of(const TopicName& name);
  NameNumber number_of(const PrincipalName& principal);
  Partition& partition_of(Topic& topic, std::int32_t partition);
  Live<ReadEdge>& read_of(Topic& topic, NameNumber consumer, const Attribution& to, WallTime time);
  void see(Topic& topic, NameNumber producer, NameNumber consumer, bool certain, WallTime time);

  std::size_t runs_per_partition_;
  std::unordered_map<TopicName, Topic> topics_;
  std::unordered_map<PrincipalName, NameNumber> numbers_;
  std::vector<PrincipalName> names_;
  std::map<std::tuple<GroupName, TopicName, PrincipalName>, CommitEdge> commits_;
  std::uint64_t version_ = 0;
  std::uint64_t reads_given_up_ = 0;
};

}  // namespace myelin::lineage
