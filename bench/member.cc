#include "bench/member.h"

#include "kafka/message/find_coordinator.h"
#include "kafka/message/join_group.h"
#include "kafka/message/leave_group.h"
#include "kafka/message/sync_group.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kFindVersion = 2;
constexpr std::int16_t kJoinVersion = 5;
constexpr std::int16_t kSyncVersion = 3;
constexpr std::int16_t kLeaveVersion = 1;
constexpr std::int16_t kMemberIdRequired = 79;

// Version 0 of a subscription to one topic, or of an assignment of nothing.
SharedBytes subscription() {
  kafka::Writer out;
  out.int16(0);
  out.array(1, false);
  out.string("bench", false);
  out.int32(-1);
  return SharedBytes(out.finish_flat());
}
SharedBytes assignment() {
  kafka::Writer out;
  out.int16(0);
  out.array(0, false);
  out.int32(-1);
  return SharedBytes(out.finish_flat());
}

}  // namespace

void await_coordinator(Connection& connection, const std::string& key, CoordinatorOf kind) {
  kafka::FindCoordinatorRequest request;
  request.key = key;
  request.key_type = static_cast<std::int8_t>(kind);
  once_coordinated("FindCoordinator", [&] {
    return ask<kafka::FindCoordinatorResponse>(connection, kafka::ApiKey::FindCoordinator, kFindVersion, request);
  });
}

Member join_group(Connection& connection, const std::string& group) {
  await_coordinator(connection, group, CoordinatorOf::Group);
  kafka::JoinGroupRequest request;
  request.group_id = group;
  request.session_timeout_ms = 60'000;
  request.rebalance_timeout_ms = 60'000;
  request.protocol_type = "consumer";
  auto& protocol = request.protocols.emplace_back();
  protocol.name = "range";
  protocol.metadata = subscription();
  const auto joined = once_coordinated("JoinGroup", [&] {
    auto answer = ask<kafka::JoinGroupResponse>(connection, kafka::ApiKey::JoinGroup, kJoinVersion, request);
    if (answer.error_code != kMemberIdRequired) return answer;
    request.member_id = answer.member_id;
    return ask<kafka::JoinGroupResponse>(connection, kafka::ApiKey::JoinGroup, kJoinVersion, request);
  });
  Member member{group, joined.member_id, joined.generation_id};
  kafka::SyncGroupRequest sync;
  sync.group_id = group;
  sync.generation_id = member.generation;
  sync.member_id = member.id;
  auto& own = sync.assignments.emplace_back();
  own.member_id = member.id;
  own.assignment = assignment();
  once_coordinated("SyncGroup", [&] {
    return ask<kafka::SyncGroupResponse>(connection, kafka::ApiKey::SyncGroup, kSyncVersion, sync);
  });
  return member;
}

void leave_group(Connection& connection, const Member& member) {
  kafka::LeaveGroupRequest request;
  request.group_id = member.group;
  request.member_id = member.id;
  once_coordinated("LeaveGroup", [&] {
    return ask<kafka::LeaveGroupResponse>(connection, kafka::ApiKey::LeaveGroup, kLeaveVersion, request);
  });
}

}  // namespace myelin::bench
