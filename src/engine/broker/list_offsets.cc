#include <algorithm>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/leader_epoch_check.h"
#include "engine/broker/record_search.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using AskedTopic = decltype(kafka::ListOffsetsRequest::topics)::value_type;
using Asked = decltype(AskedTopic::partitions)::value_type;
using Answer = decltype(decltype(kafka::ListOffsetsResponse::topics)::value_type::partitions)::value_type;

// Timestamps that mean a place instead of a time.
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kLargestTimestamp = -3;
constexpr std::int64_t kEarliestLocal = -4;

constexpr std::int8_t kReadCommitted = 1;
constexpr std::int16_t kLargestTimestampVersion = 7;
constexpr std::int16_t kEarliestLocalVersion = 8;

bool needs_disk(std::int64_t timestamp) { return timestamp >= 0 || timestamp == kLargestTimestamp; }

bool is_known(std::int64_t timestamp, std::int16_t version) {
  if (timestamp >= kEarliest) return true;
  if (timestamp == kLargestTimestamp) return version >= kLargestTimestampVersion;
  return timestamp == kEarliestLocal && version >= kEarliestLocalVersion;
}

void refuse(Answer& answer, ErrorCode code) {
  answer.error_code = std::to_underlying(code);
  answer.offset = -1;
  answer.timestamp = -1;
  answer.leader_epoch = kNoLeaderEpoch;
}

void set_place(Answer& answer, const storage::PartitionLog& log, std::int64_t offset) {
  answer.offset = offset;
  answer.timestamp = -1;
  answer.leader_epoch = log.leader_epoch();
}

void set_found(Answer& answer, const Result<std::optional<FoundRecord>>& found) {
  if (!found) {
    refuse(answer, ErrorCode::KafkaStorageError);
    return;
  }
  answer.offset = found->has_value() ? (*found)->offset : -1;
  answer.timestamp = found->has_value() ? (*found)->timestamp : -1;
  answer.leader_epoch = found->has_value() ? (*found)->leader_epoch : kNoLeaderEpoch;
}

// Version 0 answers a list, newest first, in place of one offset.
void answer_as_list(Answer& answer, const Asked& asked, const storage::PartitionLog& log) {
  if (answer.offset < 0) return;
  const std::int64_t start = log.log_start_offset();
  answer.old_style_offsets.push_back(answer.offset);
  if (asked.timestamp == kLatest && asked.max_num_offsets > 1 && start < answer.offset) {
    answer.old_style_offsets.push_back(start);
  }
  if (asked.max_num_offsets < 1) answer.old_style_offsets.clear();
}

// What readers of committed records can't reach yet is as if it were not there.
std::int64_t end_of(const storage::PartitionLog& log, bool committed) {
  return committed ? log.last_stable_offset() : log.high_watermark();
}

Result<std::optional<FoundRecord>> find(const storage::PartitionLog& log, std::int64_t timestamp, bool committed) {
  auto found = timestamp == kLargestTimestamp ? find_largest_timestamp(log) : find_by_timestamp(log, timestamp);
  if (found && *found && (*found)->offset >= end_of(log, committed)) return std::optional<FoundRecord>();
  return found;
}

struct Question {
  std::int16_t version = 0;
  bool committed = false;
};

void answer_partition(Answer& answer, const Asked& asked, const storage::PartitionLog* log, const Question& question) {
  answer.partition_index = asked.partition_index;
  if (log == nullptr) {
    refuse(answer, ErrorCode::UnknownTopicOrPartition);
    return;
  }
  if (!is_known(asked.timestamp, question.version)) {
    refuse(answer, ErrorCode::UnsupportedVersion);
    return;
  }
  if (const auto code = check_leader_epoch(asked.current_leader_epoch, log->leader_epoch()); code != ErrorCode::None) {
    refuse(answer, code);
    return;
  }
  answer.error_code = 0;
  switch (asked.timestamp) {
    case kLatest:
      set_place(answer, *log, end_of(*log, question.committed));
      break;
    case kEarliest:
    case kEarliestLocal:
      set_place(answer, *log, log->log_start_offset());
      break;
    default:
      set_found(answer, find(*log, asked.timestamp, question.committed));
      break;
  }
  if (question.version == 0 && answer.error_code == 0) answer_as_list(answer, asked, *log);
}

using Place = std::pair<std::string_view, std::int32_t>;

// What a request asks for more than once, which it may not.
std::set<Place> repeated(const kafka::ListOffsetsRequest& request) {
  std::set<Place> seen;
  std::set<Place> twice;
  for (const auto& topic : request.topics) {
    for (const auto& asked : topic.partitions) {
      if (const Place place{topic.name, asked.partition_index}; !seen.insert(place).second) twice.insert(place);
    }
  }
  return twice;
}

kafka::ListOffsetsResponse build_response(const Topics& topics, std::int16_t version,
                                          const kafka::ListOffsetsRequest& request) {
  kafka::ListOffsetsResponse response;
  const auto twice = repeated(request);
  for (const auto& topic : request.topics) {
    const Topic* found = topics.find(topic.name);
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    for (const auto& asked : topic.partitions) {
      if (twice.contains({topic.name, asked.partition_index})) {
        if (const auto known = std::ranges::find(answer.partitions, asked.partition_index, &Answer::partition_index);
            known == answer.partitions.end()) {
          auto& refused = answer.partitions.emplace_back();
          refused.partition_index = asked.partition_index;
          refuse(refused, ErrorCode::InvalidRequest);
        }
        continue;
      }
      const auto* log = found ? found->partition(asked.partition_index) : nullptr;
      answer_partition(answer.partitions.emplace_back(), asked, log,
                       {version, request.isolation_level == kReadCommitted});
    }
  }
  return response;
}

bool needs_disk(const kafka::ListOffsetsRequest& request) {
  return std::ranges::any_of(request.topics, [](const AskedTopic& topic) {
    return std::ranges::any_of(topic.partitions, [](const Asked& asked) { return needs_disk(asked.timestamp); });
  });
}

}  // namespace

void answer(Core& core, Call call, kafka::ListOffsetsRequest request, Reply reply) {
  auto topics = core.catalogue->snapshot();
  if (!needs_disk(request)) {
    send(reply, build_response(*topics, call.version, request));
    return;
  }
  core.disk_jobs.submit(
      [topics = std::move(topics), version = call.version, request = std::move(request),
       reply = std::move(reply)]() mutable { send(reply, build_response(*topics, version, request)); });
}

}  // namespace myelin::engine::broker
