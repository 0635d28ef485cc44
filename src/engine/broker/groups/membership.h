#pragma once
// The classic rebalance protocol: who is in a group, which generation it is in, who gets which assignment. Follows
// Apache Kafka's group coordinator; reference: Kafka protocol guide and KIP-62, 134, 345, 394, 559, 814.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/outbox.h"
#include "engine/broker/groups/settings.h"
#include "engine/engine.h"
#include "kafka/error_code.h"
#include "kafka/message/heartbeat.h"
#include "kafka/message/join_group.h"
#include "kafka/message/leave_group.h"
#include "kafka/message/sync_group.h"

namespace myelin::engine::groups {

// A request on its way, without its body.
struct Asker {
  Ticket ticket = 0;
  const Call& call;
  Now now;
};

[[nodiscard]] kafka::JoinGroupResponse join_error(std::int16_t version, const std::string& member_id,
                                                  kafka::ErrorCode error);
[[nodiscard]] kafka::SyncGroupResponse sync_error(kafka::ErrorCode error);
[[nodiscard]] kafka::HeartbeatResponse heartbeat_answer(kafka::ErrorCode error);

class Membership {
 public:
  Membership(const Settings& settings, Outbox& outbox, std::function<Uuid()> new_id);

  void join(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request);
  void sync(Group& group, const Asker& asker, const kafka::SyncGroupRequest& request);
  void heartbeat(Group& group, const Asker& asker, const kafka::HeartbeatRequest& request);
  void leave(Group& group, const Asker& asker, const kafka::LeaveGroupRequest& request);

  // The fate of the leader's assignment of `generation`.
  void assignment_stored(Group& group, std::int32_t generation, bool durable, Now now);
  // Does all that is due by now.
  void expire(Group& group, Now now);
  // Answers what the member still waits for, so that it can be replaced or removed.
  void release(Member& member, kafka::ErrorCode reason);
  // All members of a stable group are to join again.
  void begin_anew(Group& group, Now now) { prepare_rebalance(group, now); }
  // A sign of life.
  static void keep_alive(Group& group, Member& member, MonotonicTime now);
  // None, UnknownMemberId or FencedInstanceId.
  [[nodiscard]] static kafka::ErrorCode check_member(const Group& group, const std::string& member_id,
                                                     const std::optional<std::string>& instance_id);

 private:
  struct Joiner;  // a JoinGroup request, taken apart

  [[nodiscard]] bool has_room_for(const Group& group, const std::string& member_id) const;
  void join_new(Group& group, const Asker& asker, Joiner joiner);
  void join_known(Group& group, const Asker& asker, Joiner joiner);
  void add_member(Group& group, const Asker& asker, Joiner joiner, std::string member_id);
  void replace_static_member(Group& group, const Asker& asker, Joiner joiner, const std::string& new_id);
  void answer_replaced(Group& group, const Asker& asker, const Member& member, const std::string& former_leader);
  void rejoin(Group& group, const Asker& asker, Joiner joiner, Member& member);
  void take_over(Member& member, const Asker& asker, Joiner joiner);

  void prepare_rebalance(Group& group, Now now);
  void complete_join(Group& group, Now now);
  void complete_join_if_all_are_there(Group& group, Now now);
  void start_generation(Group& group, Now now);
  void end_gathering(Group& group, Now now);
  void take_assignment(Group& group, const kafka::SyncGroupRequest& request);
  void drop_assignment(Group& group, kafka::ErrorCode reason);
  void remove_member(Group& group, const std::string& member_id, Now now);
  [[nodiscard]] kafka::ErrorCode leave_one(Group& group, const std::string& member_id,
                                           const std::optional<std::string>& instance_id, Now now);

  [[nodiscard]] kafka::JoinGroupResponse joined(const Group& group, const Member& member, std::int16_t version) const;
  [[nodiscard]] kafka::SyncGroupResponse synced(const Group& group, const Member& member) const;

  const Settings& settings_;
  Outbox& outbox_;
  std::function<Uuid()> new_id_;
};

}  // namespace myelin::engine::groups
