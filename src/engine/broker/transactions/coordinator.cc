#include "engine/broker/transactions/coordinator.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/check.h"

namespace myelin::engine::transactions {

using kafka::ApiKey;
using kafka::ErrorCode;

TransactionCoordinator::TransactionCoordinator(const Settings& settings, TopicLookup topics)
    : settings_(settings), topics_(std::move(topics)) {}

std::vector<ApiRange> TransactionCoordinator::served() {
  return {{ApiKey::AddPartitionsToTxn, 0, 3},
          {ApiKey::AddOffsetsToTxn, 0, 3},
          {ApiKey::EndTxn, 0, 5},
          {ApiKey::DescribeTransactions, 0, 0},
          {ApiKey::ListTransactions, 0, 1}};
}

Effects TransactionCoordinator::handle(Ticket ticket, const Call& call, const kafka::Request& request, Now now) {
  CHECK(replayed_);
  const Asker asker{ticket, call.version, now};
  if (const auto* beginning = std::get_if<kafka::InitProducerIdRequest>(&request)) {
    begin(asker, *beginning);
  } else if (const auto* adding = std::get_if<kafka::AddPartitionsToTxnRequest>(&request)) {
    add_partitions(asker, *adding);
  } else if (const auto* adding_offsets = std::get_if<kafka::AddOffsetsToTxnRequest>(&request)) {
    add_offsets(asker, *adding_offsets);
  } else if (const auto* ending = std::get_if<kafka::EndTxnRequest>(&request)) {
    end(asker, *ending);
  } else if (const auto* describing = std::get_if<kafka::DescribeTransactionsRequest>(&request)) {
    describe(asker, *describing);
  } else if (const auto* listing = std::get_if<kafka::ListTransactionsRequest>(&request)) {
    list(asker, *listing);
  } else {
    CHECK(false && "not a request about transactions");
  }
  return take();
}

Effects TransactionCoordinator::on_appended(AppendId append, const Result<void>& outcome, Now now) {
  auto found = awaited_.extract(append);
  CHECK(!found.empty());
  Awaited awaited = std::move(found.mapped());
  Entry& entry = entries_.at(awaited.transactional_id);
  const bool is_durable = outcome.has_value();
  if (awaited.ticket && awaited.step != Step::Decide) {
    const bool tells = is_durable && awaited.step == Step::Begin;
    reply(*awaited.ticket, std::move(is_durable ? awaited.durable : awaited.failed),
          tells ? std::exchange(entry.untold, {}) : std::vector<CommitFact>{});
  }
  switch (awaited.step) {
    case Step::Begin:
    case Step::Add:
      entry.is_busy = false;
      entry.is_adding = false;
      if (is_durable) {
        entry.transaction = std::move(awaited.target);
        entry.epoch_before = awaited.epoch_before;
        if (awaited.step == Step::Add) {
          const auto& begun = entry.transaction;
          effects_.gates.push_back(
              {begun.producer_id, begun.producer_epoch, true, begun.partitions, entry.transactional_id});
          if (entry.due == MonotonicTime::max()) watch(entry, now.monotonic + begun.timeout);
        }
      } else if (entry.transaction.producer_id < 0) {
        entries_.erase(awaited.transactional_id);
        break;
      }
      let_in_waiting(entry, now);
      break;
    case Step::Decide:
      if (is_durable) {
        entry.transaction = std::move(awaited.target);
        start_ending(entry);
      } else {
        const auto& as_before = entry.transaction;
        entry.is_busy = false;
        if (auto waiting = std::exchange(entry.ending, std::nullopt)) reply(*waiting, std::move(awaited.failed));
        if (as_before.state != State::Ongoing) break;
        effects_.gates.push_back(
            {as_before.producer_id, as_before.producer_epoch, true, as_before.partitions, entry.transactional_id});
        watch(entry, now.monotonic + settings_.retry_markers_after);
      }
      break;
    case Step::Complete:
      // When this was not written, the next start writes the markers again, which changes nothing.
      break;
    case Step::Forget:
      if (is_durable) {
        entries_.erase(awaited.transactional_id);
      } else {
        entry.is_busy = false;
      }
      break;
  }
  return take();
}

void TransactionCoordinator::start_ending(const Entry& entry) {
  const auto& decided = entry.transaction;
  effects_.endings.push_back({entry.transactional_id, decided.producer_id, decided.producer_epoch,
                              decided.state == State::PrepareCommit, decided.partitions});
}

Effects TransactionCoordinator::on_ended(const std::string& transactional_id, const Result<void>& outcome,
                                         std::vector<CommitFact> committed, Now now) {
  Entry& entry = entries_.at(transactional_id);
  CHECK(entry.transaction.is_decided());
  if (outcome) {
    complete(entry, std::move(committed), now);
  } else {
    // It stays decided; whoever asks again is told to wait.
    if (auto waiting = std::exchange(entry.ending, std::nullopt)) {
      kafka::EndTxnResponse later;
      later.error_code = kafka::code_of(ErrorCode::ConcurrentTransactions);
      reply(*waiting, std::move(later));
    }
    watch(entry, now.monotonic + settings_.retry_markers_after);
  }
  return take();
}

void TransactionCoordinator::complete(Entry& entry, std::vector<CommitFact> committed, Now now) {
  auto& over = entry.transaction;
  over.state = over.state == State::PrepareCommit ? State::CompleteCommit : State::CompleteAbort;
  over.partitions.clear();
  if (over.next_producer_id >= 0) {
    over.previous_producer_id = std::exchange(over.producer_id, std::exchange(over.next_producer_id, -1));
    over.producer_epoch = 0;
  }
  over.updated_at = now.wall;
  entry.is_busy = false;
  watch(entry, MonotonicTime::max());
  store({.step = Step::Complete, .transactional_id = entry.transactional_id, .target = over});
  std::ranges::move(committed, std::back_inserter(entry.untold));
  if (auto waiting = std::exchange(entry.ending, std::nullopt)) {
    kafka::EndTxnResponse ended;
    ended.producer_id = over.producer_id;
    ended.producer_epoch = over.producer_epoch;
    reply(*waiting, std::move(ended), std::exchange(entry.untold, {}));
  }
}

// Ends an ongoing transaction in a way that its producer has no say in: what it still sends has an epoch that is over.
void TransactionCoordinator::fence(Entry& entry, WallTime now) {
  const auto epoch = entry.transaction.producer_epoch;
  const auto next = static_cast<std::int16_t>(epoch < INT16_MAX ? epoch + 1 : epoch);
  decide(entry, {.state = State::PrepareAbort, .epoch = next, .client_version = entry.transaction.client_version}, now);
}

void TransactionCoordinator::decide(Entry& entry, const Decision& decision, WallTime now) {
  Awaited awaited{.step = Step::Decide, .transactional_id = entry.transactional_id, .target = entry.transaction};
  awaited.target.state = decision.state;
  awaited.target.producer_epoch = decision.epoch;
  awaited.target.client_version = decision.client_version;
  awaited.target.next_producer_id = decision.next_producer_id;
  awaited.target.updated_at = now;
  kafka::EndTxnResponse failed;
  failed.error_code = kafka::code_of(ErrorCode::CoordinatorNotAvailable);
  awaited.failed = std::move(failed);
  entry.is_busy = true;
  entry.ending = decision.ticket;
  watch(entry, MonotonicTime::max());
  effects_.gates.push_back(
      {entry.transaction.producer_id, entry.transaction.producer_epoch, false, {}, entry.transactional_id});
  store(std::move(awaited));
}

void TransactionCoordinator::store(Awaited awaited) {
  auto record = awaited.step == Step::Forget ? transaction_tombstone(awaited.transactional_id)
                                             : transaction_record(awaited.transactional_id, awaited.target);
  const auto id = next_append_++;
  effects_.appends.push_back({id, std::move(record)});
  awaited_.emplace(id, std::move(awaited));
}

void TransactionCoordinator::watch(Entry& entry, MonotonicTime due) {
  deadlines_.erase({entry.due, entry.transactional_id});
  entry.due = due;
  if (due != MonotonicTime::max()) deadlines_.emplace(due, entry.transactional_id);
}

Effects TransactionCoordinator::on_time(Now now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.monotonic) {
    Entry& entry = entries_.at(deadlines_.begin()->second);
    if (entry.transaction.is_decided()) {
      watch(entry, MonotonicTime::max());
      start_ending(entry);
    } else if (entry.is_busy) {
      // Partitions are being added: the time is up all the same, as soon as that is settled.
      watch(entry, now.monotonic + settings_.retry_markers_after);
    } else {
      fence(entry, now.wall);
    }
  }
  if (next_expiration_check_ <= now.monotonic) expire_idle(now);
  return take();
}

void TransactionCoordinator::expire_idle(Now now) {
  next_expiration_check_ = now.monotonic + settings_.expiration_check_interval;
  if (clock_watch_->is_suspect(now.wall, now.monotonic)) return;
  for (Entry& entry : entries_ | std::views::values) {
    const auto& idle = entry.transaction;
    if (entry.is_busy || !idle.is_over() || now.wall - idle.updated_at < settings_.expiration) continue;
    entry.is_busy = true;
    store({.step = Step::Forget, .transactional_id = entry.transactional_id, .target = {}});
  }
}

MonotonicTime TransactionCoordinator::next_deadline() const {
  if (deadlines_.empty()) return next_expiration_check_;
  return std::min(next_expiration_check_, deadlines_.begin()->first);
}

bool TransactionCoordinator::is_ending_any() const {
  return std::ranges::any_of(entries_, [](const auto& entry) { return entry.second.transaction.is_decided(); });
}

Result<void> TransactionCoordinator::replay(ByteSpan key, std::optional<ByteSpan> value) {
  CHECK(!replayed_);
  auto transactional_id = read_transaction_key(key);
  if (!transactional_id) return pass(transactional_id);
  if (!*transactional_id) return {};
  if (!value) {
    entries_.erase(**transactional_id);
    return {};
  }
  auto transaction = read_transaction(*value);
  if (!transaction) return pass(transaction);
  auto& entry = entries_[**transactional_id];
  entry.transactional_id = **transactional_id;
  entry.transaction = *std::move(transaction);
  return {};
}

Effects TransactionCoordinator::finish_replay(Now now) {
  CHECK(!replayed_);
  replayed_ = true;
  next_expiration_check_ = now.monotonic + settings_.expiration_check_interval;
  clock_watch_.emplace(now.wall, now.monotonic);
  for (Entry& entry : entries_ | std::views::values) {
    const auto& found = entry.transaction;
    if (found.is_decided()) {
      entry.is_busy = true;
      start_ending(entry);
    } else if (found.state == State::Ongoing) {
      const auto ran = found.started_at ? now.wall - *found.started_at : std::chrono::milliseconds(0);
      const auto left = std::clamp(found.timeout - ran, std::chrono::milliseconds(0), found.timeout);
      watch(entry, now.monotonic + left);
      effects_.gates.push_back(
          {found.producer_id, found.producer_epoch, true, found.partitions, entry.transactional_id});
    }
  }
  return take();
}

}  // namespace myelin::engine::transactions
