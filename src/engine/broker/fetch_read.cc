#include "engine/broker/fetch_read.h"

#include <algorithm>
#include <utility>

#include "engine/broker/leader_epoch_check.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using PartitionAnswer = decltype(decltype(kafka::FetchResponse::responses)::value_type::partitions)::value_type;

constexpr std::int8_t kReadCommitted = 1;
constexpr std::int32_t kBytesMax = 256 << 20;

ErrorCode to_error_code(storage::ReadFailure failure) {
  switch (failure) {
    case storage::ReadFailure::OffsetOutOfRange:
      return ErrorCode::OffsetOutOfRange;
    case storage::ReadFailure::Rot:
    case storage::ReadFailure::Io:
    case storage::ReadFailure::WouldWait:
      return ErrorCode::KafkaStorageError;
    case storage::ReadFailure::Gone:
      return ErrorCode::UnknownTopicOrPartition;
  }
  return ErrorCode::UnknownServerError;
}

void tell_aborted(const std::vector<storage::AbortedTransaction>& aborted, PartitionAnswer& answer) {
  auto& told = answer.aborted_transactions.emplace();
  told.reserve(aborted.size());
  for (const auto& transaction : aborted) {
    auto& one = told.emplace_back();
    one.producer_id = transaction.producer_id;
    one.first_offset = transaction.first_offset;
  }
}

}  // namespace

FetchRead::FetchRead(std::shared_ptr<const Topics> topics, kafka::FetchRequest request,
                     std::optional<LeaderAddress> leader)
    : topics_(std::move(topics)),
      request_(std::move(request)),
      leader_(std::move(leader)),
      bytes_max_(std::clamp(request_.max_bytes, 0, kBytesMax)) {
  std::size_t count = 0;
  for (const auto& topic : request_.topics) count += topic.partitions.size();
  asked_.reserve(count);
  partitions_.reserve(count);
  for (const auto& topic : request_.topics) {
    const auto found = find_named(*topics_, topic.topic, topic.topic_id);
    for (const auto& asked : topic.partitions) {
      asked_.push_back(&asked);
      auto& partition = partitions_.emplace_back();
      partition.topic = found.topic;
      if (found.topic != nullptr) {
        partition.log = found.topic->partition(asked.partition);
      } else {
        partition.without_log = found.code;
      }
    }
  }
}

storage::Isolation FetchRead::isolation() const {
  return request_.isolation_level == kReadCommitted ? storage::Isolation::ReadCommitted
                                                    : storage::Isolation::ReadUncommitted;
}

void FetchRead::read_all(storage::DiskWait wait) {
  needs_disk_ = false;
  must_tell_ = false;
  bytes_ = 0;
  for (auto& partition : partitions_) {
    partition.result = {};
    partition.code = ErrorCode::None;
  }
  for (std::size_t index = 0; index < partitions_.size(); ++index) read_partition(index, wait);
}

void FetchRead::read_again(std::size_t index) { read_partition(index, storage::DiskWait::Refused); }

void FetchRead::read_partition(std::size_t index, storage::DiskWait wait) {
  auto& partition = partitions_[index];
  const Asked& asked = *asked_[index];
  if (partition.log == nullptr) {
    partition.code = partition.without_log;
    must_tell_ = true;
    return;
  }
  if (asked.current_leader_epoch != kNoLeaderEpoch) {
    partition.code = check_leader_epoch(asked.current_leader_epoch, partition.log->leader_epoch());
  }
  if (partition.code != ErrorCode::None) {
    must_tell_ = true;
    return;
  }
  if (asked.last_fetched_epoch > partition.log->leader_epoch()) {
    partition.code = ErrorCode::OffsetOutOfRange;
    must_tell_ = true;
    return;
  }
  if (asked.last_fetched_epoch >= 0) {
    const auto end = partition.log->end_offset_for_epoch(asked.last_fetched_epoch);
    if (end.leader_epoch != kNoLeaderEpoch &&
        (end.leader_epoch < asked.last_fetched_epoch || end.end_offset < asked.fetch_offset)) {
      partition.diverging = end;
      partition.result.high_watermark = partition.log->high_watermark();
      partition.result.last_stable_offset = partition.log->last_stable_offset();
      partition.result.log_start_offset = partition.log->log_start_offset();
      must_tell_ = true;
      return;
    }
  }
  read(asked, partition, wait);
}

void FetchRead::read(const Asked& asked, FetchedPartition& partition, storage::DiskWait wait) {
  bytes_ -= static_cast<std::int64_t>(partition.bytes());
  const std::int64_t room = std::max<std::int64_t>(bytes_max_ - bytes_, 0);
  storage::ReadRequest request;
  request.offset = asked.fetch_offset;
  request.bytes_max = static_cast<std::uint32_t>(std::min<std::int64_t>(room, std::max(asked.partition_max_bytes, 0)));
  request.at_least_one = bytes_ == 0;
  request.disk_wait = wait;
  request.isolation = isolation();
  auto outcome = partition.log->read(request);
  if (outcome) {
    partition.result = *std::move(outcome);
    bytes_ += static_cast<std::int64_t>(partition.bytes());
    return;
  }
  partition.result = {};
  partition.result.high_watermark = outcome.error().high_watermark;
  partition.result.last_stable_offset = outcome.error().last_stable_offset;
  partition.result.log_start_offset = outcome.error().log_start_offset;
  if (outcome.error().failure == storage::ReadFailure::WouldWait && wait == storage::DiskWait::Refused) {
    needs_disk_ = true;
    return;
  }
  partition.code = to_error_code(outcome.error().failure);
  must_tell_ = true;
}

bool FetchRead::is_enough() const {
  return must_tell_ || partitions_.empty() || bytes_ >= std::min<std::int64_t>(request_.min_bytes, bytes_max_);
}

void FetchRead::tell_leader(kafka::FetchResponse& response) const {
  if (!leader_ ||
      std::ranges::find(partitions_, ErrorCode::FencedLeaderEpoch, &FetchedPartition::code) == partitions_.end()) {
    return;
  }
  auto& node = response.node_endpoints.emplace_back();
  node.node_id = leader_->node_id;
  node.host = leader_->host;
  node.port = leader_->port;
}

Outcome FetchRead::take_outcome() {
  Outcome outcome;
  kafka::FetchResponse response;
  response.responses.reserve(request_.topics.size());
  std::size_t index = 0;
  for (auto& topic : request_.topics) {
    auto& topic_answer = response.responses.emplace_back();
    topic_answer.topic = std::move(topic.topic);
    topic_answer.topic_id = topic.topic_id;
    topic_answer.partitions.reserve(topic.partitions.size());
    for (const auto& asked : topic.partitions) {
      auto& partition = partitions_[index++];
      const std::size_t bytes = partition.bytes();
      if (bytes > 0) {
        outcome.served.push_back({partition.topic->name, partition.topic->id, asked.partition,
                                  partition.result.first_offset, partition.result.next_offset,
                                  static_cast<std::int64_t>(bytes)});
      }
      PartitionAnswer& answer = topic_answer.partitions.emplace_back();
      answer.partition_index = asked.partition;
      answer.error_code = std::to_underlying(partition.code);
      const bool known = partition.log != nullptr;
      answer.high_watermark = known ? partition.result.high_watermark : -1;
      answer.last_stable_offset = known ? partition.result.last_stable_offset : -1;
      answer.log_start_offset = known ? partition.result.log_start_offset : -1;
      answer.aborted_transactions.reset();
      if (isolation() == storage::Isolation::ReadCommitted) tell_aborted(partition.result.aborted, answer);
      if (partition.diverging.leader_epoch != kNoLeaderEpoch) {
        answer.diverging_epoch.epoch = partition.diverging.leader_epoch;
        answer.diverging_epoch.end_offset = partition.diverging.end_offset;
      }
      answer.records = std::move(partition.result.records);
      if (leader_ && partition.code == ErrorCode::FencedLeaderEpoch) {
        answer.current_leader.leader_id = leader_->node_id;
        answer.current_leader.leader_epoch = partition.log->leader_epoch();
      }
    }
  }
  tell_leader(response);
  outcome.response = std::move(response);
  partitions_.clear();
  return outcome;
}

}  // namespace myelin::engine::broker
