#include "engine/broker/groups/classic_members.h"

#include <algorithm>
#include <utility>

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstVersionWithKnownMemberId = 4;  // KIP-394: a member gets its id before it counts
constexpr std::int16_t kFirstLeaveVersionWithMembers = 3;

ConsumerProfile described(const ConsumerMember& member, const Asker& asker, const kafka::JoinGroupRequest& request,
                          const Subscription& subscription) {
  ConsumerProfile profile = member.profile;
  if (request.group_instance_id) profile.instance_id = request.group_instance_id;
  profile.rack_id = subscription.rack_id;
  profile.topics = subscription.topics;
  profile.pattern.clear();
  profile.matched.clear();
  profile.assignor.reset();
  profile.client_id = asker.call.attribution->client_id;
  profile.client_host = asker.call.client_host;
  ClassicPart& classic = profile.classic.emplace();
  classic.session_timeout = std::chrono::milliseconds(request.session_timeout_ms);
  const auto rebalance_ms = asker.call.version == 0 ? request.session_timeout_ms : request.rebalance_timeout_ms;
  profile.rebalance_timeout = std::chrono::milliseconds(std::max(rebalance_ms, 1));
  for (const auto& protocol : request.protocols)
    classic.protocols.push_back({protocol.name, SharedBytes::copy_of(protocol.metadata.view())});
  return profile;
}

std::vector<Protocol> offered(const kafka::JoinGroupRequest& request) {
  std::vector<Protocol> protocols;
  for (const auto& protocol : request.protocols) protocols.push_back({protocol.name, {}});
  return protocols;
}

bool agrees(const std::optional<std::string>& said, std::string_view known) { return !said || *said == known; }

// Whether something that it waits for can be had by now.
bool could_go_on(const ConsumerGroup& consumer, const ConsumerMember& member) {
  if (member.position.state == MemberState::UnrevokedPartitions) return true;
  if (member.position.state == MemberState::Stable) return false;
  const Target target = consumer.target_of(member.id);
  return std::ranges::all_of(target.partitions, [&](const auto& entry) {
    return std::ranges::all_of(
        entry.second, [&](std::int32_t partition) { return consumer.is_free_for(member, entry.first, partition); });
  });
}

}  // namespace

Assignment by_id(const NamedPartitions& partitions, const broker::TopicIndex& topics) {
  Assignment assignment;
  for (const auto& [name, numbers] : partitions) {
    const auto found = topics.by_name.find(TopicName(name));
    if (found != topics.by_name.end() && !numbers.empty()) assignment[found->second.id] = numbers;
  }
  return assignment;
}

NamedPartitions by_name(const Assignment& assignment, const broker::TopicIndex& topics) {
  NamedPartitions partitions;
  for (const auto& [topic, numbers] : assignment) {
    const auto found = topics.names.find(topic);
    if (found != topics.names.end()) partitions[found->second.text()] = numbers;
  }
  return partitions;
}

SharedBytes told_classic(const ConsumerMember& member, const broker::TopicIndex& topics) {
  const auto subscription = read_subscription(member.profile.classic->protocols.front().metadata.view());
  return write_assignment(subscription ? subscription->version : std::int16_t{0},
                          by_name(member.position.assigned, topics));
}

ClassicMembers::ClassicMembers(const Settings& settings, ConsumerMembership& membership, Outbox& outbox,
                               std::function<Uuid()> new_id)
    : settings_(settings), membership_(membership), outbox_(outbox), new_id_(std::move(new_id)) {}

std::expected<ConsumerMember*, ErrorCode> ClassicMembers::joining(ConsumerGroup& consumer,
                                                                  const kafka::JoinGroupRequest& request) const {
  if (request.group_instance_id) {
    ConsumerMember* holder = consumer.find_static(*request.group_instance_id);
    const bool is_known = !request.member_id.empty();
    if (is_known && holder == nullptr) return std::unexpected(ErrorCode::UnknownMemberId);
    if (is_known && holder->id != request.member_id) return std::unexpected(ErrorCode::FencedInstanceId);
    if (holder != nullptr) return holder;
  } else if (ConsumerMember* member = consumer.find(request.member_id)) {
    return member;
  }
  if (consumer.members.size() >= settings_.group_size_max) return std::unexpected(ErrorCode::GroupMaxSizeReached);
  return nullptr;
}

void ClassicMembers::join(Group& group, const Asker& asker, const kafka::JoinGroupRequest& request) {
  const auto refuse = [&](ErrorCode error, const std::string& member_id) {
    outbox_.reply(asker.ticket, join_error(asker.call.version, member_id, error));
  };
  ConsumerGroup& consumer = *group.consumer;
  const auto known = joining(consumer, request);
  if (!known) return refuse(known.error(), request.member_id);
  if (request.protocol_type != kConsumerProtocolType || !consumer.follows_any(offered(request)))
    return refuse(ErrorCode::InconsistentGroupProtocol, request.member_id);
  const auto subscription = read_subscription(request.protocols.front().metadata.view());
  if (!subscription) return refuse(ErrorCode::InconsistentGroupProtocol, request.member_id);
  const std::string id = request.member_id.empty() ? new_id_().text() : request.member_id;
  if (request.member_id.empty() && !request.group_instance_id && asker.call.version >= kFirstVersionWithKnownMemberId)
    return refuse(ErrorCode::MemberIdRequired, id);

  ConsumerChange change(group, asker.now);
  ConsumerMember newcomer;
  newcomer.id = id;
  newcomer.profile = described(*known == nullptr ? newcomer : **known, asker, request, *subscription);
  ConsumerProfile profile = newcomer.profile;
  ConsumerMember& member = *known == nullptr    ? change.add(std::move(newcomer))
                           : (*known)->id == id ? **known
                                                : change.replace(**known, id);
  change.describe(member, std::move(profile));
  const auto topics = membership_.topics();
  change.share_out(topics);
  change.reconcile(member, by_id(subscription->owned, *topics));
  membership_.keep_alive(group, member, asker.now.monotonic);
  member.act_by = asker.now.monotonic + member.profile.rebalance_timeout;  // until it syncs
  group.wake_at(*member.act_by);

  kafka::JoinGroupResponse response;
  response.member_id = member.id;
  response.generation_id = member.position.epoch;
  response.protocol_type = kConsumerProtocolType;
  response.protocol_name = member.profile.classic->protocols.front().name;
  change.answer(outbox_, {asker.ticket, std::move(response),
                          join_error(asker.call.version, member.id, ErrorCode::CoordinatorNotAvailable)});
}

std::expected<ConsumerMember*, ErrorCode> ClassicMembers::asking(ConsumerGroup& consumer, const std::string& member_id,
                                                                 const std::optional<std::string>& instance_id,
                                                                 std::int32_t generation) {
  ConsumerMember* member = instance_id ? consumer.find_static(*instance_id) : consumer.find(member_id);
  if (member == nullptr) return std::unexpected(ErrorCode::UnknownMemberId);
  if (member->id != member_id) return std::unexpected(ErrorCode::FencedInstanceId);
  if (!member->profile.classic) return std::unexpected(ErrorCode::UnknownMemberId);
  if (member->position.epoch != generation) return std::unexpected(ErrorCode::IllegalGeneration);
  return member;
}

void ClassicMembers::call_back(Group& group, ConsumerMember& member, MonotonicTime now) {
  if (!member.act_by) member.act_by = now + member.profile.rebalance_timeout;
  group.wake_at(*member.act_by);
}

void ClassicMembers::sync(Group& group, const Asker& asker, const kafka::SyncGroupRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, sync_error(error)); };
  ConsumerGroup& consumer = *group.consumer;
  const auto found = asking(consumer, request.member_id, request.group_instance_id, request.generation_id);
  if (!found) return refuse(found.error());
  ConsumerMember& member = **found;
  const std::string& protocol = member.profile.classic->protocols.front().name;
  if (!agrees(request.protocol_type, kConsumerProtocolType) || !agrees(request.protocol_name, protocol))
    return refuse(ErrorCode::InconsistentGroupProtocol);
  // Who is to give something up has joined for that already, and first does it.
  const bool is_revoking = member.position.state == MemberState::UnrevokedPartitions;
  if (consumer.epoch > member.position.epoch && !is_revoking) {
    call_back(group, member, asker.now.monotonic);
    return refuse(ErrorCode::RebalanceInProgress);
  }
  member.act_by.reset();
  if (is_revoking) call_back(group, member, asker.now.monotonic);
  membership_.keep_alive(group, member, asker.now.monotonic);
  kafka::SyncGroupResponse response;
  response.protocol_type = kConsumerProtocolType;
  response.protocol_name = protocol;
  response.assignment = told_classic(member, *membership_.topics());
  ConsumerChange change(group, asker.now);
  change.answer(outbox_, {asker.ticket, std::move(response), sync_error(ErrorCode::CoordinatorNotAvailable)});
}

void ClassicMembers::heartbeat(Group& group, const Asker& asker, const kafka::HeartbeatRequest& request) {
  ConsumerGroup& consumer = *group.consumer;
  const auto found = asking(consumer, request.member_id, request.group_instance_id, request.generation_id);
  if (!found) return outbox_.reply(asker.ticket, heartbeat_answer(found.error()));
  ConsumerMember& member = **found;
  membership_.keep_alive(group, member, asker.now.monotonic);
  // Topics may have changed since any member of the newer protocol called.
  ConsumerChange change(group, asker.now);
  change.share_out(membership_.topics());
  const bool joins_again = member.position.epoch < consumer.epoch || could_go_on(consumer, member);
  if (joins_again) call_back(group, member, asker.now.monotonic);
  change.answer(outbox_,
                {asker.ticket, heartbeat_answer(joins_again ? ErrorCode::RebalanceInProgress : ErrorCode::None),
                 heartbeat_answer(ErrorCode::CoordinatorNotAvailable)});
}

ClassicMembers::Leaving ClassicMembers::leaving(const ConsumerGroup& consumer, const kafka::LeaveGroupRequest& request,
                                                std::int16_t version) {
  Leaving leaving;
  const auto leave = [&](const std::string& member_id, const std::optional<std::string>& instance_id) {
    const auto holder = instance_id ? consumer.static_ids.find(*instance_id) : consumer.static_ids.end();
    if (instance_id && holder == consumer.static_ids.end()) return ErrorCode::UnknownMemberId;
    // An administrator removes a static member by its instance alone.
    if (instance_id && !member_id.empty() && holder->second != member_id) return ErrorCode::FencedInstanceId;
    const std::string& id = instance_id ? holder->second : member_id;
    if (!consumer.members.contains(id)) return ErrorCode::UnknownMemberId;
    if (std::ranges::find(leaving.members, id) == leaving.members.end()) leaving.members.push_back(id);
    return ErrorCode::None;
  };
  if (version < kFirstLeaveVersionWithMembers) {
    leaving.answer.error_code = kafka::code_of(leave(request.member_id, std::nullopt));
    return leaving;
  }
  for (const auto& one : request.members) {
    auto& answer = leaving.answer.members.emplace_back();
    answer.member_id = one.member_id;
    answer.group_instance_id = one.group_instance_id;
    answer.error_code = kafka::code_of(leave(one.member_id, one.group_instance_id));
  }
  return leaving;
}

}  // namespace myelin::engine::groups
