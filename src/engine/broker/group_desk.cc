#include "engine/broker/group_desk.h"

#include <utility>
#include <vector>

#include "base/check.h"
#include "engine/broker/apis.h"
#include "engine/broker/internal_records.h"

namespace myelin::engine::broker {
namespace {

// What members ask all the time, and what takes no longer the larger a group is.
bool is_brief(const kafka::Request& request) {
  return std::holds_alternative<kafka::OffsetCommitRequest>(request) ||
         std::holds_alternative<kafka::TxnOffsetCommitRequest>(request) ||
         std::holds_alternative<kafka::HeartbeatRequest>(request);
}

}  // namespace

GroupDesk::GroupDesk(ControlLoop& loop, const Clock& clock, groups::Settings settings, groups::TopicLookup topics,
                     TopicIndexSource index, const OpenTransactions& open)
    : loop_(loop),
      clock_(clock),
      open_(open),
      coordinator_(settings, std::move(topics), std::move(index), [] { return Uuid::random(); }),
      offsets_(loop, clock,
               [this](AppendId id, const Result<void>& outcome) {
                 carry_out(coordinator_.on_appended(id, outcome, now()));
               }),
      alarm_(loop, [this] { carry_out(coordinator_.on_time(now())); }) {}

Result<void> GroupDesk::load(std::shared_ptr<storage::PartitionLog> offsets) {
  offsets_.use(std::move(offsets));
  auto replayed = replay_records(
      offsets_.log(),
      [this](const RecordView& record) { return coordinator_.replay(record.key, record.value, record.transaction_of); },
      [this](std::int64_t producer_id, bool commits) { coordinator_.replay_end(producer_id, commits); });
  if (!replayed) return replayed;
  loop_.post([this] { carry_out(coordinator_.finish_replay(now())); });
  return {};
}

Result<void> GroupDesk::replay_consumed(const Engine::ConsumedSink& sink) const {
  return replay_records(offsets_.log(), [&sink](const RecordView& record) -> Result<void> {
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
  const bool brief = is_brief(request);
  auto command = [this, call = std::move(call), request = std::move(request), reply = std::move(reply)]() mutable {
    if (const auto code = refusal_to_commit(request); code != kafka::ErrorCode::None) {
      return send(reply, groups::commit_error(std::get<kafka::TxnOffsetCommitRequest>(request), code));
    }
    const groups::Ticket ticket = next_ticket_++;
    replies_.emplace(ticket, std::move(reply));
    carry_out(coordinator_.handle(ticket, call, request, now()));
  };
  brief ? loop_.dispatch(std::move(command)) : loop_.post(std::move(command));
}

// The gate is opened and closed on this loop, and a marker is appended behind what is appended now.
kafka::ErrorCode GroupDesk::refusal_to_commit(const kafka::Request& request) const {
  const auto* committing = std::get_if<kafka::TxnOffsetCommitRequest>(&request);
  if (committing == nullptr) return kafka::ErrorCode::None;
  if (committing->transactional_id.empty()) return kafka::ErrorCode::InvalidRequest;
  return open_.check(committing->transactional_id, offsets_.log().name(), committing->producer_id,
                     committing->producer_epoch);
}

void GroupDesk::on_topic_deleted(const TopicName& topic) {
  loop_.post([this, topic] { carry_out(coordinator_.on_topic_deleted(topic)); });
}

void GroupDesk::carry_out(groups::Effects effects) {
  for (const auto& batch : effects.appends) append(batch);
  for (auto& answer : effects.replies) {
    auto reply = replies_.extract(answer.ticket);
    CHECK(!reply.empty());
    Outcome outcome;
    outcome.response = std::move(answer.response);
    outcome.committed = std::move(answer.committed);
    reply.mapped()(std::move(outcome));
  }
  alarm_.set(coordinator_.next_deadline());
}

void GroupDesk::append(const groups::Effects::Append& append) {
  std::vector<RecordView> records;
  records.reserve(append.records.size());
  for (const auto& record : append.records) {
    records.push_back(
        {record.key, record.value ? std::optional<ByteSpan>(*record.value) : std::nullopt, clock_.wall()});
  }
  offsets_.append(append.id, records, append.producer);
}

void GroupDesk::end_transaction(const storage::MarkerRequest& marker, TransactionEnded done) {
  auto told = [this, marker, done = std::move(done)](const storage::AppendOutcome& outcome) mutable {
    if (!outcome) return done(fail(Code::Io, "{}", outcome.error().message), {});
    const groups::Ticket ticket = next_ticket_++;
    replies_.emplace(ticket, [done = std::move(done)](Outcome ended) mutable { done({}, std::move(ended.committed)); });
    carry_out(coordinator_.end_transaction(ticket, marker.producer_id, marker.commits, now()));
  };
  offsets_.log().append_marker(marker, [this, told = std::move(told)](storage::AppendOutcome outcome) mutable {
    loop_.post([told = std::move(told), outcome = std::move(outcome)]() mutable { told(outcome); });
  });
}

}  // namespace myelin::engine::broker
