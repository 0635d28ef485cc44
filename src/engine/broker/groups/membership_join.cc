#include <algorithm>
#include <utility>

#include "engine/broker/groups/membership.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstVersionWithKnownMemberId = 4;  // KIP-394: a member gets its id before it counts
constexpr std::int16_t kFirstVersionWithNullProtocol = 7;
constexpr std::int16_t kFirstVersionWithSkippedAssignment = 9;
constexpr std::size_t kClientIdBytesInMemberId = 128;

bool fits_a_record(const kafka::JoinGroupRequest& request) {
  const auto fits = [](const std::string& text) { return text.size() <= kStringBytesMax; };
  if (!fits(request.protocol_type) || (request.group_instance_id && !fits(*request.group_instance_id))) return false;
  for (const auto& protocol : request.protocols)
    if (!fits(protocol.name)) return false;
  return true;
}

}  // namespace

struct Membership::Joiner {
  std::string member_id;
  std::optional<std::string> instance_id;
  std::chrono::milliseconds rebalance_timeout{0};
  std::chrono::milliseconds session_timeout{0};
  std::string protocol_type;
  std::vector<Protocol> protocols;
};

kafka::JoinGroupResponse join_error(std::int16_t version, const std::string& member_id, ErrorCode error) {
  kafka::JoinGroupResponse response;
  response.error_code = kafka::code_of(error);
  response.generation_id = -1;
  response.protocol_name = std::nullopt;
  if (version < kFirstVersionWithNullProtocol) response.protocol_name = "";
  response.member_id = member_id;
  return response;
}

kafka::JoinGroupResponse Membership::joined(const Group& group, const Member& member, std::int16_t version) const {
  kafka::JoinGroupResponse response;
  response.generation_id = group.generation;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  if (!group.protocol && version < kFirstVersionWithNullProtocol) response.protocol_name = "";
  response.leader = group.leader.value_or("");
  response.member_id = member.id;
  if (!group.is_leader(member)) return response;
  for (const auto& [id, other] : group.members) {
    auto& listed = response.members.emplace_back();
    listed.member_id = id;
    listed.group_instance_id = other.instance_id;
    listed.metadata = other.metadata_for(group.protocol);
  }
  return response;
}

void Membership::join(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request) {
  const auto refuse = [&](ErrorCode error) {
    outbox_.reply(asker.ticket, join_error(asker.call.version, request.member_id, error));
  };
  if (!fits_a_record(request)) return refuse(ErrorCode::InvalidRequest);
  const bool returns = request.group_instance_id && group.static_ids.contains(*request.group_instance_id);
  if (!returns && !has_room_for(group, request.member_id)) return refuse(ErrorCode::GroupMaxSizeReached);

  Joiner joiner{.member_id = request.member_id,
                .instance_id = request.group_instance_id,
                .rebalance_timeout = std::chrono::milliseconds(std::max(request.rebalance_timeout_ms, 1)),
                .session_timeout = std::chrono::milliseconds(request.session_timeout_ms),
                .protocol_type = request.protocol_type,
                .protocols = {}};
  if (asker.call.version == 0) joiner.rebalance_timeout = joiner.session_timeout;
  for (const auto& protocol : request.protocols)
    joiner.protocols.push_back({protocol.name, SharedBytes::copy_of(protocol.metadata.view())});
  if (!group.accepts(joiner.protocol_type, joiner.protocols)) return refuse(ErrorCode::InconsistentGroupProtocol);

  if (joiner.member_id.empty()) {
    join_new(group, asker, std::move(joiner));
  } else {
    join_known(group, asker, std::move(joiner));
  }
  complete_join_if_all_are_there(group, asker.now);
}

// While a rebalance is prepared only those who wait for it count: who does not come back makes room.
bool Membership::has_room_for(const Group& group, const std::string& member_id) const {
  const auto found = group.members.find(member_id);
  const bool is_member = found != group.members.end();
  if (group.state == GroupState::PreparingRebalance)
    return (is_member && found->second.join) || group.promised.contains(member_id) ||
           group.waiting_to_join() + group.promised.size() < settings_.group_size_max;
  return is_member || group.promised.contains(member_id) ||
         group.members.size() + group.promised.size() < settings_.group_size_max;
}

void Membership::join_new(Group& group, const Asker& asker, Joiner joiner) {
  const std::string& name = joiner.instance_id ? *joiner.instance_id : asker.call.attribution->client_id;
  std::string new_id = name.substr(0, kClientIdBytesInMemberId) + "-" + new_id_().text();
  if (joiner.instance_id) {
    if (group.static_ids.contains(*joiner.instance_id))
      return replace_static_member(group, asker, std::move(joiner), new_id);
    return add_member(group, asker, std::move(joiner), std::move(new_id));
  }
  if (asker.call.version < kFirstVersionWithKnownMemberId)
    return add_member(group, asker, std::move(joiner), std::move(new_id));
  const MonotonicTime until = asker.now.monotonic + joiner.session_timeout;
  group.promised[new_id] = until;
  group.wake_at(until);
  outbox_.reply(asker.ticket, join_error(asker.call.version, new_id, ErrorCode::MemberIdRequired));
}

void Membership::join_known(Group& group, const Asker& asker, Joiner joiner) {
  const auto refuse = [&](ErrorCode error) {
    outbox_.reply(asker.ticket, join_error(asker.call.version, joiner.member_id, error));
  };
  if (!joiner.instance_id && group.promised.contains(joiner.member_id)) {
    std::string id = joiner.member_id;
    return add_member(group, asker, std::move(joiner), std::move(id));
  }
  if (const ErrorCode wrong = check_member(group, joiner.member_id, joiner.instance_id); wrong != ErrorCode::None)
    return refuse(wrong);

  Member& member = *group.find(joiner.member_id);
  const bool unchanged = member.protocols == joiner.protocols;
  switch (group.state) {
    case GroupState::Empty:
      return refuse(ErrorCode::UnknownMemberId);
    case GroupState::PreparingRebalance:
      return rejoin(group, asker, std::move(joiner), member);
    case GroupState::CompletingRebalance:
      // The answer to its join got lost.
      if (!unchanged) return rejoin(group, asker, std::move(joiner), member);
      break;
    case GroupState::Stable:
      // A leader rejoins to have assignments made anew (topics changed), a follower only when it changed itself.
      if (!unchanged || group.is_leader(member)) return rejoin(group, asker, std::move(joiner), member);
      break;
  }
  outbox_.reply(asker.ticket, joined(group, member, asker.call.version));
}

void Membership::take_over(Member& member, const Asker& asker, Joiner joiner) {
  release(member, ErrorCode::RebalanceInProgress);
  member.rebalance_timeout = joiner.rebalance_timeout;
  member.session_timeout = joiner.session_timeout;
  member.protocols = std::move(joiner.protocols);
  member.client_id = asker.call.attribution->client_id.substr(0, kStringBytesMax);
  member.client_host = asker.call.client_host;
}

void Membership::rejoin(Group& group, const Asker& asker, Joiner joiner, Member& member) {
  take_over(member, asker, std::move(joiner));
  member.join = Waiting{asker.ticket, asker.call.version};
  prepare_rebalance(group, asker.now);
}

void Membership::add_member(Group& group, const Asker& asker, Joiner joiner, std::string member_id) {
  // It can't send heartbeats before it has been answered; the limit only sweeps away those whose client has given up.
  constexpr auto kFirstJoinMax = std::chrono::minutes(5);
  if (group.members.empty()) group.protocol_type = joiner.protocol_type;
  Member member{.id = std::move(member_id),
                .instance_id = joiner.instance_id,
                .client_id = {},
                .client_host = {},
                .protocols = {},
                .assignment = {},
                .join = std::nullopt,
                .sync = std::nullopt,
                .fresh = true,
                .deadline = asker.now.monotonic + kFirstJoinMax};
  take_over(member, asker, std::move(joiner));
  member.join = Waiting{asker.ticket, asker.call.version};
  group.wake_at(member.deadline);
  group.add(std::move(member));
  if (group.gathering) group.joined_while_gathering = true;
  prepare_rebalance(group, asker.now);
}

// The same instance came back under a new id, usually after a restart: it keeps its assignment and the old one is
// fenced.
void Membership::replace_static_member(Group& group, const Asker& asker, Joiner joiner, const std::string& new_id) {
  const std::string former_leader = group.leader.value_or("");
  const std::string instance_id = *joiner.instance_id;
  release(*group.find(group.static_ids.at(instance_id)), ErrorCode::FencedInstanceId);
  Member& member = group.replace_static(instance_id, new_id);
  take_over(member, asker, std::move(joiner));
  keep_alive(group, member, asker.now.monotonic);
  if (group.state == GroupState::Stable && group.select_protocol() == group.protocol)
    return answer_replaced(group, asker, member, former_leader);
  member.join = Waiting{asker.ticket, asker.call.version};
  prepare_rebalance(group, asker.now);
}

void Membership::answer_replaced(Group& group, const Asker& asker, const Member& member,
                                 const std::string& former_leader) {
  kafka::JoinGroupResponse response = joined(group, member, asker.call.version);
  if (asker.call.version >= kFirstVersionWithSkippedAssignment) {
    response.skip_assignment = group.is_leader(member);
  } else {
    // An old client that reads itself as leader would assign anew; naming the former id keeps it a follower.
    response.leader = former_leader;
    response.members.clear();
  }
  auto failed = join_error(asker.call.version, member.id, ErrorCode::CoordinatorNotAvailable);
  std::vector<OffsetsRecord> records;
  records.push_back(group_record(group.name, group.stored()));
  outbox_.append(std::move(records), AnswerStored{asker.ticket, std::move(response), std::move(failed)});
}

}  // namespace myelin::engine::groups
