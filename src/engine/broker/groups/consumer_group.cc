#include "engine/broker/groups/consumer_group.h"

#include <algorithm>
#include <ranges>

#include "base/check.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

// FNV-1a.
void mix(std::uint64_t& hash, std::span<const std::byte> bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
}

}  // namespace

bool Protocol::operator==(const Protocol& other) const {
  return name == other.name && std::ranges::equal(metadata.view(), other.metadata.view());
}

ConsumerMember* ConsumerGroup::find(const std::string& member_id) {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

const ConsumerMember* ConsumerGroup::find(const std::string& member_id) const {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

ConsumerMember* ConsumerGroup::find_static(const std::string& instance_id) {
  const auto found = static_ids.find(instance_id);
  return found == static_ids.end() ? nullptr : find(found->second);
}

ConsumerMember& ConsumerGroup::add(ConsumerMember member) {
  if (member.profile.instance_id) static_ids[*member.profile.instance_id] = member.id;
  Position position = std::move(member.position);
  member.position = {};
  std::string id = member.id;
  auto [place_of, added] = members.emplace(std::move(id), std::move(member));
  CHECK(added);
  place(place_of->second, std::move(position));
  return place_of->second;
}

void ConsumerGroup::remove(const std::string& member_id) {
  const auto found = members.find(member_id);
  CHECK(found != members.end());
  place(found->second, {});
  if (const auto& instance = found->second.profile.instance_id) {
    if (const auto held = static_ids.find(*instance); held != static_ids.end() && held->second == member_id)
      static_ids.erase(held);
  }
  members.erase(found);
  targets.erase(member_id);
}

void ConsumerGroup::place(ConsumerMember& member, Position position) {
  for (const Assignment* before : {&member.position.assigned, &member.position.revoking}) {
    for (const auto& [topic, partitions] : *before) {
      const auto of_topic = holders.find(topic);
      if (of_topic == holders.end()) continue;
      for (const std::int32_t partition : partitions) {
        const auto held = of_topic->second.find(partition);
        if (held != of_topic->second.end() && held->second == member.id) of_topic->second.erase(held);
      }
      if (of_topic->second.empty()) holders.erase(of_topic);
    }
  }
  member.position = std::move(position);
  for (const Assignment* now : {&member.position.assigned, &member.position.revoking}) {
    for (const auto& [topic, partitions] : *now) {
      for (const std::int32_t partition : partitions) holders[topic][partition] = member.id;
    }
  }
}

const std::string* ConsumerGroup::holder(const TopicId& topic, std::int32_t partition) const {
  const auto of_topic = holders.find(topic);
  if (of_topic == holders.end()) return nullptr;
  const auto held = of_topic->second.find(partition);
  return held == of_topic->second.end() ? nullptr : &held->second;
}

bool ConsumerGroup::holds(const ConsumerMember& member, const TopicId& topic, std::int32_t partition) const {
  const std::string* id = holder(topic, partition);
  return id != nullptr && *id == member.id;
}

bool ConsumerGroup::is_free_for(const ConsumerMember& member, const TopicId& topic, std::int32_t partition) const {
  const std::string* id = holder(topic, partition);
  return id == nullptr || *id == member.id;
}

Target ConsumerGroup::target_of(const std::string& member_id) const {
  const auto found = targets.find(member_id);
  return {target_epoch, found == targets.end() ? Assignment() : found->second};
}

std::string ConsumerGroup::assignor() const {
  std::map<std::string, int> wishes;
  for (const ConsumerMember& member : members | std::views::values)
    if (member.profile.assignor) ++wishes[*member.profile.assignor];
  if (wishes.empty()) return std::string(kUniformAssignor);
  return std::ranges::max_element(wishes, {}, [](const auto& wish) { return wish.second; })->first;
}

std::string_view ConsumerGroup::state_name() const {
  if (members.empty()) return "Empty";
  if (epoch > target_epoch) return "Assigning";
  const auto is_settled = [this](const ConsumerMember& member) {
    return member.position.state == MemberState::Stable && member.position.epoch == target_epoch;
  };
  return std::ranges::all_of(members | std::views::values, is_settled) ? "Stable" : "Reconciling";
}

bool ConsumerGroup::subscribes(const std::string& topic) const {
  return std::ranges::any_of(members | std::views::values,
                             [&topic](const ConsumerMember& member) { return member.subscribes(topic); });
}

bool ConsumerGroup::all_classic() const {
  return std::ranges::all_of(members | std::views::values,
                             [](const ConsumerMember& member) { return member.profile.classic.has_value(); });
}

bool ConsumerGroup::follows_any(const std::vector<Protocol>& protocols) const {
  const auto all_follow = [this](const Protocol& offered) {
    return std::ranges::all_of(members | std::views::values, [&offered](const ConsumerMember& member) {
      const auto& classic = member.profile.classic;
      return !classic ||
             std::ranges::find(classic->protocols, offered.name, &Protocol::name) != classic->protocols.end();
    });
  };
  return std::ranges::any_of(protocols, all_follow);
}

std::uint64_t ConsumerGroup::hash_of_subscribed() const {
  std::set<std::string> names;
  for (const ConsumerMember& member : members | std::views::values) {
    names.insert(member.profile.topics.begin(), member.profile.topics.end());
    names.insert(member.profile.matched.begin(), member.profile.matched.end());
  }
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325;
  std::uint64_t hash = 0;
  for (const std::string& name : names) {
    const auto found = topics->by_name.find(TopicName(name));
    if (found == topics->by_name.end()) continue;
    if (hash == 0) hash = kOffsetBasis;
    mix(hash, found->second.id.bytes);
    mix(hash, std::as_bytes(std::span(&found->second.partitions, 1)));
  }
  return hash;
}

Assignments ConsumerGroup::shared_out() const {
  std::vector<Candidate> candidates;
  PartitionCounts counts;
  for (const auto& [id, member] : members) {
    Candidate& candidate = candidates.emplace_back();
    candidate.member_id = id;
    candidate.instance_id = member.profile.instance_id;
    candidate.current = target_of(id).partitions;
    for (const auto* names : {&member.profile.topics, &member.profile.matched}) {
      for (const std::string& name : *names) {
        const auto found = topics->by_name.find(TopicName(name));
        if (found == topics->by_name.end()) continue;
        candidate.topics.insert(found->second.id);
        counts[found->second.id] = found->second.partitions;
      }
    }
  }
  return assignor() == kRangeAssignor ? assign_range(candidates, counts) : assign_uniform(candidates, counts);
}

ErrorCode ConsumerGroup::check_epoch(const std::string& member_id, std::int32_t said) const {
  const ConsumerMember* member = find(member_id);
  if (member == nullptr) return ErrorCode::UnknownMemberId;
  if (said == member->position.epoch) return ErrorCode::None;
  return member->profile.classic ? ErrorCode::IllegalGeneration : ErrorCode::StaleMemberEpoch;
}

MonotonicTime ConsumerGroup::earliest_deadline() const {
  MonotonicTime earliest = MonotonicTime::max();
  for (const ConsumerMember& member : members | std::views::values) {
    earliest = std::min(earliest, member.deadline);
    if (member.act_by) earliest = std::min(earliest, *member.act_by);
  }
  return earliest;
}

}  // namespace myelin::engine::groups
