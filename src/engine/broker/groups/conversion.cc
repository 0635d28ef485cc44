#include "engine/broker/groups/conversion.h"

#include <fmt/core.h>

#include <ranges>
#include <utility>
#include <vector>

#include "engine/broker/groups/classic_members.h"
#include "engine/broker/groups/consumer_records.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

Refusal can_not_be(const Group& group, std::string_view why) {
  return {ErrorCode::GroupIdNotFound,
          fmt::format("group {} stays one of the classic protocol: {}", group.name.text(), why)};
}

struct Arrival {
  ConsumerMember member;
  Assignment given;  // by the leader
  Assignment owned;  // as it said when it joined
};

// nullopt: its metadata can't be read.
std::optional<Arrival> arrival_of(const Group& group, const Member& classic, const broker::TopicIndex& topics) {
  const Protocol& spoken = classic.protocols.front();
  const auto subscription =
      read_subscription(group.protocol ? classic.metadata_for(group.protocol).view() : spoken.metadata.view());
  if (!subscription) return std::nullopt;
  Arrival arrival;
  arrival.member.id = classic.id;
  arrival.member.profile = {.instance_id = classic.instance_id,
                            .rack_id = subscription->rack_id,
                            .client_id = classic.client_id,
                            .client_host = classic.client_host,
                            .topics = subscription->topics,
                            .pattern = {},
                            .matched = {},
                            .rebalance_timeout = classic.rebalance_timeout,
                            .assignor = std::nullopt,
                            .classic = ClassicPart{classic.session_timeout, classic.protocols}};
  arrival.member.position.epoch = arrival.member.position.previous_epoch = group.generation;
  if (const auto given = read_assignment(classic.assignment.view())) arrival.given = by_id(*given, topics);
  arrival.owned = by_id(subscription->owned, topics);
  return arrival;
}

// What nobody has yet becomes the member's.
void claim(ConsumerMember& member, const Assignment& wanted, Assignment& taken) {
  for (const auto& [topic, partitions] : wanted) {
    for (const std::int32_t partition : partitions)
      if (taken[topic].insert(partition).second) member.position.assigned[topic].insert(partition);
  }
}

// Each member holds what it may be using; of what two were given by a leader that erred, the first keeps it. Between
// two assignments members go on with what they said they own.
void settle_holdings(std::vector<Arrival>& arrivals, GroupState state) {
  Assignment taken;
  for (auto& arrival : arrivals) claim(arrival.member, arrival.given, taken);
  if (state == GroupState::Stable) return;
  for (auto& arrival : arrivals) claim(arrival.member, arrival.owned, taken);
}

void end_classic(Group& group) {
  group.state = GroupState::Empty;
  group.members.clear();
  group.static_ids.clear();
  group.promised.clear();
  group.leader.reset();
  group.protocol.reset();
  group.join_deadline.reset();
  group.sync_deadline.reset();
  group.gathering.reset();
  group.assignment_under_way = false;
  group.generation = 0;
}

}  // namespace

std::expected<std::vector<OffsetsRecord>, Refusal> make_consumer_group(Group& group, const Settings& settings,
                                                                       const broker::TopicIndex& topics) {
  if (!group.members.empty() && group.protocol_type != kConsumerProtocolType)
    return std::unexpected(can_not_be(group, "its members are no consumers"));
  if (group.members.size() >= settings.group_size_max)
    return std::unexpected(Refusal{ErrorCode::GroupMaxSizeReached, "the group is full"});
  ConsumerGroup consumer;
  if (!group.members.empty()) consumer.epoch = consumer.target_epoch = group.generation;
  std::vector<Arrival> arrivals;
  for (const Member& classic : group.members | std::views::values) {
    auto arrival = arrival_of(group, classic, topics);
    if (!arrival) return std::unexpected(can_not_be(group, "a member's subscription can't be read"));
    arrivals.push_back(*std::move(arrival));
  }
  settle_holdings(arrivals, group.state);
  for (auto& [member, given, owned] : arrivals) {
    consumer.targets[member.id] = member.position.assigned;
    consumer.in_log.insert(member.id);
    consumer.add(std::move(member));
  }
  std::vector<OffsetsRecord> records;
  if (group.generation > 0) records.push_back(group_tombstone(group.name));
  if (!consumer.members.empty()) add_whole_consumer_group(records, group.name, consumer);
  end_classic(group);
  group.protocol_type = kConsumerProtocolType;
  group.consumer = std::move(consumer);
  return records;
}

std::vector<OffsetsRecord> make_classic_group(Group& group, const broker::TopicIndex& topics, Now now) {
  std::vector<OffsetsRecord> records;
  add_consumer_group_tombstones(records, group.name, *group.consumer);
  const ConsumerGroup consumer = *std::exchange(group.consumer, std::nullopt);
  if (consumer.members.empty()) return records;
  group.generation = consumer.epoch;
  for (const auto& [id, member] : consumer.members) {
    group.add({.id = id,
               .instance_id = member.profile.instance_id,
               .client_id = member.profile.client_id,
               .client_host = member.profile.client_host,
               .rebalance_timeout = member.profile.rebalance_timeout,
               .session_timeout = member.profile.classic->session_timeout,
               .protocols = member.profile.classic->protocols,
               .assignment = told_classic(member, topics)});
  }
  group.protocol = group.select_protocol();
  group.enter(GroupState::Stable, now.wall);
  records.push_back(group_record(group.name, group.stored()));
  return records;
}

}  // namespace myelin::engine::groups
