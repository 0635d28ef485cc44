#include "engine/broker/groups/membership.h"

#include <algorithm>
#include <utility>

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstVersionWithMembers = 3;  // LeaveGroup for several members at once

}  // namespace

Membership::Membership(const Settings& settings, Outbox& outbox, std::function<Uuid()> new_id)
    : settings_(settings), outbox_(outbox), new_id_(std::move(new_id)) {}

kafka::HeartbeatResponse heartbeat_answer(ErrorCode error) {
  kafka::HeartbeatResponse response;
  response.error_code = kafka::code_of(error);
  return response;
}

ErrorCode Membership::check_member(const Group& group, const std::string& member_id,
                                   const std::optional<std::string>& instance_id) {
  if (instance_id) {
    const auto holder = group.static_ids.find(*instance_id);
    if (holder == group.static_ids.end()) return ErrorCode::UnknownMemberId;
    return holder->second == member_id ? ErrorCode::None : ErrorCode::FencedInstanceId;
  }
  return group.members.contains(member_id) ? ErrorCode::None : ErrorCode::UnknownMemberId;
}

void Membership::keep_alive(Group& group, Member& member, MonotonicTime now) {
  member.deadline = now + member.session_timeout;
  group.wake_at(member.deadline);
}

void Membership::release(Member& member, ErrorCode reason) {
  if (const auto waiting = std::exchange(member.join, std::nullopt))
    outbox_.reply(waiting->ticket, join_error(waiting->version, member.id, reason));
  if (const auto waiting = std::exchange(member.sync, std::nullopt)) outbox_.reply(waiting->ticket, sync_error(reason));
}

void Membership::prepare_rebalance(Group& group, Now now) {
  if (group.state == GroupState::PreparingRebalance) return;
  if (group.state == GroupState::CompletingRebalance) drop_assignment(group, ErrorCode::RebalanceInProgress);
  group.sync_deadline.reset();
  const auto longest = group.rebalance_timeout();
  if (group.state == GroupState::Empty) {
    const auto first = settings_.initial_rebalance_delay;
    group.gathering = std::max(longest - first, std::chrono::milliseconds(0));
    group.joined_while_gathering = false;
    group.join_deadline = now.monotonic + first;
  } else {
    group.join_deadline = now.monotonic + longest;
  }
  group.wake_at(*group.join_deadline);
  group.enter(GroupState::PreparingRebalance, now.wall);
}

void Membership::complete_join_if_all_are_there(Group& group, Now now) {
  if (group.state != GroupState::PreparingRebalance) return;
  if (group.gathering) {
    if (settings_.initial_rebalance_delay.count() == 0) complete_join(group, now);
  } else if (group.all_joined()) {
    complete_join(group, now);
  }
}

// Each newcomer puts the first generation off once more, within the rebalance timeout.
void Membership::end_gathering(Group& group, Now now) {
  const auto rest = *group.gathering;
  if (!group.joined_while_gathering || rest.count() == 0) return complete_join(group, now);
  const auto extension = std::min(settings_.initial_rebalance_delay, rest);
  group.joined_while_gathering = false;
  group.gathering = rest - extension;
  group.join_deadline = now.monotonic + extension;
}

void Membership::complete_join(Group& group, Now now) {
  group.gathering.reset();
  std::vector<std::string> absent;  // static members keep their place until their session ends
  for (const auto& [id, member] : group.members)
    if (!member.join && !member.instance_id) absent.push_back(id);
  for (const std::string& id : absent) group.remove(id);
  if (!group.members.empty() && !group.elect_joining_leader()) {
    constexpr std::chrono::milliseconds kPostponedAtLeast{1'000};
    group.join_deadline = now.monotonic + std::max(group.rebalance_timeout(), kPostponedAtLeast);
    group.wake_at(*group.join_deadline);
    return;
  }
  start_generation(group, now);
}

void Membership::start_generation(Group& group, Now now) {
  group.join_deadline.reset();
  group.assignment_under_way = false;
  ++group.generation;
  if (group.members.empty()) {
    group.protocol.reset();
    group.enter(GroupState::Empty, now.wall);
    std::vector<OffsetsRecord> records;
    records.push_back(group_record(group.name, group.stored()));
    return outbox_.append(std::move(records), Unawaited{});
  }
  group.protocol = group.select_protocol();
  group.enter(GroupState::CompletingRebalance, now.wall);
  group.sync_deadline = now.monotonic + group.rebalance_timeout();
  group.wake_at(*group.sync_deadline);
  for (auto& [id, member] : group.members) {
    member.fresh = false;
    member.owes_sync = true;
    keep_alive(group, member, now.monotonic);
    if (const auto waiting = std::exchange(member.join, std::nullopt))
      outbox_.reply(waiting->ticket, joined(group, member, waiting->version));
  }
}

void Membership::heartbeat(Group& group, const Asker& asker, const kafka::HeartbeatRequest& request) {
  const auto answer = [&](ErrorCode error) { outbox_.reply(asker.ticket, heartbeat_answer(error)); };
  if (const ErrorCode wrong = check_member(group, request.member_id, request.group_instance_id);
      wrong != ErrorCode::None)
    return answer(wrong);
  if (request.generation_id != group.generation) return answer(ErrorCode::IllegalGeneration);
  if (group.state == GroupState::Empty) return answer(ErrorCode::UnknownMemberId);
  keep_alive(group, *group.find(request.member_id), asker.now.monotonic);
  answer(group.state == GroupState::PreparingRebalance ? ErrorCode::RebalanceInProgress : ErrorCode::None);
}

void Membership::leave(Group& group, const Asker& asker, const kafka::LeaveGroupRequest& request) {
  kafka::LeaveGroupResponse response;
  if (asker.call.version < kFirstVersionWithMembers) {
    response.error_code = kafka::code_of(leave_one(group, request.member_id, std::nullopt, asker.now));
  } else {
    for (const auto& leaving : request.members) {
      const ErrorCode outcome = leave_one(group, leaving.member_id, leaving.group_instance_id, asker.now);
      auto& answer = response.members.emplace_back();
      answer.member_id = leaving.member_id;
      answer.group_instance_id = leaving.group_instance_id;
      answer.error_code = kafka::code_of(outcome);
    }
  }
  outbox_.reply(asker.ticket, std::move(response));
}

ErrorCode Membership::leave_one(Group& group, const std::string& member_id,
                                const std::optional<std::string>& instance_id, Now now) {
  if (!instance_id && group.promised.erase(member_id) > 0) {
    complete_join_if_all_are_there(group, now);
    return ErrorCode::None;
  }
  std::string leaving = member_id;
  if (instance_id && member_id.empty()) {  // an administrator removes a static member by its instance alone
    const auto holder = group.static_ids.find(*instance_id);
    if (holder == group.static_ids.end()) return ErrorCode::UnknownMemberId;
    leaving = holder->second;
  } else if (const ErrorCode wrong = check_member(group, member_id, instance_id); wrong != ErrorCode::None) {
    return wrong;
  }
  remove_member(group, leaving, now);
  return ErrorCode::None;
}

void Membership::remove_member(Group& group, const std::string& member_id, Now now) {
  release(*group.find(member_id), ErrorCode::UnknownMemberId);
  group.remove(member_id);
  prepare_rebalance(group, now);
  complete_join_if_all_are_there(group, now);
}

void Membership::expire(Group& group, Now now) {
  const auto due = [&now](MonotonicTime when) { return when <= now.monotonic; };
  if (std::erase_if(group.promised, [&due](const auto& entry) { return due(entry.second); }) > 0)
    complete_join_if_all_are_there(group, now);

  std::vector<std::string> silent;
  for (const auto& [id, member] : group.members)
    if (member.can_expire() && due(member.deadline)) silent.push_back(id);
  for (const std::string& id : silent)
    if (const Member* member = group.find(id); member && member->can_expire() && due(member->deadline))
      remove_member(group, id, now);

  if (group.sync_deadline && due(*group.sync_deadline)) {
    group.sync_deadline.reset();
    std::vector<std::string> owing;
    for (const auto& [id, member] : group.members)
      if (member.owes_sync) owing.push_back(id);
    for (const std::string& id : owing) {
      release(*group.find(id), ErrorCode::UnknownMemberId);
      group.remove(id);
    }
    prepare_rebalance(group, now);
    complete_join_if_all_are_there(group, now);
  }
  if (group.join_deadline && due(*group.join_deadline)) {
    if (group.gathering) {
      end_gathering(group, now);
    } else {
      complete_join(group, now);
    }
  }
}

}  // namespace myelin::engine::groups
