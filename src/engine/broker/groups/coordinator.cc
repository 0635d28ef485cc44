#include "engine/broker/groups/coordinator.h"

#include <ranges>
#include <utility>

#include "base/check.h"
#include "engine/broker/groups/reads.h"

namespace myelin::engine::groups {

using kafka::ApiKey;
using kafka::ErrorCode;

namespace {

constexpr std::int16_t kFirstCommitVersionWithMemberEpoch = 9;

bool can_be_a_group(const std::string& group_id) { return !group_id.empty() && group_id.size() <= kStringBytesMax; }

}  // namespace

GroupCoordinator::GroupCoordinator(Settings settings, TopicLookup topics, TopicIndexSource index,
                                   std::function<Uuid()> new_id)
    : settings_(settings),
      membership_(settings_, outbox_, new_id),
      consumer_membership_(settings_, std::move(index), outbox_, new_id),
      classic_members_(settings_, consumer_membership_, outbox_, std::move(new_id)),
      offsets_(settings_, std::move(topics), outbox_) {}

std::vector<ApiRange> GroupCoordinator::served() {
  return {{ApiKey::FindCoordinator, 0, 4},
          {ApiKey::JoinGroup, 0, 9},
          {ApiKey::SyncGroup, 0, 5},
          {ApiKey::Heartbeat, 0, 4},
          {ApiKey::LeaveGroup, 0, 5},
          {ApiKey::OffsetCommit, 1, 9},
          {ApiKey::OffsetFetch, 1, 9},
          {ApiKey::DescribeGroups, 0, 5},
          {ApiKey::ListGroups, 0, 5},
          {ApiKey::DeleteGroups, 0, 2},
          {ApiKey::OffsetDelete, 0, 0},
          {ApiKey::TxnOffsetCommit, 0, 5},
          {ApiKey::ConsumerGroupHeartbeat, 0, 1},
          {ApiKey::ConsumerGroupDescribe, 0, 1}};
}

Effects GroupCoordinator::handle(Ticket ticket, const Call& call, const kafka::Request& request, Now now) {
  CHECK(replayed_);
  const Asker asker{ticket, call, now};
  if (const auto* joining = std::get_if<kafka::JoinGroupRequest>(&request)) {
    join(asker, *joining);
  } else if (const auto* syncing = std::get_if<kafka::SyncGroupRequest>(&request)) {
    sync(asker, *syncing);
  } else if (const auto* beating = std::get_if<kafka::HeartbeatRequest>(&request)) {
    heartbeat(asker, *beating);
  } else if (const auto* leaving = std::get_if<kafka::LeaveGroupRequest>(&request)) {
    leave(asker, *leaving);
  } else if (const auto* calling = std::get_if<kafka::ConsumerGroupHeartbeatRequest>(&request)) {
    consumer_heartbeat(asker, *calling);
  } else if (const auto* committing = std::get_if<kafka::OffsetCommitRequest>(&request)) {
    commit(asker, *committing);
  } else if (const auto* committing_later = std::get_if<kafka::TxnOffsetCommitRequest>(&request)) {
    commit_in_transaction(asker, *committing_later);
  } else if (const auto* removing = std::get_if<kafka::OffsetDeleteRequest>(&request)) {
    remove_offsets(asker, *removing);
  } else if (const auto* deleting = std::get_if<kafka::DeleteGroupsRequest>(&request)) {
    remove_groups(asker, *deleting);
  } else if (const auto* fetching = std::get_if<kafka::OffsetFetchRequest>(&request)) {
    outbox_.reply(ticket, fetch_offsets(groups_, offsets_.transactional(), call.version, *fetching));
  } else if (const auto* finding = std::get_if<kafka::FindCoordinatorRequest>(&request)) {
    outbox_.reply(ticket, find_coordinator(settings_.node_id, call, *finding));
  } else if (const auto* describing = std::get_if<kafka::DescribeGroupsRequest>(&request)) {
    outbox_.reply(ticket, describe_groups(groups_, *describing));
  } else if (const auto* listing = std::get_if<kafka::ListGroupsRequest>(&request)) {
    outbox_.reply(ticket, list_groups(groups_, *listing));
  } else if (const auto* describing_newer = std::get_if<kafka::ConsumerGroupDescribeRequest>(&request)) {
    outbox_.reply(ticket, describe_consumer_groups(groups_, *consumer_membership_.topics(), *describing_newer));
  } else {
    CHECK(false && "not a request about groups");
  }
  return outbox_.take();
}

void GroupCoordinator::join(const Asker& asker, const kafka::JoinGroupRequest& request) {
  const auto refuse = [&](ErrorCode error) {
    outbox_.reply(asker.ticket, join_error(asker.call.version, request.member_id, error));
  };
  if (!can_be_a_group(request.group_id)) return refuse(ErrorCode::InvalidGroupId);
  const std::chrono::milliseconds session(request.session_timeout_ms);
  if (session < settings_.session_timeout_min || session > settings_.session_timeout_max)
    return refuse(ErrorCode::InvalidSessionTimeout);
  Group* group = find(request.group_id);
  if (!group) {
    if (!request.member_id.empty()) return refuse(ErrorCode::UnknownMemberId);
    if (groups_.size() >= settings_.groups_max) return refuse(ErrorCode::PolicyViolation);
    group = &create(GroupName(request.group_id));
  }
  if (group->consumer && group->is_empty()) become_classic(*group, asker.now, std::nullopt);
  if (group->consumer) {
    join_among_consumers(*group, asker, request);
  } else {
    membership_.join(*group, asker, request);
  }
  index(*group);
  forget_if_blank(*group);
}

void GroupCoordinator::sync(const Asker& asker, const kafka::SyncGroupRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, sync_error(error)); };
  if (!can_be_a_group(request.group_id)) return refuse(ErrorCode::InvalidGroupId);
  Group* group = find(request.group_id);
  if (!group) return refuse(ErrorCode::UnknownMemberId);
  if (group->consumer) {
    classic_members_.sync(*group, asker, request);
  } else {
    membership_.sync(*group, asker, request);
  }
  index(*group);
}

void GroupCoordinator::heartbeat(const Asker& asker, const kafka::HeartbeatRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, heartbeat_answer(error)); };
  if (!can_be_a_group(request.group_id)) return refuse(ErrorCode::InvalidGroupId);
  Group* group = find(request.group_id);
  if (!group) return refuse(ErrorCode::UnknownMemberId);
  if (group->consumer) {
    classic_members_.heartbeat(*group, asker, request);
  } else {
    membership_.heartbeat(*group, asker, request);
  }
  index(*group);
}

void GroupCoordinator::leave(const Asker& asker, const kafka::LeaveGroupRequest& request) {
  if (!can_be_a_group(request.group_id)) {
    kafka::LeaveGroupResponse refusal;
    refusal.error_code = kafka::code_of(ErrorCode::InvalidGroupId);
    return outbox_.reply(asker.ticket, std::move(refusal));
  }
  Group nobody;
  Group* group = find(request.group_id);
  if (group && group->consumer) {
    leave_among_consumers(*group, asker, request);
  } else {
    membership_.leave(group ? *group : nobody, asker, request);
  }
  if (group) index(*group);
}

void GroupCoordinator::commit(const Asker& asker, const kafka::OffsetCommitRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, commit_error(request, error)); };
  if (request.group_id.size() > kStringBytesMax) return refuse(ErrorCode::InvalidGroupId);
  Group* group = find(request.group_id);
  if (!group) {
    // Who belongs to a generation can't commit to a group that has none.
    if (request.generation_id_or_member_epoch >= 0)
      return refuse(asker.call.version >= kFirstCommitVersionWithMemberEpoch ? ErrorCode::GroupIdNotFound
                                                                             : ErrorCode::IllegalGeneration);
    if (groups_.size() >= settings_.groups_max) return refuse(ErrorCode::PolicyViolation);
    group = &create(GroupName(request.group_id));
  }
  offsets_.commit(*group, asker, request);
  index(*group);
  forget_if_blank(*group);
}

void GroupCoordinator::commit_in_transaction(const Asker& asker, const kafka::TxnOffsetCommitRequest& request) {
  const auto refuse = [&](ErrorCode error) { outbox_.reply(asker.ticket, commit_error(request, error)); };
  if (!can_be_a_group(request.group_id)) return refuse(ErrorCode::InvalidGroupId);
  Group* group = find(request.group_id);
  if (!group) {
    if (request.generation_id >= 0) return refuse(ErrorCode::IllegalGeneration);
    if (groups_.size() >= settings_.groups_max) return refuse(ErrorCode::PolicyViolation);
    group = &create(GroupName(request.group_id));
  }
  offsets_.transactional().commit(*group, asker, request);
  forget_if_blank(*group);
}

Effects GroupCoordinator::end_transaction(Ticket ticket, std::int64_t producer_id, bool commits, Now now) {
  offsets_.transactional().end(
      ticket, producer_id, commits, [this](const GroupName& name) -> Group& { return find_or_create(name); }, now);
  return outbox_.take();
}

void GroupCoordinator::remove_offsets(const Asker& asker, const kafka::OffsetDeleteRequest& request) {
  if (Group* group = find(request.group_id)) return offsets_.remove(*group, asker, request);
  kafka::OffsetDeleteResponse refusal;
  refusal.error_code =
      kafka::code_of(request.group_id.empty() ? ErrorCode::InvalidGroupId : ErrorCode::GroupIdNotFound);
  outbox_.reply(asker.ticket, std::move(refusal));
}

void GroupCoordinator::remove_groups(const Asker& asker, const kafka::DeleteGroupsRequest& request) {
  kafka::DeleteGroupsResponse durable;
  kafka::DeleteGroupsResponse failed;
  std::vector<OffsetsRecord> records;
  for (const std::string& group_id : request.groups_names) {
    ErrorCode outcome = ErrorCode::None;
    Group* group = find(group_id);
    if (!group) {
      outcome = ErrorCode::GroupIdNotFound;
    } else if (!group->is_empty()) {
      outcome = ErrorCode::NonEmptyGroup;
    } else {
      std::ranges::move(offsets_.take_all(*group), std::back_inserter(records));
      add_tombstones(records, *group);
      erase(*group);
    }
    auto& good = durable.results.emplace_back();
    auto& bad = failed.results.emplace_back();
    good.group_id = bad.group_id = group_id;
    good.error_code = kafka::code_of(outcome);
    bad.error_code = kafka::code_of(outcome == ErrorCode::None ? ErrorCode::CoordinatorNotAvailable : outcome);
  }
  if (records.empty()) return outbox_.reply(asker.ticket, std::move(durable));
  outbox_.append(std::move(records), AnswerStored{asker.ticket, std::move(durable), std::move(failed)});
}

Effects GroupCoordinator::on_appended(AppendId append, const Result<void>& outcome, Now now) {
  auto awaited = outbox_.finish(append);
  CHECK(awaited.has_value());
  const bool durable = outcome.has_value();
  if (auto* answer = std::get_if<AnswerStored>(&*awaited)) {
    outbox_.reply(answer->ticket, std::move(durable ? answer->durable : answer->failed));
  } else if (auto* commit = std::get_if<CommitStored>(&*awaited)) {
    offsets_.commit_stored(groups_, std::move(*commit), durable);
  } else if (auto* in_transaction = std::get_if<TransactionalCommitStored>(&*awaited)) {
    offsets_.transactional().commit_stored(std::move(*in_transaction), durable);
  } else if (auto* consumption = std::get_if<ConsumptionStored>(&*awaited)) {
    offsets_.transactional().consumption_stored(std::move(*consumption), durable);
  } else if (auto* change = std::get_if<ConsumerGroupStored>(&*awaited)) {
    Group* group = find(change->group, change->incarnation);
    consumer_group_stored(group, std::move(*change), durable, outbox_);
  } else if (const auto* assignment = std::get_if<AssignmentStored>(&*awaited)) {
    if (Group* group = find(assignment->group, assignment->incarnation)) {
      membership_.assignment_stored(*group, assignment->generation, durable, now);
      index(*group);
    }
  }
  return outbox_.take();
}

Effects GroupCoordinator::on_time(Now now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.monotonic) {
    Group& group = groups_.at(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    group.indexed = MonotonicTime::max();
    membership_.expire(group, now);
    if (group.consumer) expire_consumers(group, now);
    group.wake = group.earliest_deadline();
    index(group);
  }
  if (next_retention_check_ <= now.monotonic) check_retention(now);
  return outbox_.take();
}

Effects GroupCoordinator::on_topic_deleted(const TopicName& topic) {
  for (Group& group : groups_ | std::views::values) offsets_.drop_topic(group, topic);
  return outbox_.take();
}

MonotonicTime GroupCoordinator::next_deadline() const {
  if (deadlines_.empty()) return next_retention_check_;
  return std::min(next_retention_check_, deadlines_.begin()->first);
}

void GroupCoordinator::check_retention(Now now) {
  next_retention_check_ = now.monotonic + settings_.retention_check_interval;
  if (clock_watch_->is_suspect(now.wall, now.monotonic)) return;
  std::vector<Group*> blank;
  for (Group& group : groups_ | std::views::values) {
    offsets_.expire(group, now.wall);
    if (group.is_empty() && group.holds_nothing() && !offsets_.under_way(group.name)) blank.push_back(&group);
  }
  std::vector<OffsetsRecord> records;
  for (Group* group : blank) {
    add_tombstones(records, *group);
    erase(*group);
  }
  if (!records.empty()) outbox_.append(std::move(records), Unawaited{});
}

Group* GroupCoordinator::find(const std::string& group_id) {
  const auto found = groups_.find(GroupName(group_id));
  return found == groups_.end() ? nullptr : &found->second;
}

Group* GroupCoordinator::find(const GroupName& name, std::uint64_t incarnation) {
  const auto found = groups_.find(name);
  return found != groups_.end() && found->second.incarnation == incarnation ? &found->second : nullptr;
}

Group& GroupCoordinator::create(const GroupName& name) {
  Group& group = groups_[name];
  group.name = name;
  group.incarnation = next_incarnation_++;
  return group;
}

Group& GroupCoordinator::find_or_create(const GroupName& name) {
  Group* known = find(name.text());
  return known ? *known : create(name);
}

void GroupCoordinator::forget_if_blank(Group& group) {
  if (!group.consumer && group.state == GroupState::Empty && group.generation == 0 && group.holds_nothing() &&
      !offsets_.under_way(group.name))
    erase(group);
}

void GroupCoordinator::erase(Group& group) {
  deadlines_.erase({group.indexed, group.name});
  const GroupName name = group.name;
  groups_.erase(name);
}

void GroupCoordinator::index(Group& group) {
  if (group.wake >= group.indexed) return;
  deadlines_.erase({group.indexed, group.name});
  deadlines_.emplace(group.wake, group.name);
  group.indexed = group.wake;
}

}  // namespace myelin::engine::groups
