#pragma once
// Members that speak the classic protocol inside a group of the newer one: they join, sync and beat as ever, and are
// served from the assignment that the broker makes. Follows Apache Kafka 4.3's group coordinator.
#include <functional>
#include <optional>
#include <string>

#include "base/uuid.h"
#include "engine/broker/groups/consumer_membership.h"
#include "engine/broker/groups/embedded_protocol.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"

namespace myelin::engine::groups {

[[nodiscard]] Assignment by_id(const NamedPartitions& partitions, const broker::TopicIndex& topics);
[[nodiscard]] NamedPartitions by_name(const Assignment& assignment, const broker::TopicIndex& topics);
// What a classic member is told of its share, in the version that it speaks.
[[nodiscard]] SharedBytes told_classic(const ConsumerMember& member, const broker::TopicIndex& topics);

class ClassicMembers {
 public:
  ClassicMembers(const Settings& settings, ConsumerMembership& membership, Outbox& outbox,
                 std::function<Uuid()> new_id);

  // The group follows the newer protocol and has members.
  void join(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request);
  void sync(Group& group, const Asker& asker, const kafka::SyncGroupRequest& request);
  void heartbeat(Group& group, const Asker& asker, const kafka::HeartbeatRequest& request);
  // The members that leave by this request, of either protocol; the answer lacks nothing.
  struct Leaving {
    std::vector<std::string> members;
    kafka::LeaveGroupResponse answer;
  };
  [[nodiscard]] static Leaving leaving(const ConsumerGroup& consumer, const kafka::LeaveGroupRequest& request,
                                       std::int16_t version);

 private:
  // The classic member that asks, or why it is refused.
  [[nodiscard]] static std::expected<ConsumerMember*, kafka::ErrorCode> asking(
      ConsumerGroup& consumer, const std::string& member_id, const std::optional<std::string>& instance_id,
      std::int32_t generation);
  [[nodiscard]] std::expected<ConsumerMember*, kafka::ErrorCode> joining(ConsumerGroup& consumer,
                                                                         const kafka::JoinGroupRequest& request) const;
  // It is to join again, within its rebalance timeout.
  static void call_back(Group& group, ConsumerMember& member, MonotonicTime now);

  const Settings& settings_;
  ConsumerMembership& membership_;
  Outbox& outbox_;
  std::function<Uuid()> new_id_;
};

}  // namespace myelin::engine::groups
