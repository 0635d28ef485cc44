#pragma once
// One change of a group of the newer protocol: what is done to it, and the records that make that last. It is done in
// memory at once and answered when it is durable; when an append fails, the next change writes the whole group.
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/coordination.h"
#include "engine/broker/groups/group.h"
#include "engine/broker/groups/outbox.h"

namespace myelin::engine::groups {

class ConsumerChange {
 public:
  // The group follows the newer protocol. `records` come first.
  explicit ConsumerChange(Group& group, Now now, std::vector<OffsetsRecord> records = {});

  ConsumerMember& add(ConsumerMember member);
  // A static member comes back under a new id: it keeps what it holds and is to hold.
  ConsumerMember& replace(const ConsumerMember& former, const std::string& new_id);
  // What the member says of itself now.
  void describe(ConsumerMember& member, ConsumerProfile profile);
  void remove(const std::string& member_id);
  // A static member goes away for a while.
  void send_away(ConsumerMember& member);

  // When members or what they subscribe to have changed, or topics have: the epoch rises, and all is shared out anew.
  void share_out(std::shared_ptr<const broker::TopicIndex> topics);
  // Takes the member as far towards its target as it can go. True when what it may use has changed.
  bool reconcile(ConsumerMember& member, const std::optional<Assignment>& owned);

  void answer(Outbox& outbox, AnswerStored answer);
  void leave_unanswered(Outbox& outbox);
  [[nodiscard]] std::vector<OffsetsRecord> take_records() { return std::move(records_); }

 private:
  void store(Outbox& outbox, std::vector<AnswerStored> answers);

  Group& group_;
  ConsumerGroup& consumer_;
  Now now_;
  std::vector<OffsetsRecord> records_;
  std::vector<std::string> removed_;
  bool has_changed_members_ = false;
};

// The fate of a change. Answers whoever waited for it.
void consumer_group_stored(Group* group, ConsumerGroupStored stored, bool durable, Outbox& outbox);

}  // namespace myelin::engine::groups
