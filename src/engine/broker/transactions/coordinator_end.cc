// EndTxn. Since version 5 (KIP-890) each transaction has an epoch of its own: its end gives the producer the next one,
// so that nothing of it that arrives late can pass for part of the next. When the epochs are used up the producer gets
// its next id with the end.
#include <utility>

#include "engine/broker/transactions/coordinator.h"

namespace myelin::engine::transactions {
namespace {

using kafka::ErrorCode;

constexpr std::int16_t kFirstVersionWithFenced = 2;
constexpr std::int16_t kFirstVersionWithRenewal = 5;
constexpr std::int16_t kLastEpoch = INT16_MAX - 1;  // of a transaction; the one behind it is for markers

State decision_of(const kafka::EndTxnRequest& request) {
  return request.committed ? State::PrepareCommit : State::PrepareAbort;
}

bool has_committed(State state) { return state == State::PrepareCommit || state == State::CompleteCommit; }

kafka::EndTxnResponse ended(std::int16_t version, ErrorCode code) {
  if (code == ErrorCode::ProducerFenced && version < kFirstVersionWithFenced) code = ErrorCode::InvalidProducerEpoch;
  kafka::EndTxnResponse response;
  response.error_code = kafka::code_of(code);
  return response;
}

// Whether a producer asks about the transaction that gave it the present id and epoch: the answer may have been lost.
bool asks_again(const Transaction& known, const Producer& producer) {
  if (known.client_version < kEpochEach || known.state == State::Ongoing || known.state == State::Empty) return false;
  if (known.producer_id == producer.id) return producer.epoch + 1 == known.producer_epoch;
  return known.previous_producer_id == producer.id && producer.epoch == kLastEpoch && known.producer_epoch == 0;
}

}  // namespace

void TransactionCoordinator::end(const Asker& asker, const kafka::EndTxnRequest& request) {
  if (asker.version >= kFirstVersionWithRenewal) return end_and_renew(asker, request);
  const auto answer = [&](ErrorCode code) { reply(asker.ticket, ended(asker.version, code)); };
  const auto found = acting(request.transactional_id, {request.producer_id, request.producer_epoch});
  if (!found) return answer(found.error());
  Entry& entry = **found;
  switch (entry.transaction.state) {
    case State::Ongoing:
      if (entry.is_busy) return answer(ErrorCode::ConcurrentTransactions);
      return decide(entry,
                    {.state = decision_of(request), .epoch = entry.transaction.producer_epoch, .ticket = asker.ticket},
                    asker.now.wall);
    case State::PrepareCommit:
      return answer(request.committed ? ErrorCode::ConcurrentTransactions : ErrorCode::InvalidTxnState);
    case State::PrepareAbort:
      return answer(request.committed ? ErrorCode::InvalidTxnState : ErrorCode::ConcurrentTransactions);
    // Asked again, because the answer was lost.
    case State::CompleteCommit:
      if (!request.committed) return answer(ErrorCode::InvalidTxnState);
      return reply(asker.ticket, ended(asker.version, ErrorCode::None), std::exchange(entry.untold, {}));
    case State::CompleteAbort:
      return answer(request.committed ? ErrorCode::InvalidTxnState : ErrorCode::None);
    case State::Empty:
      return answer(entry.is_busy ? ErrorCode::ConcurrentTransactions : ErrorCode::InvalidTxnState);
  }
}

void TransactionCoordinator::end_and_renew(const Asker& asker, const kafka::EndTxnRequest& request) {
  const auto answer = [&](ErrorCode code) { reply(asker.ticket, ended(asker.version, code)); };
  const Producer producer{request.producer_id, request.producer_epoch};
  const auto found = entries_.find(request.transactional_id);
  if (found != entries_.end() && asks_again(found->second.transaction, producer)) {
    const auto& known = found->second.transaction;
    if (has_committed(known.state) != request.committed) return answer(ErrorCode::InvalidTxnState);
    if (known.is_decided()) return answer(ErrorCode::ConcurrentTransactions);
    auto response = ended(asker.version, ErrorCode::None);
    response.producer_id = known.producer_id;
    response.producer_epoch = known.producer_epoch;
    return reply(asker.ticket, std::move(response), std::exchange(found->second.untold, {}));
  }
  const auto acting_one = acting(request.transactional_id, producer);
  if (!acting_one) return answer(acting_one.error());
  Entry& entry = **acting_one;
  const auto state = entry.transaction.state;
  if (entry.is_busy || entry.transaction.is_decided()) return answer(ErrorCode::ConcurrentTransactions);
  // To abort nothing is fine, and gives the next epoch all the same.
  if (state != State::Ongoing && request.committed) return answer(ErrorCode::InvalidTxnState);
  renew(entry, decision_of(request), asker.ticket, asker.now.wall);
}

void TransactionCoordinator::renew(Entry& entry, State decision, Ticket ticket, WallTime now) {
  const auto epoch = entry.transaction.producer_epoch;
  if (entry.transaction.has_used_up_epochs()) {
    entry.is_busy = true;
    entry.renewal = Renewal{ticket, decision};
    effects_.wanted_ids.push_back(entry.transactional_id);
    return;
  }
  decide(entry,
         {.state = decision,
          .epoch = static_cast<std::int16_t>(epoch + 1),
          .ticket = ticket,
          .client_version = kEpochEach},
         now);
}

void TransactionCoordinator::end_with_producer_id(Entry& entry, const Result<std::int64_t>& id, WallTime now) {
  const Renewal renewal = *std::exchange(entry.renewal, std::nullopt);
  if (!id) {
    entry.is_busy = false;
    return reply(renewal.ticket, ended(kFirstVersionWithRenewal, ErrorCode::CoordinatorNotAvailable));
  }
  decide(entry,
         {.state = renewal.decision,
          .epoch = INT16_MAX,
          .ticket = renewal.ticket,
          .client_version = kEpochEach,
          .next_producer_id = *id},
         now);
}

}  // namespace myelin::engine::transactions
