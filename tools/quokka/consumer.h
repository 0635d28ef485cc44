#pragma once
// The reading half of an application for one group: receives, commits once a second, logs what it was given.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "quokka/client.h"
#include "quokka/plan.h"
#include "quokka/truth_log.h"

namespace quokka {

class Consumer {
 public:
  using TopicPartition = std::pair<std::string, std::int32_t>;
  using Offsets = std::map<TopicPartition, std::int64_t>;

  // All reads are of one group. With `stalls`, stays in the group without reading after the first kStallAfter records.
  Consumer(std::vector<ReadPlan> reads, bool stalls, const Connection& connection, TruthLog& truth);

  // Takes up to `limit` messages without waiting; returns how many there were.
  int poll(int limit);
  void commit_when_due(std::chrono::steady_clock::time_point now);
  void write_truth();
  // Nothing left to read in the partitions it holds. A stalled or refused reader is as far as it will get.
  bool caught_up() const;
  // From now on each record goes to `taker`, who commits its offset by other means.
  using Taker = std::function<void(const rd_kafka_message_t&)>;
  void hand_over(Taker taker) { taker_ = std::move(taker); }
  [[nodiscard]] bool is_handed_over() const { return taker_ != nullptr; }
  // What such a taker needs: who this is in its group (owned by the caller), how often it was assigned partitions, that
  // offsets were committed, and to have records again.
  [[nodiscard]] rd_kafka_consumer_group_metadata_t* membership() const;
  [[nodiscard]] int assignment() const { return assignment_; }
  void committed_elsewhere(const Offsets& offsets);
  void go_back(const Offsets& offsets);
  // Commits what was received, retrying until `deadline`, and leaves the group.
  void close(std::chrono::steady_clock::time_point deadline);

 private:
  static constexpr std::int64_t kStallAfter = 40;
  struct Position {
    std::int64_t next = -1;       // offset after the last received record
    std::int64_t committed = -1;  // as acknowledged
    bool at_end = false;
    // Since the last line of the truth log:
    std::int64_t from = -1;
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    std::map<std::string, std::int64_t> origins;
    std::map<std::string, std::set<std::int64_t>> sequences;  // by origin, of topics that are written in transactions
  };

  static void on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions,
                           void* self);
  static void on_commit(rd_kafka_t* handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* offsets,
                        void* self);
  void take(const rd_kafka_message_t& message);
  void take_error(const rd_kafka_message_t& message);
  void stall();
  bool holds(const std::string& topic) const;
  bool is_in_transactions(const std::string& topic) const;
  void note_committed(const TopicPartition& where, std::int64_t offset);
  void deny(const char* type, const std::string& resource, const char* operation);
  rd_kafka_topic_partition_list_t* uncommitted() const;
  rd_kafka_resp_err_t commit(bool asynchronous);
  void note_committed(const rd_kafka_topic_partition_list_t& offsets);

  std::vector<ReadPlan> reads_;
  bool stalls_;
  TruthLog& truth_;
  std::map<TopicPartition, Position> positions_;  // of the partitions held now
  std::set<std::string> denials_;
  std::chrono::steady_clock::time_point next_commit_{};
  Taker taker_;
  int assignment_ = 0;
  std::int64_t received_ = 0;
  // One at a time: the library repeats a commit that a broken connection left unanswered, and must not do so after the
  // next one.
  bool commit_under_way_ = false;
  bool joined_ = false;
  bool stalled_ = false;
  struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  };
  std::unique_ptr<rd_kafka_t, Destroy> handle_;
};

}  // namespace quokka
