#pragma once
// The reading side of one fetch: what each partition asked for, what has been read of it so far, and the response made
// of that. Knows nothing of waiting.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/topics.h"
#include "engine/engine.h"
#include "kafka/error_code.h"
#include "kafka/message/fetch.h"

namespace myelin::engine::broker {

struct FetchedPartition {
  const Topic* topic = nullptr;          // null: unknown
  storage::PartitionLog* log = nullptr;  // null: unknown
  kafka::ErrorCode without_log = kafka::ErrorCode::UnknownTopicOrPartition;
  storage::ReadResult result;
  kafka::ErrorCode code = kafka::ErrorCode::None;
  storage::EpochEnd diverging;  // of the log the reader has followed so far; epoch -1: it does not diverge

  [[nodiscard]] std::size_t bytes() const { return payload_size(result.records); }
};

// Where the client reaches the one leader there is.
struct LeaderAddress {
  std::int32_t node_id = 0;
  std::string host;
  std::int32_t port = 0;
};

// Threads: one at a time.
class FetchRead {
 public:
  // `leader` is told to who follows an earlier one; nullopt: the version of the request has no place for it.
  FetchRead(std::shared_ptr<const Topics> topics, kafka::FetchRequest request, std::optional<LeaderAddress> leader);

  // Reads every partition, whatever has been read of it before. With Refused needs_disk() tells whether that is all.
  void read_all(storage::DiskWait wait);
  // Reads again, without waiting for the disk, a partition that has new records.
  void read_again(std::size_t index);
  // Whether something was left out because the disk would have to be waited for. Then there is no answer yet: it is for
  // a thread that may wait to read everything.
  [[nodiscard]] bool needs_disk() const { return needs_disk_; }

  [[nodiscard]] storage::Isolation isolation() const;

  // Whether the reader should be answered now: enough bytes, or something that it must be told.
  [[nodiscard]] bool is_enough() const;
  // In the order of the request.
  [[nodiscard]] const std::vector<FetchedPartition>& partitions() const { return partitions_; }
  // Leaves nothing behind.
  [[nodiscard]] Outcome take_outcome();

 private:
  using Asked = decltype(decltype(kafka::FetchRequest::topics)::value_type::partitions)::value_type;
  void read_partition(std::size_t index, storage::DiskWait wait);
  void read(const Asked& asked, FetchedPartition& partition, storage::DiskWait wait);

  void tell_leader(kafka::FetchResponse& response) const;

  std::shared_ptr<const Topics> topics_;
  kafka::FetchRequest request_;
  std::optional<LeaderAddress> leader_;
  std::vector<const Asked*> asked_;  // into request_
  std::vector<FetchedPartition> partitions_;
  std::int64_t bytes_ = 0;
  std::int64_t bytes_max_;
  bool must_tell_ = false;
  bool needs_disk_ = false;
};

}  // namespace myelin::engine::broker
