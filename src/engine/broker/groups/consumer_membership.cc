#include "engine/broker/groups/consumer_membership.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/core.h>

namespace myelin::engine::groups {

using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstVersionWithOwnMemberId = 1;  // KIP-1082: the member makes up its id

Assignment owned_by(const std::vector<kafka::ConsumerGroupHeartbeatRequest::TopicPartitions>& topics) {
  Assignment owned;
  for (const auto& topic : topics) owned[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
  return owned;
}

kafka::ConsumerGroupHeartbeatResponse::Assignment told(const Assignment& assignment) {
  kafka::ConsumerGroupHeartbeatResponse::Assignment answer;
  for (const auto& [topic, partitions] : assignment) {
    auto& entry = answer.topic_partitions.emplace_back();
    entry.topic_id = topic;
    entry.partitions.assign(partitions.begin(), partitions.end());
  }
  return answer;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

bool fits_records(const kafka::ConsumerGroupHeartbeatRequest& request) {
  return request.group_id.size() <= kStringBytesMax && request.member_id.size() <= kStringBytesMax;
}

// A member says everything when it joins and when it is not sure what arrived.
bool says_everything(const kafka::ConsumerGroupHeartbeatRequest& request) {
  return request.member_epoch == 0 || (request.rebalance_timeout_ms != -1 && request.topic_partitions &&
                                       (request.subscribed_topic_names || request.subscribed_topic_regex));
}

Refusal invalid(std::string why) { return {ErrorCode::InvalidRequest, std::move(why)}; }

// What only a request with which a member joins must have.
std::optional<Refusal> check_joining(const kafka::ConsumerGroupHeartbeatRequest& request) {
  if (request.rebalance_timeout_ms == -1) return invalid("a member that joins gives its rebalance timeout");
  if (!request.topic_partitions || !request.topic_partitions->empty())
    return invalid("a member that joins owns no partitions, and says so");
  if (!request.subscribed_topic_names && !request.subscribed_topic_regex)
    return invalid("a member that joins gives the names of topics, or a pattern of names");
  return std::nullopt;
}

std::optional<Refusal> check_epoch(const ConsumerMember& member, const kafka::ConsumerGroupHeartbeatRequest& request) {
  const std::int32_t said = request.member_epoch;
  const Position& position = member.position;
  // Who begins anew has given up everything.
  if (said == 0 || said == position.epoch) return std::nullopt;
  // The answer with the present epoch may have been lost.
  if (said == position.previous_epoch && said < position.epoch && request.topic_partitions &&
      is_subset(owned_by(*request.topic_partitions), position.assigned))
    return std::nullopt;
  return Refusal{ErrorCode::FencedMemberEpoch,
                 fmt::format("member {} is in epoch {}, not {}: it must give up its partitions and join again",
                             member.id, position.epoch, said)};
}

Refusal unknown_member(const std::string& id) {
  return {ErrorCode::UnknownMemberId, fmt::format("{} is not a member of the group", id)};
}
Refusal unknown_instance(const std::string& instance) {
  return {ErrorCode::UnknownMemberId, fmt::format("no member of the group has the instance id {}", instance)};
}
Refusal fenced_instance(const std::string& instance) {
  return {ErrorCode::FencedInstanceId, fmt::format("instance id {} belongs to another member now", instance)};
}

}  // namespace

kafka::ConsumerGroupHeartbeatResponse heartbeat_refusal(const Refusal& refusal) {
  kafka::ConsumerGroupHeartbeatResponse response;
  response.error_code = kafka::code_of(refusal.error);
  response.error_message = refusal.why;
  return response;
}

ConsumerMembership::ConsumerMembership(const Settings& settings, broker::TopicIndexSource topics, Outbox& outbox,
                                       std::function<Uuid()> new_id)
    : settings_(settings), topics_(std::move(topics)), outbox_(outbox), new_id_(std::move(new_id)) {}

std::optional<Refusal> ConsumerMembership::check(const Request& request, std::int16_t version) {
  if (is_blank(request.group_id)) return invalid("the group id is empty");
  if (request.instance_id && is_blank(*request.instance_id)) return invalid("the instance id is empty");
  if (request.rack_id && is_blank(*request.rack_id)) return invalid("the rack id is empty");
  if (!fits_records(request)) return invalid("the group id or member id is too long");
  const bool may_be_nameless = request.member_epoch == 0 && version < kFirstVersionWithOwnMemberId;
  if (is_blank(request.member_id) && !may_be_nameless) return invalid("the member id is empty");
  if (request.member_epoch < kAwayEpoch) return invalid("the member epoch is below -2");
  if (request.member_epoch == kAwayEpoch && !request.instance_id)
    return invalid("only a member with an instance id can go away for a while");
  if (request.member_epoch == 0) {
    if (auto wrong = check_joining(request)) return wrong;
  }
  if (request.server_assignor && *request.server_assignor != kUniformAssignor &&
      *request.server_assignor != kRangeAssignor)
    return Refusal{ErrorCode::UnsupportedAssignor,
                   fmt::format("assignor {} is unknown; use {} or {}", *request.server_assignor, kUniformAssignor,
                               kRangeAssignor)};
  if (request.subscribed_topic_regex) {
    if (const auto problem = patterns_.problem(*request.subscribed_topic_regex))
      return Refusal{ErrorCode::InvalidRegularExpression,
                     fmt::format("pattern `{}`: {}", *request.subscribed_topic_regex, *problem)};
  }
  return std::nullopt;
}

std::expected<ConsumerMember*, Refusal> ConsumerMembership::caller(ConsumerGroup& consumer,
                                                                   const Request& request) const {
  const bool joins = request.member_epoch == 0;
  ConsumerMember* member = consumer.find(request.member_id);
  if (request.instance_id) {
    ConsumerMember* holder = consumer.find_static(*request.instance_id);
    if (holder == nullptr && !joins) return std::unexpected(unknown_instance(*request.instance_id));
    if (holder != nullptr && holder->id != request.member_id) {
      if (!joins) return std::unexpected(fenced_instance(*request.instance_id));
      if (holder->position.epoch != kAwayEpoch && !holder->profile.classic)
        return std::unexpected(
            Refusal{ErrorCode::UnreleasedInstanceId,
                    fmt::format("instance id {} is in use by member {}", *request.instance_id, holder->id)});
      return holder;
    }
  }
  if (member == nullptr) {
    if (!joins) return std::unexpected(unknown_member(request.member_id));
    if (consumer.members.size() >= settings_.group_size_max)
      return std::unexpected(
          Refusal{ErrorCode::GroupMaxSizeReached,
                  fmt::format("the group has {} members, no more may join", consumer.members.size())});
    return nullptr;
  }
  if (auto wrong = check_epoch(*member, request)) return std::unexpected(*std::move(wrong));
  return member;
}

ConsumerProfile ConsumerMembership::described(const ConsumerMember& member, const Asker& asker,
                                              const Request& request) {
  ConsumerProfile profile = member.profile;
  if (request.instance_id) profile.instance_id = request.instance_id;
  if (request.rack_id) profile.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms != -1)
    profile.rebalance_timeout = std::chrono::milliseconds(std::max(request.rebalance_timeout_ms, 1));
  if (request.server_assignor) profile.assignor = request.server_assignor;
  if (request.subscribed_topic_names)
    profile.topics = {request.subscribed_topic_names->begin(), request.subscribed_topic_names->end()};
  if (request.subscribed_topic_regex) profile.pattern = *request.subscribed_topic_regex;
  profile.client_id = asker.call.attribution->client_id;
  profile.client_host = asker.call.client_host;
  profile.classic.reset();
  return profile;
}

void ConsumerMembership::match(ConsumerProfile& profile, const ConsumerMember& member, const ConsumerGroup& consumer,
                               const Asker& asker) {
  const auto now_there = topics_();
  const bool is_fresh = profile.pattern == member.profile.pattern && consumer.topics == now_there &&
                        asker.now.monotonic < member.match_again;
  if (is_fresh) return;
  profile.matched.clear();
  if (profile.pattern.empty()) return;
  for (const std::string& name : patterns_.matching(profile.pattern, now_there))
    if (!asker.call.may_know || asker.call.may_know(name)) profile.matched.insert(name);
}

ConsumerMember& ConsumerMembership::admit(ConsumerChange& change, ConsumerMember* known, const Asker& asker,
                                          const Request& request, const ConsumerGroup& consumer) {
  if (known == nullptr) {
    ConsumerMember member;
    member.id = is_blank(request.member_id) ? new_id_().text() : request.member_id;
    ConsumerProfile profile = described(member, asker, request);
    match(profile, member, consumer, asker);
    member.profile = std::move(profile);
    member.match_again = asker.now.monotonic + settings_.pattern_refresh_interval;
    return change.add(std::move(member));
  }
  const bool takes_over = known->id != request.member_id;
  ConsumerMember& member = takes_over ? change.replace(*known, request.member_id) : *known;
  ConsumerProfile profile = described(member, asker, request);
  match(profile, member, consumer, asker);
  if (asker.now.monotonic >= member.match_again)
    member.match_again = asker.now.monotonic + settings_.pattern_refresh_interval;
  change.describe(member, std::move(profile));
  return member;
}

void ConsumerMembership::heartbeat(Group& group, const Asker& asker, const Request& request,
                                   std::vector<OffsetsRecord> conversion) {
  ConsumerGroup& consumer = *group.consumer;
  const auto known = caller(consumer, request);
  if (!known) return outbox_.reply(asker.ticket, heartbeat_refusal(known.error()));

  ConsumerChange change(group, asker.now, std::move(conversion));
  ConsumerMember& member = admit(change, *known, asker, request, consumer);
  change.share_out(topics_());
  std::optional<Assignment> owned;
  if (request.topic_partitions) owned = owned_by(*request.topic_partitions);
  const bool is_changed = change.reconcile(member, owned);
  keep_alive(group, member, asker.now.monotonic);

  kafka::ConsumerGroupHeartbeatResponse response;
  response.member_id = member.id;
  response.member_epoch = member.position.epoch;
  response.heartbeat_interval_ms = static_cast<std::int32_t>(settings_.consumer_heartbeat_interval.count());
  if (is_changed || says_everything(request)) response.assignment = told(member.position.assigned);
  change.answer(outbox_, {asker.ticket, std::move(response),
                          heartbeat_refusal({ErrorCode::CoordinatorNotAvailable, "the group can't be written down"})});
}

void ConsumerMembership::keep_alive(Group& group, ConsumerMember& member, MonotonicTime now) const {
  const auto& classic = member.profile.classic;
  member.deadline = now + (classic ? classic->session_timeout : settings_.consumer_session_timeout);
  group.wake_at(member.deadline);
}

void ConsumerMembership::remove(Group& group, const std::vector<std::string>& member_ids, Now now,
                                std::optional<AnswerStored> answer) {
  ConsumerChange change(group, now);
  for (const std::string& id : member_ids) change.remove(id);
  change.share_out(topics_());
  if (answer) {
    change.answer(outbox_, *std::move(answer));
  } else {
    change.leave_unanswered(outbox_);
  }
}

std::vector<std::string> ConsumerMembership::overdue(const ConsumerGroup& consumer, MonotonicTime now) {
  std::vector<std::string> ids;
  for (const auto& [id, member] : consumer.members)
    if (member.deadline <= now || (member.act_by && *member.act_by <= now)) ids.push_back(id);
  return ids;
}

std::expected<ConsumerMember*, Refusal> ConsumerMembership::leaving(ConsumerGroup& consumer, const Request& request) {
  if (!request.instance_id) {
    ConsumerMember* member = consumer.find(request.member_id);
    if (member == nullptr) return std::unexpected(unknown_member(request.member_id));
    return member;
  }
  ConsumerMember* holder = consumer.find_static(*request.instance_id);
  if (holder == nullptr) return std::unexpected(unknown_instance(*request.instance_id));
  if (holder->id != request.member_id) return std::unexpected(fenced_instance(*request.instance_id));
  return holder;
}

void ConsumerMembership::send_away(Group& group, ConsumerMember& member, Now now, AnswerStored answer) {
  ConsumerChange change(group, now);
  change.send_away(member);
  change.answer(outbox_, std::move(answer));
}

}  // namespace myelin::engine::groups
