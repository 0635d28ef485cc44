#include "engine/broker/groups/reads.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "kafka/error_code.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int8_t kGroupKey = 0;
constexpr std::int8_t kTransactionKey = 1;
constexpr std::int16_t kFirstFindVersionWithKeys = 4;
constexpr std::int16_t kFirstFetchVersionWithGroups = 8;
constexpr std::int16_t kFirstFetchVersionWithMemberEpoch = 9;
constexpr std::string_view kClassicType = "classic";
constexpr std::string_view kConsumerType = "consumer";

template <typename Answer>
void locate(Answer& answer, std::int32_t node_id, const Call& call, std::int8_t key_type) {
  if (key_type == kGroupKey || key_type == kTransactionKey) {
    answer.node_id = node_id;
    answer.host = call.advertised_host;
    answer.port = call.advertised_port;
    return;
  }
  answer.node_id = -1;
  answer.port = -1;
  answer.error_code = kafka::code_of(ErrorCode::InvalidRequest);
  answer.error_message = "The key type is unknown.";
}

template <typename Answer>
void show(Answer& answer, std::int32_t partition, const CommittedOffset* offset) {
  answer.partition_index = partition;
  answer.committed_offset = offset ? offset->offset : -1;
  answer.committed_leader_epoch = offset ? offset->leader_epoch : -1;
  answer.metadata = offset ? offset->metadata : "";
}

const CommittedOffset* offset_of(const Group* group, const std::string& topic, std::int32_t partition) {
  if (!group) return nullptr;
  const auto of_topic = group->offsets.find(TopicName(topic));
  if (of_topic == group->offsets.end()) return nullptr;
  const auto found = of_topic->second.find(partition);
  return found == of_topic->second.end() ? nullptr : &found->second;
}

// Whether a partition's offset must not be told yet.
using IsUnstable = std::function<bool(const OffsetKey&)>;

template <typename Answered>
void fetch_partition(const Group* group, const OffsetKey& key, const IsUnstable& is_unstable, Answered& answered) {
  auto& answer = answered.partitions.emplace_back();
  if (is_unstable(key)) {
    show(answer, key.partition, nullptr);
    answer.error_code = kafka::code_of(ErrorCode::UnstableOffsetCommit);
    return;
  }
  show(answer, key.partition, offset_of(group, key.topic.text(), key.partition));
}

template <typename Wanted, typename Answered>
void fetch_group(const Groups& groups, const std::string& group_id, const Wanted& wanted, const IsUnstable& is_unstable,
                 Answered& answered) {
  const auto found = groups.find(GroupName(group_id));
  const Group* group = found == groups.end() ? nullptr : &found->second;
  if (wanted) {
    for (const auto& topic : *wanted) {
      auto& answer = answered.emplace_back();
      answer.name = topic.name;
      for (const std::int32_t partition : topic.partition_indexes) {
        fetch_partition(group, {GroupName(group_id), TopicName(topic.name), partition}, is_unstable, answer);
      }
    }
    return;
  }
  if (!group) return;
  for (const auto& [topic, partitions] : group->offsets) {
    auto& answer = answered.emplace_back();
    answer.name = topic.text();
    for (const auto& [partition, offset] : partitions) {
      fetch_partition(group, {group->name, topic, partition}, is_unstable, answer);
    }
  }
}

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

bool names(const std::vector<std::string>& filter, std::string_view word) {
  return filter.empty() ||
         std::ranges::any_of(filter, [word](const std::string& named) { return same_word(named, word); });
}

// Only in a group of the newer protocol: the offsets of a partition that moved on are not the former member's to read.
ErrorCode check_fetcher(const Groups& groups, const kafka::OffsetFetchRequest::OffsetFetchRequestGroup& wanted) {
  const auto found = groups.find(GroupName(wanted.group_id));
  if (found == groups.end() || !found->second.consumer) return ErrorCode::None;
  if (!wanted.member_id && wanted.member_epoch < 0) return ErrorCode::None;
  return found->second.consumer->check_epoch(wanted.member_id.value_or(""), wanted.member_epoch);
}

using DescribedMember = kafka::ConsumerGroupDescribeResponse::Member;
using DescribedAssignment = kafka::ConsumerGroupDescribeResponse::Assignment;

// Topics that are gone since have no name, and are left out.
DescribedAssignment named(const Assignment& assignment, const broker::TopicIndex& topics) {
  DescribedAssignment answer;
  for (const auto& [topic, partitions] : assignment) {
    const auto name = topics.names.find(topic);
    if (name == topics.names.end()) continue;
    auto& entry = answer.topic_partitions.emplace_back();
    entry.topic_id = topic;
    entry.topic_name = name->second.text();
    entry.partitions.assign(partitions.begin(), partitions.end());
  }
  return answer;
}

DescribedMember described(const ConsumerMember& member, const ConsumerGroup& consumer,
                          const broker::TopicIndex& topics) {
  constexpr std::int8_t kClassicMember = 0;
  constexpr std::int8_t kConsumerMember = 1;
  DescribedMember answer;
  answer.member_id = member.id;
  answer.instance_id = member.profile.instance_id;
  answer.rack_id = member.profile.rack_id;
  answer.member_epoch = member.position.epoch;
  answer.client_id = member.profile.client_id;
  answer.client_host = member.profile.client_host;
  answer.subscribed_topic_names.assign(member.profile.topics.begin(), member.profile.topics.end());
  answer.subscribed_topic_regex = member.profile.pattern;
  answer.assignment = named(member.position.assigned, topics);
  answer.target_assignment = named(consumer.target_of(member.id).partitions, topics);
  answer.member_type = member.profile.classic ? kClassicMember : kConsumerMember;
  return answer;
}

}  // namespace

kafka::FindCoordinatorResponse find_coordinator(std::int32_t node_id, const Call& call,
                                                const kafka::FindCoordinatorRequest& request) {
  kafka::FindCoordinatorResponse response;
  if (call.version < kFirstFindVersionWithKeys) {
    locate(response, node_id, call, request.key_type);
    return response;
  }
  for (const std::string& key : request.coordinator_keys) {
    auto& answer = response.coordinators.emplace_back();
    answer.key = key;
    locate(answer, node_id, call, request.key_type);
  }
  return response;
}

kafka::OffsetFetchResponse fetch_offsets(const Groups& groups, const TransactionalOffsets& transactional,
                                         std::int16_t version, const kafka::OffsetFetchRequest& request) {
  const auto is_unstable = [&](const OffsetKey& key) {
    return request.require_stable && transactional.is_pending(key);
  };
  kafka::OffsetFetchResponse response;
  if (version < kFirstFetchVersionWithGroups) {
    fetch_group(groups, request.group_id, request.topics, is_unstable, response.topics);
    return response;
  }
  for (const auto& wanted : request.groups) {
    auto& answer = response.groups.emplace_back();
    answer.group_id = wanted.group_id;
    if (version >= kFirstFetchVersionWithMemberEpoch) {
      answer.error_code = kafka::code_of(check_fetcher(groups, wanted));
      if (answer.error_code != 0) continue;
    }
    fetch_group(groups, wanted.group_id, wanted.topics, is_unstable, answer.topics);
  }
  return response;
}

kafka::DescribeGroupsResponse describe_groups(const Groups& groups, const kafka::DescribeGroupsRequest& request) {
  kafka::DescribeGroupsResponse response;
  for (const std::string& group_id : request.groups) {
    auto& answer = response.groups.emplace_back();
    answer.group_id = group_id;
    const auto found = groups.find(GroupName(group_id));
    if (found == groups.end()) {
      answer.group_state = "Dead";  // Kafka's answer for a group that does not exist, without an error
      continue;
    }
    const Group& group = found->second;
    if (group.consumer) {
      answer.group_state = "Dead";  // this API does not know of it
      continue;
    }
    const bool settled = group.state == GroupState::Stable;
    answer.group_state = state_name(group.state);
    answer.protocol_type = group.protocol_type;
    if (settled) answer.protocol_data = group.protocol.value_or("");
    for (const auto& [id, member] : group.members) {
      auto& listed = answer.members.emplace_back();
      listed.member_id = id;
      listed.group_instance_id = member.instance_id;
      listed.client_id = member.client_id;
      listed.client_host = member.client_host;
      if (!settled) continue;
      listed.member_metadata = member.metadata_for(group.protocol);
      listed.member_assignment = member.assignment;
    }
  }
  return response;
}

kafka::ConsumerGroupDescribeResponse describe_consumer_groups(const Groups& groups, const broker::TopicIndex& topics,
                                                              const kafka::ConsumerGroupDescribeRequest& request) {
  kafka::ConsumerGroupDescribeResponse response;
  for (const std::string& group_id : request.group_ids) {
    auto& answer = response.groups.emplace_back();
    answer.group_id = group_id;
    const auto found = groups.find(GroupName(group_id));
    if (found == groups.end() || !found->second.consumer) {
      answer.error_code = kafka::code_of(group_id.empty() ? ErrorCode::InvalidGroupId : ErrorCode::GroupIdNotFound);
      answer.error_message = "there is no group of the consumer protocol with this id";
      continue;
    }
    const ConsumerGroup& consumer = *found->second.consumer;
    answer.group_state = consumer.state_name();
    answer.group_epoch = consumer.epoch;
    answer.assignment_epoch = consumer.target_epoch;
    answer.assignor_name = consumer.assignor();
    for (const auto& [id, member] : consumer.members) answer.members.push_back(described(member, consumer, topics));
  }
  return response;
}

kafka::ListGroupsResponse list_groups(const Groups& groups, const kafka::ListGroupsRequest& request) {
  kafka::ListGroupsResponse response;
  for (const auto& [name, group] : groups) {
    const auto type = group.consumer ? kConsumerType : kClassicType;
    if (!names(request.types_filter, type) || !names(request.states_filter, group.shown_state())) continue;
    auto& listed = response.groups.emplace_back();
    listed.group_id = name.text();
    listed.protocol_type = group.protocol_type;
    listed.group_state = group.shown_state();
    listed.group_type = type;
  }
  return response;
}

}  // namespace myelin::engine::groups
