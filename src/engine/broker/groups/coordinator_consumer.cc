// Requests of members that speak the newer protocol, and what kind of group they find.
#include <algorithm>
#include <ranges>
#include <utility>

#include "engine/broker/groups/conversion.h"
#include "engine/broker/groups/coordinator.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

void GroupCoordinator::consumer_heartbeat(const Asker& asker, const kafka::ConsumerGroupHeartbeatRequest& request) {
  const auto refuse = [&](const Refusal& refusal) { outbox_.reply(asker.ticket, heartbeat_refusal(refusal)); };
  if (const auto wrong = consumer_membership_.check(request, asker.call.version)) return refuse(*wrong);
  Group* group = find(request.group_id);
  std::vector<OffsetsRecord> conversion;
  if (request.member_epoch == 0) {
    if (group == nullptr && groups_.size() >= settings_.groups_max)
      return refuse({ErrorCode::PolicyViolation, "there are too many groups"});
    if (group == nullptr) group = &create(GroupName(request.group_id));
    auto converted = become_consumer(*group, asker.now);
    if (!converted) return refuse(converted.error());
    conversion = *std::move(converted);
  }
  if (group == nullptr || !group->consumer)
    return refuse({ErrorCode::GroupIdNotFound, "there is no group of the consumer protocol with this id"});
  if (request.member_epoch < 0) {
    leave_consumer(*group, asker, request);
  } else {
    consumer_membership_.heartbeat(*group, asker, request, std::move(conversion));
  }
  index(*group);
}

void GroupCoordinator::leave_consumer(Group& group, const Asker& asker,
                                      const kafka::ConsumerGroupHeartbeatRequest& request) {
  const auto member = ConsumerMembership::leaving(*group.consumer, request);
  if (!member) return outbox_.reply(asker.ticket, heartbeat_refusal(member.error()));
  kafka::ConsumerGroupHeartbeatResponse response;
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  AnswerStored answer{asker.ticket, std::move(response),
                      heartbeat_refusal({ErrorCode::CoordinatorNotAvailable, "the group can't be written down"})};
  if (request.member_epoch == kAwayEpoch)
    return consumer_membership_.send_away(group, **member, asker.now, std::move(answer));
  remove_consumers(group, {(*member)->id}, asker.now, std::move(answer));
}

void GroupCoordinator::expire_consumers(Group& group, Now now) {
  const auto overdue = ConsumerMembership::overdue(*group.consumer, now.monotonic);
  if (!overdue.empty()) remove_consumers(group, overdue, now, std::nullopt);
}

void GroupCoordinator::remove_consumers(Group& group, const std::vector<std::string>& member_ids, Now now,
                                        std::optional<AnswerStored> answer) {
  const auto& members = group.consumer->members;
  const bool only_classic_stay = std::ranges::all_of(members, [&](const auto& entry) {
    return entry.second.profile.classic || std::ranges::find(member_ids, entry.first) != member_ids.end();
  });
  if (!only_classic_stay || members.size() == member_ids.size())
    return consumer_membership_.remove(group, member_ids, now, std::move(answer));
  for (const std::string& id : member_ids) group.consumer->remove(id);
  become_classic(group, now, std::move(answer));
}

std::expected<std::vector<OffsetsRecord>, Refusal> GroupCoordinator::become_consumer(Group& group, Now now) {
  if (group.consumer) return {};
  auto former = group.members;
  auto records = make_consumer_group(group, settings_, *consumer_membership_.topics());
  if (!records) return records;
  for (Member& member : former | std::views::values) membership_.release(member, ErrorCode::RebalanceInProgress);
  for (ConsumerMember& member : group.consumer->members | std::views::values)
    consumer_membership_.keep_alive(group, member, now.monotonic);
  return records;
}

void GroupCoordinator::become_classic(Group& group, Now now, std::optional<AnswerStored> answer) {
  auto records = make_classic_group(group, *consumer_membership_.topics(), now);
  for (Member& member : group.members | std::views::values) Membership::keep_alive(group, member, now.monotonic);
  if (answer) {
    outbox_.append(std::move(records), *std::move(answer));
  } else {
    outbox_.append(std::move(records), Unawaited{});
  }
  if (!group.members.empty()) membership_.begin_anew(group, now);
}

void GroupCoordinator::join_among_consumers(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request) {
  classic_members_.join(group, asker, request);
  // A static member may have been the last one of the newer protocol.
  if (group.consumer->all_classic()) become_classic(group, asker.now, std::nullopt);
}

void GroupCoordinator::leave_among_consumers(Group& group, const Asker& asker,
                                             const kafka::LeaveGroupRequest& request) {
  auto leaving = ClassicMembers::leaving(*group.consumer, request, asker.call.version);
  if (leaving.members.empty()) return outbox_.reply(asker.ticket, std::move(leaving.answer));
  kafka::LeaveGroupResponse failed;
  failed.error_code = kafka::code_of(ErrorCode::CoordinatorNotAvailable);
  remove_consumers(group, leaving.members, asker.now,
                   AnswerStored{asker.ticket, std::move(leaving.answer), std::move(failed)});
}

void GroupCoordinator::add_tombstones(std::vector<OffsetsRecord>& records, const Group& group) {
  if (group.consumer) {
    add_consumer_group_tombstones(records, group.name, *group.consumer);
  } else {
    records.push_back(group_tombstone(group.name));
  }
}

}  // namespace myelin::engine::groups
