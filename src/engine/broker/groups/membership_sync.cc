#include <algorithm>
#include <utility>

#include "engine/broker/groups/membership.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

// SyncGroup 5 names what the member believes was chosen; before, there is nothing to compare.
bool agrees(const std::optional<std::string>& said, const std::optional<std::string>& known) {
  return !said || said == known;
}

}  // namespace

kafka::SyncGroupResponse sync_error(ErrorCode error) {
  kafka::SyncGroupResponse response;
  response.error_code = kafka::code_of(error);
  return response;
}

kafka::SyncGroupResponse Membership::synced(const Group& group, const Member& member) const {
  kafka::SyncGroupResponse response;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.assignment = member.assignment;
  return response;
}

void Membership::sync(Group& group, const Asker& asker, const kafka::SyncGroupRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, sync_error(error)); };
  if (const ErrorCode wrong = check_member(group, request.member_id, request.group_instance_id);
      wrong != ErrorCode::None)
    return refuse(wrong);
  if (request.generation_id != group.generation) return refuse(ErrorCode::IllegalGeneration);
  if (!agrees(request.protocol_type, group.protocol_type) || !agrees(request.protocol_name, group.protocol))
    return refuse(ErrorCode::InconsistentGroupProtocol);

  Member& member = *group.find(request.member_id);
  switch (group.state) {
    case GroupState::Empty:
      return refuse(ErrorCode::UnknownMemberId);
    case GroupState::PreparingRebalance:
      return refuse(ErrorCode::RebalanceInProgress);
    case GroupState::CompletingRebalance:
      break;
    case GroupState::Stable:
      keep_alive(group, member, asker.now.monotonic);
      outbox_.reply(asker.ticket, synced(group, member));
      break;
  }
  member.owes_sync = false;
  if (std::ranges::none_of(group.members, [](const auto& entry) { return entry.second.owes_sync; }))
    group.sync_deadline.reset();
  if (group.state == GroupState::Stable) return;

  if (const auto before = std::exchange(member.sync, Waiting{asker.ticket, asker.call.version}))
    outbox_.reply(before->ticket, sync_error(ErrorCode::RebalanceInProgress));
  if (group.is_leader(member) && !group.assignment_under_way) take_assignment(group, request);
}

void Membership::take_assignment(Group& group, const kafka::SyncGroupRequest& request) {
  for (auto& [id, member] : group.members) member.assignment = SharedBytes();
  for (const auto& given : request.assignments)
    if (Member* member = group.find(given.member_id))
      member->assignment = SharedBytes::copy_of(given.assignment.view());
  group.assignment_under_way = true;
  std::vector<OffsetsRecord> records;
  records.push_back(group_record(group.name, group.stored()));
  outbox_.append(std::move(records), AssignmentStored{group.name, group.incarnation, group.generation});
}

void Membership::assignment_stored(Group& group, std::int32_t generation, bool durable, Now now) {
  if (group.state != GroupState::CompletingRebalance || group.generation != generation) return;
  if (!durable) {
    drop_assignment(group, ErrorCode::CoordinatorNotAvailable);
    return prepare_rebalance(group, now);
  }
  group.assignment_under_way = false;
  group.enter(GroupState::Stable, now.wall);
  for (auto& [id, member] : group.members) {
    const auto waiting = std::exchange(member.sync, std::nullopt);
    if (!waiting) continue;
    keep_alive(group, member, now.monotonic);
    outbox_.reply(waiting->ticket, synced(group, member));
  }
}

void Membership::drop_assignment(Group& group, ErrorCode reason) {
  group.assignment_under_way = false;
  for (auto& [id, member] : group.members) {
    member.assignment = SharedBytes();
    if (const auto waiting = std::exchange(member.sync, std::nullopt))
      outbox_.reply(waiting->ticket, sync_error(reason));
  }
}

}  // namespace myelin::engine::groups
