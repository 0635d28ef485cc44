#include "engine/broker/transaction_desk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace myelin::engine::broker {

// The markers of one ending under way: reported when the last partition has answered.
class TransactionDesk::EndingRun {
 public:
  using Ended = std::move_only_function<void(Result<void>, std::vector<CommitFact>)>;

  EndingRun(std::size_t partitions, Ended ended) : pending_(partitions), ended_(std::move(ended)) {}

  // On the loop.
  void finish_one(const Result<void>& outcome, std::vector<CommitFact> committed = {}) {
    if (!outcome && outcome_) outcome_ = outcome;
    std::ranges::move(committed, std::back_inserter(committed_));
    if (--pending_ == 0) ended_(std::move(outcome_), std::move(committed_));
  }

 private:
  std::size_t pending_;
  Ended ended_;
  Result<void> outcome_;
  std::vector<CommitFact> committed_;
};

namespace {

// A partition that is gone, or that heard of a later marker, has nothing to end.
Result<void> marker_outcome(const storage::AppendOutcome& outcome) {
  using enum storage::AppendFailure;
  if (outcome) return {};
  const auto failure = outcome.error().failure;
  if (failure == Gone || failure == InvalidProducerEpoch || failure == TransactionCoordinatorFenced) return {};
  return fail(Code::Io, "{}", outcome.error().message);
}

}  // namespace

TransactionDesk::TransactionDesk(const Around& around, const transactions::Settings& settings, TopicLookup topics)
    : around_(around),
      coordinator_(settings, std::move(topics)),
      log_(around.loop, around.clock,
           [this](AppendId id, const Result<void>& outcome) {
             carry_out(coordinator_.on_appended(id, outcome, now()));
           }),
      alarm_(around.loop, [this] { carry_out(coordinator_.on_time(now())); }) {}

Result<void> TransactionDesk::load(std::shared_ptr<storage::PartitionLog> log) {
  log_.use(std::move(log));
  auto replayed = replay_records(
      log_.log(), [this](const RecordView& record) { return coordinator_.replay(record.key, record.value); });
  if (!replayed) return replayed;
  around_.loop.post([this] { carry_out(coordinator_.finish_replay(now())); });
  return {};
}

void TransactionDesk::handle(Call call, kafka::Request request, Reply reply) {
  around_.loop.post([this, call = std::move(call), request = std::move(request), reply = std::move(reply)]() mutable {
    const Ticket ticket = next_ticket_++;
    replies_.emplace(ticket, std::move(reply));
    carry_out(coordinator_.handle(ticket, call, request, now()));
  });
}

void TransactionDesk::enter(transactions::Entering entering, Entered entered) {
  around_.loop.post([this, entering = std::move(entering), entered = std::move(entered)]() mutable {
    const Ticket ticket = next_ticket_++;
    replies_.emplace(ticket, [entered = std::move(entered)](const Outcome& outcome) mutable {
      entered(static_cast<kafka::ErrorCode>(std::get<kafka::AddPartitionsToTxnResponse>(outcome.response).error_code));
    });
    carry_out(coordinator_.enter(ticket, std::move(entering), now()));
  });
}

void TransactionDesk::carry_out(transactions::Effects effects) {
  for (const auto& gate : effects.gates) around_.open.set(gate);
  for (const auto& append : effects.appends) {
    const auto& record = append.record;
    const std::array<RecordView, 1> records{
        {{record.key, record.value ? std::optional<ByteSpan>(*record.value) : std::nullopt, around_.clock.wall()}}};
    log_.append(append.id, records);
  }
  for (auto& ending : effects.endings) end(std::move(ending));
  for (const auto& transactional_id : effects.wanted_ids) want_producer_id(transactional_id);
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

void TransactionDesk::want_producer_id(const std::string& transactional_id) {
  around_.producer_ids.allocate([this, transactional_id](Result<std::int64_t> id) {
    around_.loop.post([this, transactional_id, id = std::move(id)] {
      if (!id) log::error("no producer id could be reserved", {{"reason", id.error().message}});
      carry_out(coordinator_.on_producer_id(transactional_id, id, now()));
    });
  });
}

void TransactionDesk::end(transactions::Effects::Ending ending) {
  // One more than the partitions, so that it is not over before all were begun.
  const auto run = std::make_shared<EndingRun>(
      ending.partitions.size() + 1,
      [this, id = ending.transactional_id](Result<void> outcome, std::vector<CommitFact> committed) {
        if (!outcome) log::error("a transaction can't be ended yet", {{"reason", outcome.error().message}});
        around_.loop.post([this, id, outcome = std::move(outcome), committed = std::move(committed)]() mutable {
          carry_out(coordinator_.on_ended(id, outcome, std::move(committed), now()));
        });
      });
  const auto topics = around_.catalogue.snapshot();
  for (const auto& partition : ending.partitions) {
    const storage::MarkerRequest marker{.producer_id = ending.producer_id,
                                        .producer_epoch = ending.producer_epoch,
                                        .coordinator_epoch = log_.log().leader_epoch(),
                                        .commits = ending.commits,
                                        .timestamp = around_.clock.wall(),
                                        .attribution = broker_itself()};
    if (partition.topic.text() == kOffsetsTopic) {
      around_.groups.end_transaction(marker, [run](const Result<void>& outcome, std::vector<CommitFact> committed) {
        run->finish_one(outcome, std::move(committed));
      });
      continue;
    }
    const Topic* topic = topics->find(partition.topic.text());
    auto* log = topic != nullptr ? topic->partition(partition.partition) : nullptr;
    if (log == nullptr) {
      run->finish_one({});
      continue;
    }
    log->append_marker(marker, [this, run](const storage::AppendOutcome& outcome) {
      around_.loop.post([run, outcome = marker_outcome(outcome)] { run->finish_one(outcome); });
    });
  }
  run->finish_one({});
}

}  // namespace myelin::engine::broker
