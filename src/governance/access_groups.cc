// APIs of consumer groups.
#include <algorithm>

#include "governance/access.h"
#include "governance/refuse.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;
using policy::ResourceKind;

constexpr std::int8_t kTransactionKey = 1;  // FindCoordinator's key types: 0 group, 1 transaction

// A request about one group, refused with one error code.
template <typename Response, typename Request>
Ruling rule_on_group(Access& access, const Request& request) {
  Ruling ruling;
  if (access.may(Operation::Read, {ResourceKind::Group, request.group_id})) return ruling;
  Response refused;
  refused.error_code = kGroupRefused;
  ruling.answer.emplace(std::move(refused));
  return ruling;
}

void keep_seen(const Access& access, auto& topics) {
  std::erase_if(topics, [&](const auto& entry) { return !access.sees_topic(entry.name); });
}

bool shows_unseen(const Access& access, const kafka::ConsumerGroupDescribeResponse::DescribedGroup& group) {
  const auto is_unseen = [&](const auto& entry) { return !access.sees_topic(entry.topic_name); };
  return std::ranges::any_of(group.members, [&](const auto& member) {
    return std::ranges::any_of(member.subscribed_topic_names,
                               [&](const auto& name) { return !access.sees_topic(name); }) ||
           std::ranges::any_of(member.assignment.topic_partitions, is_unseen) ||
           std::ranges::any_of(member.target_assignment.topic_partitions, is_unseen);
  });
}

// Versions 0 to 7: one group. What is refused of its topics comes back with an error each.
Ruling rule_on_one_group(const AccessPtr& access, kafka::OffsetFetchRequest& request) {
  Ruling ruling;
  if (!access->may(Operation::Describe, {ResourceKind::Group, request.group_id})) {
    kafka::OffsetFetchResponse refused;
    refused.error_code = kGroupRefused;
    if (request.topics) kafka::refuse_each(*request.topics, kGroupRefused, refused.topics);
    ruling.answer.emplace(std::move(refused));
    return ruling;
  }
  if (!request.topics) {
    ruling.amend = [access](kafka::Response& response) {
      keep_seen(*access, std::get<kafka::OffsetFetchResponse>(response).topics);
    };
    return ruling;
  }
  auto refused =
      take_refused(*request.topics, [&](const auto& entry) { return access->may_describe_topic(entry.name); });
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::OffsetFetchResponse::topics, false);
  return ruling;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::FindCoordinatorRequest& request) {
  Ruling ruling;
  const bool transaction = request.key_type == kTransactionKey;
  const auto allowed = [&](const std::string& key) {
    return access->may(Operation::Describe, {transaction ? ResourceKind::TransactionalId : ResourceKind::Group, key});
  };
  const auto error = transaction ? kTransactionalIdRefused : kGroupRefused;
  if (request.coordinator_keys.empty()) {
    if (allowed(request.key)) return ruling;
    ruling.answer.emplace(kafka::refused_coordinator(error));
    return ruling;
  }
  auto refused = take_refused(request.coordinator_keys, allowed);
  std::vector<kafka::FindCoordinatorResponse::Coordinator> answers;
  for (const auto& key : refused) answers.push_back(kafka::refused_coordinator(key, error));
  put_back(ruling, std::move(answers), &kafka::FindCoordinatorResponse::coordinators, request.coordinator_keys.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::JoinGroupRequest& request) {
  return rule_on_group<kafka::JoinGroupResponse>(*access, request);
}
Ruling rule_on_api(const AccessPtr& access, kafka::SyncGroupRequest& request) {
  return rule_on_group<kafka::SyncGroupResponse>(*access, request);
}
Ruling rule_on_api(const AccessPtr& access, kafka::HeartbeatRequest& request) {
  return rule_on_group<kafka::HeartbeatResponse>(*access, request);
}
Ruling rule_on_api(const AccessPtr& access, kafka::LeaveGroupRequest& request) {
  return rule_on_group<kafka::LeaveGroupResponse>(*access, request);
}

// As in Kafka, one topic that may not be known of refuses the whole request. What a pattern names is asked topic by
// topic, by the engine: sees_topic().
Ruling rule_on_api(const AccessPtr& access, kafka::ConsumerGroupHeartbeatRequest& request) {
  auto ruling = rule_on_group<kafka::ConsumerGroupHeartbeatResponse>(*access, request);
  if (ruling.answer || !request.subscribed_topic_names) return ruling;
  const auto refused =
      take_refused(*request.subscribed_topic_names, [&](const auto& name) { return access->may_describe_topic(name); });
  if (refused.empty()) return ruling;
  kafka::ConsumerGroupHeartbeatResponse answer;
  answer.error_code = kTopicRefused;
  ruling.answer.emplace(std::move(answer));
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ConsumerGroupDescribeRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.group_ids, [&](const std::string& group) {
    return access->may(Operation::Describe, {ResourceKind::Group, group});
  });
  if (request.group_ids.empty()) ruling.answer.emplace(kafka::ConsumerGroupDescribeResponse());
  ruling.amend = [access, refused = std::move(refused)](kafka::Response& response) {
    auto& described = std::get<kafka::ConsumerGroupDescribeResponse>(response);
    for (auto& group : described.groups) {
      if (!shows_unseen(*access, group)) continue;
      group = kafka::refused_consumer_description(group.group_id, kTopicRefused);
    }
    for (const auto& group : refused)
      described.groups.push_back(kafka::refused_consumer_description(group, kGroupRefused));
  };
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::OffsetCommitRequest& request) {
  Ruling ruling;
  const bool group_refused = !access->may(Operation::Read, {ResourceKind::Group, request.group_id});
  const auto error = group_refused ? kGroupRefused : kTopicRefused;
  auto refused = take_refused(request.topics, [&](const auto& entry) {
    return !group_refused && access->may(Operation::Read, {ResourceKind::Topic, entry.name});
  });
  if (group_refused) ruling.answer.emplace(kafka::OffsetCommitResponse());
  put_back(ruling, std::move(refused), error, &kafka::OffsetCommitResponse::topics, request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::OffsetFetchRequest& request) {
  if (request.groups.empty()) return rule_on_one_group(access, request);
  Ruling ruling;
  auto refused_groups = take_refused(request.groups, [&](const auto& group) {
    return access->may(Operation::Describe, {ResourceKind::Group, group.group_id});
  });
  // Of the groups that are left: the topics that were refused, by group, and the groups that asked for all topics.
  using Groups = std::decay_t<decltype(request.groups)>;
  Groups refused_topics;
  for (auto& group : request.groups) {
    if (!group.topics) continue;
    auto refused =
        take_refused(*group.topics, [&](const auto& entry) { return access->may_describe_topic(entry.name); });
    if (refused.empty()) continue;
    auto& one = refused_topics.emplace_back();
    one.group_id = group.group_id;
    one.topics = std::move(refused);
  }
  if (request.groups.empty()) ruling.answer.emplace(kafka::OffsetFetchResponse());
  ruling.amend = [access, refused_groups = std::move(refused_groups),
                  refused_topics = std::move(refused_topics)](kafka::Response& response) {
    auto& fetched = std::get<kafka::OffsetFetchResponse>(response);
    for (auto& group : fetched.groups) {
      keep_seen(*access, group.topics);
      for (const auto& refused : refused_topics) {
        if (refused.group_id != group.group_id) continue;
        kafka::refuse_each(*refused.topics, kTopicRefused, group.topics);
      }
    }
    kafka::refuse_each(refused_groups, kGroupRefused, fetched.groups);
  };
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeGroupsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.groups, [&](const std::string& group) {
    return access->may(Operation::Describe, {ResourceKind::Group, group});
  });
  std::vector<kafka::DescribeGroupsResponse::DescribedGroup> answers;
  for (const auto& group : refused) answers.push_back(kafka::refused_description(group, kGroupRefused));
  put_back(ruling, std::move(answers), &kafka::DescribeGroupsResponse::groups, request.groups.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ListGroupsRequest&) {
  Ruling ruling;
  ruling.amend = [access](kafka::Response& response) {
    auto& listed = std::get<kafka::ListGroupsResponse>(response);
    std::erase_if(listed.groups, [&](const auto& group) { return !access->sees_group(group.group_id); });
  };
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DeleteGroupsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.groups_names, [&](const std::string& group) {
    return access->may(Operation::Delete, {ResourceKind::Group, group});
  });
  ruling.changes = listed("group", request.groups_names);
  std::vector<kafka::DeleteGroupsResponse::DeletableGroupResult> answers;
  for (const auto& group : refused) answers.push_back(kafka::refused_group_deletion(group, kGroupRefused));
  put_back(ruling, std::move(answers), &kafka::DeleteGroupsResponse::results, request.groups_names.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::OffsetDeleteRequest& request) {
  Ruling ruling;
  if (!access->may(Operation::Delete, {ResourceKind::Group, request.group_id})) {
    kafka::OffsetDeleteResponse refused;
    refused.error_code = kGroupRefused;
    ruling.answer.emplace(std::move(refused));
    return ruling;
  }
  auto refused = take_refused(request.topics, [&](const auto& entry) {
    return access->may(Operation::Read, {ResourceKind::Topic, entry.name});
  });
  if (!request.topics.empty()) ruling.changes = "offsets of group " + request.group_id;
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::OffsetDeleteResponse::topics, request.topics.empty());
  return ruling;
}

}  // namespace myelin::governance
