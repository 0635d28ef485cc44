#include "engine/broker/group_desk.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/broker/internal_records.h"

namespace myelin::engine::broker {

GroupDesk::GroupDesk(ControlLoop& loop, const Clock& clock, groups::Settings settings, groups::TopicLookup topics)
    : loop_(loop), clock_(clock), coordinator_(settings, std::move(topics), [] { return Uuid::random(); }) {}

Result<void> GroupDesk::load(std::shared_ptr<storage::PartitionLog> offsets) {
  offsets_ = std::move(offsets);
  auto replayed = replay_records(
      *offsets_, [this](const RecordView& record) { return coordinator_.replay(record.key, record.value); });
  if (!replayed) return replayed;
  loop_.post([this] { carry_out(coordinator_.finish_replay(now())); });
  return {};
}

Result<void> GroupDesk::replay_consumed(const Engine::ConsumedSink& sink) const {
  return replay_records(*offsets_, [&sink](const RecordView& record) -> Result<void> {
    const auto read = groups::read_key(record.key);
    if (!read) return std::unexpected<Error>(read.error());
    const auto* key = std::get_if<groups::ConsumedKey>(&*read);
    if (key == nullptr || !record.value) return {};
    const auto hour = groups::read_consumed(*record.value);
    if (!hour) return std::unexpected<Error>(hour.error());
    if (hour->advanced == 0) return {};
    sink({key->place.group, key->place.topic, key->place.partition, key->principal, hour->advanced, hour->first,
          hour->last});
    return {};
  });
}

void GroupDesk::handle(Call call, kafka::Request request, Reply reply) {
  loop_.post([this, call = std::move(call), request = std::move(request), reply = std::move(reply)]() mutable {
    const groups::Ticket ticket = next_ticket_++;
    replies_.emplace(ticket, std::move(reply));
    carry_out(coordinator_.handle(ticket, call, request, now()));
  });
}

void GroupDesk::on_topic_deleted(const TopicName& topic) {
  loop_.post([this, topic] { carry_out(coordinator_.on_topic_deleted(topic)); });
}

void GroupDesk::carry_out(groups::Effects effects) {
  for (auto& batch : effects.appends) append(std::move(batch));
  for (auto& answer : effects.replies) {
    auto reply = replies_.extract(answer.ticket);
    CHECK(!reply.empty());
    Outcome outcome;
    outcome.response = std::move(answer.response);
    outcome.committed = std::move(answer.committed);
    reply.mapped()(std::move(outcome));
  }
  watch_time();
}

void GroupDesk::append(groups::Effects::Append append) {
  std::vector<RecordView> records;
  records.reserve(append.records.size());
  for (const auto& record : append.records) {
    records.push_back(
        {record.key, record.value ? std::optional<ByteSpan>(*record.value) : std::nullopt, clock_.wall()});
  }
  appends_.push_back({append.id, std::nullopt});
  append_records(*offsets_, records, clock_.wall(), [this, id = append.id](Result<void> outcome) {
    loop_.post([this, id, outcome = std::move(outcome)]() mutable { on_appended(id, std::move(outcome)); });
  });
}

void GroupDesk::on_appended(groups::AppendId id, Result<void> outcome) {
  const auto found = std::ranges::find(appends_, id, &Append::id);
  CHECK(found != appends_.end());
  found->outcome = std::move(outcome);
  while (!appends_.empty() && appends_.front().outcome) {
    const Append first = std::move(appends_.front());
    appends_.pop_front();
    carry_out(coordinator_.on_appended(first.id, *first.outcome, now()));
  }
}

void GroupDesk::watch_time() {
  const MonotonicTime deadline = coordinator_.next_deadline();
  if (timer_ && timer_->due == deadline) return;
  if (timer_) loop_.cancel(*timer_);
  timer_ = loop_.schedule(deadline, [this] {
    timer_.reset();
    carry_out(coordinator_.on_time(now()));
  });
}

}  // namespace myelin::engine::broker
