#pragma once
// One consumer group: its members, its generation and its committed offsets. Values and the questions about them; what
// happens when is decided in membership.h and offsets.h.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "engine/broker/groups/consumer_group.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/broker/groups/outbox.h"

namespace myelin::engine::groups {

// What consumers call their groups, in both protocols.
inline constexpr std::string_view kConsumerProtocolType = "consumer";

enum class GroupState { Empty, PreparingRebalance, CompletingRebalance, Stable };
[[nodiscard]] std::string_view state_name(GroupState state);

// A request whose answer is held back.
struct Waiting {
  Ticket ticket = 0;
  std::int16_t version = 0;
};

struct Member {
  std::string id;
  std::optional<std::string> instance_id;  // a static member keeps its place under this name
  std::string client_id;
  std::string client_host;
  std::chrono::milliseconds rebalance_timeout{0};
  std::chrono::milliseconds session_timeout{0};
  std::vector<Protocol> protocols{};  // most wanted first
  SharedBytes assignment;
  std::optional<Waiting> join{};
  std::optional<Waiting> sync{};
  bool fresh = false;        // has not been told its id yet, so it can't send heartbeats
  bool owes_sync = false;    // joined this generation and has not asked for its assignment
  MonotonicTime deadline{};  // without a sign of life until then it is removed

  [[nodiscard]] bool supports(std::string_view protocol) const;
  [[nodiscard]] SharedBytes metadata_for(const std::optional<std::string>& protocol) const;
  // A member that waits for an answer is alive, except one whose first join is never answered.
  [[nodiscard]] bool can_expire() const { return fresh || (!join && !sync); }
};

struct Group {
  GroupName name;
  std::uint64_t incarnation = 0;  // tells this group from an earlier one of the same name
  GroupState state = GroupState::Empty;
  std::optional<WallTime> state_since;
  std::int32_t generation = 0;
  std::string protocol_type;                      // empty: only offsets were ever committed here
  std::optional<std::string> protocol;            // of the present generation
  std::optional<std::string> leader;              // a member id
  std::map<std::string, Member> members;          // by member id
  std::map<std::string, MonotonicTime> promised;  // ids handed out with MEMBER_ID_REQUIRED, until when they are kept
  std::map<std::string, std::string> static_ids;  // instance id -> member id
  std::optional<MonotonicTime> join_deadline;     // while PreparingRebalance
  std::optional<MonotonicTime> sync_deadline;     // while a member owes its sync
  std::optional<std::chrono::milliseconds>
      gathering;  // first rebalance of an empty group: how much longer it may be put off
  bool joined_while_gathering = false;
  bool assignment_under_way = false;  // the leader's assignment is being made durable
  std::map<TopicName, std::map<std::int32_t, CommittedOffset>> offsets;
  std::optional<ConsumerGroup> consumer;         // set: the group follows the newer protocol, and has no members above
  MonotonicTime wake = MonotonicTime::max();     // nothing is due before
  MonotonicTime indexed = MonotonicTime::max();  // where the coordinator has it in its index of deadlines

  // Without members of either protocol.
  [[nodiscard]] bool is_empty() const { return consumer ? consumer->members.empty() : state == GroupState::Empty; }
  [[nodiscard]] std::string_view shown_state() const { return consumer ? consumer->state_name() : state_name(state); }

  // nullptr when there is no such member.
  [[nodiscard]] Member* find(const std::string& member_id);
  [[nodiscard]] bool is_leader(const Member& member) const { return leader == member.id; }

  // The first member decides the protocol type and leads.
  Member& add(Member member);
  void remove(const std::string& member_id);
  // The member behind `instance_id` gets `new_id`; returns it under that.
  Member& replace_static(const std::string& instance_id, const std::string& new_id);

  [[nodiscard]] bool has_offset(const TopicName& topic, std::int32_t partition) const;

  [[nodiscard]] bool all_support(std::string_view wanted) const;
  // Whether a member with these protocols could be part of the group.
  [[nodiscard]] bool accepts(std::string_view type, const std::vector<Protocol>& protocols) const;
  // The protocol that all members support and most of them want most. At least one member must exist.
  [[nodiscard]] std::string select_protocol() const;

  [[nodiscard]] std::chrono::milliseconds rebalance_timeout() const;
  [[nodiscard]] std::size_t waiting_to_join() const;
  [[nodiscard]] bool all_joined() const { return promised.empty() && waiting_to_join() == members.size(); }
  // Makes sure that the leader is a member that joins; false when nobody joins.
  [[nodiscard]] bool elect_joining_leader();
  void enter(GroupState next, WallTime now);

  void wake_at(MonotonicTime when) { wake = std::min(wake, when); }
  [[nodiscard]] MonotonicTime earliest_deadline() const;

  [[nodiscard]] StoredGroup stored() const;
  [[nodiscard]] bool holds_nothing() const {
    return members.empty() && promised.empty() && offsets.empty() && (!consumer || consumer->members.empty());
  }
};

}  // namespace myelin::engine::groups
