#pragma once
// The part of a group that follows the newer protocol (KIP-848): members with epochs of their own, and the assignment
// that the broker makes for them. Values and the questions about them; what happens when is decided in
// consumer_membership.h.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "engine/broker/coordination.h"
#include "engine/broker/groups/assignors.h"
#include "engine/broker/groups/reconciliation.h"
#include "kafka/error_code.h"

namespace myelin::engine::groups {

// A way to share out partitions that a member can follow, with what it says about itself for it: opaque bytes.
struct Protocol {
  std::string name;
  SharedBytes metadata;
  [[nodiscard]] bool operator==(const Protocol& other) const;
};

// What a member that speaks the classic protocol says besides.
struct ClassicPart {
  std::chrono::milliseconds session_timeout{0};
  std::vector<Protocol> protocols;
  bool operator==(const ClassicPart&) const = default;
};

// What a member says of itself.
struct ConsumerProfile {
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  std::set<std::string> topics;
  std::string pattern;            // of names of topics; empty: none
  std::set<std::string> matched;  // the topics that the pattern names and the member may know of
  std::chrono::milliseconds rebalance_timeout{0};
  std::optional<std::string> assignor;
  std::optional<ClassicPart> classic;
  bool operator==(const ConsumerProfile&) const = default;
};

struct ConsumerMember {
  std::string id;
  ConsumerProfile profile;
  Position position;
  MonotonicTime deadline = MonotonicTime::max();  // without a sign of life until then it is removed
  std::optional<MonotonicTime> act_by;  // until then it must have given up, or rejoined or synced if it is classic
  MonotonicTime match_again = MonotonicTime::min();  // when what it may know of is asked anew for its pattern

  [[nodiscard]] bool subscribes(const std::string& topic) const {
    return profile.topics.contains(topic) || profile.matched.contains(topic);
  }
};

struct ConsumerGroup {
  std::int32_t epoch = 0;
  std::uint64_t metadata_hash = 0;  // of the topics that members subscribe to, when the epoch was last raised
  std::int32_t target_epoch = 0;
  Assignments targets;
  std::map<std::string, ConsumerMember> members;                   // by member id
  std::map<std::string, std::string> static_ids;                   // instance id -> member id
  std::map<TopicId, std::map<std::int32_t, std::string>> holders;  // member ids, of what they use or are to give up
  std::shared_ptr<const broker::TopicIndex> topics;                // as they were when they were last looked at
  std::set<std::string> in_log;                                    // members that may have records
  bool log_is_behind = false;                                      // an append failed: the next one writes everything

  // nullptr when there is no such member.
  [[nodiscard]] ConsumerMember* find(const std::string& member_id);
  [[nodiscard]] const ConsumerMember* find(const std::string& member_id) const;
  [[nodiscard]] ConsumerMember* find_static(const std::string& instance_id);

  ConsumerMember& add(ConsumerMember member);
  void remove(const std::string& member_id);
  void place(ConsumerMember& member, Position position);
  // Of whose member id; nullptr: nobody.
  [[nodiscard]] const std::string* holder(const TopicId& topic, std::int32_t partition) const;
  [[nodiscard]] bool holds(const ConsumerMember& member, const TopicId& topic, std::int32_t partition) const;
  // Nobody else holds it.
  [[nodiscard]] bool is_free_for(const ConsumerMember& member, const TopicId& topic, std::int32_t partition) const;

  [[nodiscard]] Target target_of(const std::string& member_id) const;
  // The assignor that most members wish for.
  [[nodiscard]] std::string assignor() const;
  [[nodiscard]] std::string_view state_name() const;
  [[nodiscard]] bool subscribes(const std::string& topic) const;
  [[nodiscard]] bool all_classic() const;
  // Whether all classic members can follow one of the protocols.
  [[nodiscard]] bool follows_any(const std::vector<Protocol>& protocols) const;

  // Of the topics that members subscribe to, as they are; zero when there is none.
  [[nodiscard]] std::uint64_t hash_of_subscribed() const;
  // Gives every member its share of the topics as they are.
  [[nodiscard]] Assignments shared_out() const;

  // None, or why a commit or fetch of offsets by this member does not count.
  [[nodiscard]] kafka::ErrorCode check_epoch(const std::string& member_id, std::int32_t epoch) const;
  [[nodiscard]] MonotonicTime earliest_deadline() const;
};

}  // namespace myelin::engine::groups
