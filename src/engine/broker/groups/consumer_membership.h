#pragma once
// Members that speak the newer protocol: each calls with what it holds and is told what it may use (KIP-848). Follows
// Apache Kafka 4.3's group coordinator.
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "engine/broker/coordination.h"
#include "engine/broker/groups/consumer_change.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/membership.h"
#include "engine/broker/groups/topic_patterns.h"
#include "kafka/message/consumer_group_heartbeat.h"

namespace myelin::engine::groups {

// Why a request is refused, for programs and for people.
struct Refusal {
  kafka::ErrorCode error{};
  std::string why;
};
[[nodiscard]] kafka::ConsumerGroupHeartbeatResponse heartbeat_refusal(const Refusal& refusal);

class ConsumerMembership {
 public:
  ConsumerMembership(const Settings& settings, broker::TopicIndexSource topics, Outbox& outbox,
                     std::function<Uuid()> new_id);

  // What is wrong with the request, whatever the group is; nullopt: nothing.
  [[nodiscard]] std::optional<Refusal> check(const kafka::ConsumerGroupHeartbeatRequest& request, std::int16_t version);

  // The group follows the newer protocol. `conversion`: what made it do so, with this request.
  void heartbeat(Group& group, const Asker& asker, const kafka::ConsumerGroupHeartbeatRequest& request,
                 std::vector<OffsetsRecord> conversion);
  // Without these members; who is left shares what they had. The answer comes when that is durable.
  void remove(Group& group, const std::vector<std::string>& member_ids, Now now, std::optional<AnswerStored> answer);
  // The members that have been silent or idle for too long.
  [[nodiscard]] static std::vector<std::string> overdue(const ConsumerGroup& consumer, MonotonicTime now);
  // A sign of life.
  void keep_alive(Group& group, ConsumerMember& member, MonotonicTime now) const;

  // The member that may leave by this request, or why not.
  [[nodiscard]] static std::expected<ConsumerMember*, Refusal> leaving(
      ConsumerGroup& consumer, const kafka::ConsumerGroupHeartbeatRequest& request);
  // A static member that comes back soon.
  void send_away(Group& group, ConsumerMember& member, Now now, AnswerStored answer);

  [[nodiscard]] std::shared_ptr<const broker::TopicIndex> topics() const { return topics_(); }

 private:
  using Request = kafka::ConsumerGroupHeartbeatRequest;
  // The member that calls; nullptr: it is new; or why it is refused.
  [[nodiscard]] std::expected<ConsumerMember*, Refusal> caller(ConsumerGroup& consumer, const Request& request) const;
  [[nodiscard]] ConsumerProfile described(const ConsumerMember& member, const Asker& asker, const Request& request);
  // What its pattern names and it may know of, asked anew when that may have changed.
  void match(ConsumerProfile& profile, const ConsumerMember& member, const ConsumerGroup& consumer, const Asker& asker);
  ConsumerMember& admit(ConsumerChange& change, ConsumerMember* known, const Asker& asker, const Request& request,
                        const ConsumerGroup& consumer);

  const Settings& settings_;
  broker::TopicIndexSource topics_;
  Outbox& outbox_;
  std::function<Uuid()> new_id_;
  TopicPatterns patterns_;
};

}  // namespace myelin::engine::groups
