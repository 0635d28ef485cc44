#include "engine/broker/groups/consumer_change.h"

#include <ranges>
#include <utility>

#include "engine/broker/groups/consumer_records.h"

namespace myelin::engine::groups {

ConsumerChange::ConsumerChange(Group& group, Now now, std::vector<OffsetsRecord> records)
    : group_(group), consumer_(*group.consumer), now_(now), records_(std::move(records)) {}

ConsumerMember& ConsumerChange::add(ConsumerMember member) {
  consumer_.in_log.insert(member.id);
  records_.push_back(consumer_member_record(group_.name, member));
  has_changed_members_ = true;
  return consumer_.add(std::move(member));
}

ConsumerMember& ConsumerChange::replace(const ConsumerMember& former, const std::string& new_id) {
  const bool had_changed = has_changed_members_;
  ConsumerMember successor = former;
  successor.id = new_id;
  successor.position.epoch = 0;
  successor.position.previous_epoch = 0;
  successor.act_by.reset();
  Assignment target = consumer_.target_of(former.id).partitions;
  const std::string former_id = former.id;
  remove(former_id);
  ConsumerMember& member = add(std::move(successor));
  records_.push_back(target_record(group_.name, new_id, target));
  records_.push_back(position_record(group_.name, member));
  consumer_.targets[new_id] = std::move(target);
  has_changed_members_ = had_changed;  // one for the other: nobody else's share changes
  return member;
}

void ConsumerChange::describe(ConsumerMember& member, ConsumerProfile profile) {
  if (member.profile == profile) return;
  has_changed_members_ = has_changed_members_ || member.profile.topics != profile.topics ||
                         member.profile.pattern != profile.pattern || member.profile.matched != profile.matched ||
                         member.profile.assignor != profile.assignor;
  if (profile.instance_id) consumer_.static_ids[*profile.instance_id] = member.id;
  member.profile = std::move(profile);
  records_.push_back(consumer_member_record(group_.name, member));
}

void ConsumerChange::remove(const std::string& member_id) {
  consumer_.remove(member_id);
  removed_.push_back(member_id);
  add_member_tombstones(records_, group_.name, member_id);
  has_changed_members_ = true;
  if (consumer_.members.empty()) group_.state_since = now_.wall;
}

void ConsumerChange::send_away(ConsumerMember& member) {
  Position position = member.position;
  position.epoch = kAwayEpoch;
  position.revoking.clear();
  consumer_.place(member, std::move(position));
  member.act_by.reset();
  records_.push_back(position_record(group_.name, member));
}

void ConsumerChange::share_out(std::shared_ptr<const broker::TopicIndex> topics) {
  if (!has_changed_members_ && consumer_.topics == topics) return;
  consumer_.topics = std::move(topics);
  const auto hash = consumer_.hash_of_subscribed();
  if (!has_changed_members_ && hash == consumer_.metadata_hash && consumer_.epoch == consumer_.target_epoch) return;
  has_changed_members_ = false;
  ++consumer_.epoch;
  consumer_.metadata_hash = hash;
  records_.push_back(consumer_group_record(group_.name, consumer_));
  for (auto& [id, target] : consumer_.shared_out()) {
    const auto known = consumer_.targets.find(id);
    if (known != consumer_.targets.end() && known->second == target) continue;
    records_.push_back(target_record(group_.name, id, target));
    consumer_.targets[id] = std::move(target);
  }
  consumer_.target_epoch = consumer_.epoch;
  records_.push_back(target_epoch_record(group_.name, consumer_.target_epoch));
}

bool ConsumerChange::reconcile(ConsumerMember& member, const std::optional<Assignment>& owned) {
  const Position before = member.position;
  consumer_.place(member, next_position(before, consumer_.target_of(member.id), owned,
                                        [&](const TopicId& topic, std::int32_t partition) {
                                          return consumer_.is_free_for(member, topic, partition);
                                        }));
  if (member.position == before) return false;
  records_.push_back(position_record(group_.name, member));
  member.act_by.reset();
  if (member.position.state == MemberState::UnrevokedPartitions) {
    member.act_by = now_.monotonic + member.profile.rebalance_timeout;
    group_.wake_at(*member.act_by);
  }
  return member.position.assigned != before.assigned;
}

void ConsumerChange::answer(Outbox& outbox, AnswerStored answer) {
  std::vector<AnswerStored> answers;
  answers.push_back(std::move(answer));
  store(outbox, std::move(answers));
}

void ConsumerChange::leave_unanswered(Outbox& outbox) { store(outbox, {}); }

void ConsumerChange::store(Outbox& outbox, std::vector<AnswerStored> answers) {
  if (consumer_.log_is_behind) {
    consumer_.log_is_behind = false;
    records_.clear();
    add_whole_consumer_group(records_, group_.name, consumer_);
    removed_.clear();
    for (const std::string& id : consumer_.in_log)
      if (!consumer_.members.contains(id)) removed_.push_back(id);
  }
  if (!records_.empty()) {
    ConsumerGroupStored stored{.group = group_.name,
                               .incarnation = group_.incarnation,
                               .removed = std::move(removed_),
                               .answers = std::move(answers)};
    return outbox.append(std::move(records_), std::move(stored));
  }
  // What it is told may rest on a change that is not durable yet.
  for (auto& [id, awaited] : outbox.awaited() | std::views::reverse) {
    auto* before = std::get_if<ConsumerGroupStored>(&awaited);
    if (before == nullptr || before->group != group_.name || before->incarnation != group_.incarnation) continue;
    std::ranges::move(answers, std::back_inserter(before->answers));
    return;
  }
  for (AnswerStored& answer : answers) outbox.reply(answer.ticket, std::move(answer.durable));
}

void consumer_group_stored(Group* group, ConsumerGroupStored stored, bool durable, Outbox& outbox) {
  for (AnswerStored& answer : stored.answers)
    outbox.reply(answer.ticket, std::move(durable && !stored.is_doomed ? answer.durable : answer.failed));
  if (group == nullptr || !group->consumer) return;
  if (durable) {
    for (const std::string& id : stored.removed)
      if (!group->consumer->members.contains(id)) group->consumer->in_log.erase(id);
    return;
  }
  group->consumer->log_is_behind = true;
  for (auto& awaited : outbox.awaited() | std::views::values) {
    auto* later = std::get_if<ConsumerGroupStored>(&awaited);
    if (later != nullptr && later->group == group->name && later->incarnation == group->incarnation)
      later->is_doomed = true;
  }
}

}  // namespace myelin::engine::groups
