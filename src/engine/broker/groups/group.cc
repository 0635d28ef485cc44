#include "engine/broker/groups/group.h"

#include <algorithm>
#include <ranges>

#include "base/check.h"

namespace myelin::engine::groups {

std::string_view state_name(GroupState state) {
  switch (state) {
    case GroupState::Empty:
      return "Empty";
    case GroupState::PreparingRebalance:
      return "PreparingRebalance";
    case GroupState::CompletingRebalance:
      return "CompletingRebalance";
    case GroupState::Stable:
      return "Stable";
  }
  return "Unknown";
}

bool Member::supports(std::string_view protocol) const {
  return std::ranges::any_of(protocols, [protocol](const Protocol& own) { return own.name == protocol; });
}

SharedBytes Member::metadata_for(const std::optional<std::string>& protocol) const {
  const auto found = std::ranges::find_if(protocols, [&protocol](const Protocol& own) { return own.name == protocol; });
  return found == protocols.end() ? SharedBytes() : found->metadata;
}

Member* Group::find(const std::string& member_id) {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

Member& Group::add(Member member) {
  if (!leader) leader = member.id;
  if (member.instance_id) static_ids[*member.instance_id] = member.id;
  promised.erase(member.id);
  auto [place, added] = members.emplace(member.id, std::move(member));
  CHECK(added);
  return place->second;
}

void Group::remove(const std::string& member_id) {
  const auto found = members.find(member_id);
  CHECK(found != members.end());
  if (found->second.instance_id) static_ids.erase(*found->second.instance_id);
  members.erase(found);
  if (leader != member_id) return;
  if (members.empty()) {
    leader.reset();
  } else {
    leader = members.begin()->first;
  }
}

Member& Group::replace_static(const std::string& instance_id, const std::string& new_id) {
  std::string& current = static_ids.at(instance_id);
  auto node = members.extract(current);
  if (leader == current) leader = new_id;
  current = new_id;
  node.key() = new_id;
  node.mapped().id = new_id;
  return members.insert(std::move(node)).position->second;
}

bool Group::has_offset(const TopicName& topic, std::int32_t partition) const {
  const auto found = offsets.find(topic);
  return found != offsets.end() && found->second.contains(partition);
}

bool Group::all_support(std::string_view wanted) const {
  return std::ranges::all_of(members | std::views::values,
                             [wanted](const Member& member) { return member.supports(wanted); });
}

bool Group::accepts(std::string_view type, const std::vector<Protocol>& protocols) const {
  if (type.empty() || protocols.empty()) return false;
  if (members.empty()) return true;
  return type == protocol_type &&
         std::ranges::any_of(protocols, [this](const Protocol& offered) { return all_support(offered.name); });
}

std::string Group::select_protocol() const {
  CHECK(!members.empty());
  std::vector<std::pair<std::string, int>> votes;  // in the order of one member's wishes, which settles a draw
  for (const Protocol& offered : members.begin()->second.protocols)
    if (all_support(offered.name)) votes.emplace_back(offered.name, 0);
  CHECK(!votes.empty());
  for (const Member& member : members | std::views::values) {
    for (const Protocol& wish : member.protocols) {
      const auto vote = std::ranges::find(votes, wish.name, &std::pair<std::string, int>::first);
      if (vote == votes.end()) continue;
      ++vote->second;
      break;
    }
  }
  return std::ranges::max_element(votes, {}, &std::pair<std::string, int>::second)->first;
}

std::chrono::milliseconds Group::rebalance_timeout() const {
  std::chrono::milliseconds longest{0};
  for (const Member& member : members | std::views::values) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

std::size_t Group::waiting_to_join() const {
  return static_cast<std::size_t>(std::ranges::count_if(members | std::views::values,
                                                        [](const Member& member) { return member.join.has_value(); }));
}

bool Group::elect_joining_leader() {
  if (leader && members.at(*leader).join) return true;
  for (const Member& member : members | std::views::values) {
    if (!member.join) continue;
    leader = member.id;
    return true;
  }
  return false;
}

void Group::enter(GroupState next, WallTime now) {
  state = next;
  state_since = now;
}

MonotonicTime Group::earliest_deadline() const {
  MonotonicTime earliest = consumer ? consumer->earliest_deadline() : MonotonicTime::max();
  if (join_deadline) earliest = std::min(earliest, *join_deadline);
  if (sync_deadline) earliest = std::min(earliest, *sync_deadline);
  for (const MonotonicTime until : promised | std::views::values) earliest = std::min(earliest, until);
  for (const Member& member : members | std::views::values)
    if (member.can_expire()) earliest = std::min(earliest, member.deadline);
  return earliest;
}

StoredGroup Group::stored() const {
  StoredGroup record{.protocol_type = protocol_type,
                     .generation = generation,
                     .protocol = protocol,
                     .leader = leader,
                     .state_since = state_since,
                     .members = {}};
  for (const Member& member : members | std::views::values)
    record.members.push_back({.id = member.id,
                              .instance_id = member.instance_id,
                              .client_id = member.client_id,
                              .client_host = member.client_host,
                              .rebalance_timeout = member.rebalance_timeout,
                              .session_timeout = member.session_timeout,
                              .subscription = member.metadata_for(protocol),
                              .assignment = member.assignment});
  return record;
}

}  // namespace myelin::engine::groups
