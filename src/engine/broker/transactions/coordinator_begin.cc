// InitProducerId with a transactional id: who had the id before is fenced by the next epoch, and what it left open is
// aborted first.
#include <utility>

#include "engine/broker/transactions/coordinator.h"

namespace myelin::engine::transactions {
namespace {

using kafka::ErrorCode;

constexpr std::int64_t kNoId = -1;
constexpr std::int16_t kNoEpoch = -1;
constexpr std::int16_t kFirstVersionWithFenced = 4;

kafka::InitProducerIdResponse answer(std::int64_t producer_id, std::int16_t epoch) {
  kafka::InitProducerIdResponse response;
  response.producer_id = producer_id;
  response.producer_epoch = epoch;
  return response;
}

kafka::InitProducerIdResponse refusal(std::int16_t version, ErrorCode code) {
  if (code == ErrorCode::ProducerFenced && version < kFirstVersionWithFenced) code = ErrorCode::InvalidProducerEpoch;
  auto response = answer(kNoId, kNoEpoch);
  response.error_code = kafka::code_of(code);
  return response;
}

}  // namespace

std::optional<ErrorCode> TransactionCoordinator::refusal_to_begin(const kafka::InitProducerIdRequest& request) const {
  if (request.transactional_id->empty()) return ErrorCode::InvalidRequest;
  const std::chrono::milliseconds timeout(request.transaction_timeout_ms);
  if (timeout.count() <= 0 || timeout > settings_.timeout_max) return ErrorCode::InvalidTransactionTimeout;
  const bool has_id = request.producer_id != kNoId;
  const bool has_epoch = request.producer_epoch != kNoEpoch;
  if (has_id != has_epoch || request.producer_id < kNoId || request.producer_epoch < kNoEpoch) {
    return ErrorCode::InvalidRequest;
  }
  return std::nullopt;
}

void TransactionCoordinator::begin(const Asker& asker, const kafka::InitProducerIdRequest& request) {
  const auto refuse = [&](ErrorCode code) { reply(asker.ticket, refusal(asker.version, code)); };
  if (const auto code = refusal_to_begin(request)) return refuse(*code);
  const auto found = entries_.find(*request.transactional_id);
  if (found != entries_.end()) return begin_again(asker, request, found->second);
  if (entries_.size() >= settings_.ids_max) return refuse(ErrorCode::PolicyViolation);
  Entry& entry = entries_[*request.transactional_id];
  entry.transactional_id = *request.transactional_id;
  entry.is_busy = true;
  entry.beginning = Beginning{asker.ticket, std::chrono::milliseconds(request.transaction_timeout_ms)};
  effects_.wanted_ids.push_back(entry.transactional_id);
}

void TransactionCoordinator::begin_again(const Asker& asker, const kafka::InitProducerIdRequest& request,
                                         Entry& entry) {
  const auto refuse = [&](ErrorCode code) { reply(asker.ticket, refusal(asker.version, code)); };
  const auto& known = entry.transaction;
  if (entry.is_busy) return refuse(ErrorCode::ConcurrentTransactions);
  if (request.producer_id != kNoId && request.producer_id != known.producer_id) {
    return refuse(ErrorCode::ProducerFenced);
  }
  if (known.is_over()) return next_epoch(asker, request, entry);
  if (request.producer_epoch != kNoEpoch && request.producer_epoch != known.producer_epoch) {
    return refuse(ErrorCode::ProducerFenced);
  }
  fence(entry, asker.now.wall);
  refuse(ErrorCode::ConcurrentTransactions);
}

void TransactionCoordinator::next_epoch(const Asker& asker, const kafka::InitProducerIdRequest& request, Entry& entry) {
  const auto& known = entry.transaction;
  const bool says_who = request.producer_epoch != kNoEpoch;
  if (says_who && request.producer_epoch != known.producer_epoch) {
    // Its first question was answered, and the answer lost.
    if (request.producer_epoch == entry.epoch_before) {
      return reply(asker.ticket, answer(known.producer_id, known.producer_epoch));
    }
    return reply(asker.ticket, refusal(asker.version, ErrorCode::ProducerFenced));
  }
  const std::chrono::milliseconds timeout(request.transaction_timeout_ms);
  entry.is_busy = true;
  if (known.has_used_up_epochs()) {
    entry.beginning = Beginning{asker.ticket, timeout};
    effects_.wanted_ids.push_back(entry.transactional_id);
    return;
  }
  Awaited awaited{.step = Step::Begin, .transactional_id = entry.transactional_id, .target = known};
  awaited.target.state = State::Empty;
  awaited.target.started_at.reset();
  awaited.target.timeout = timeout;
  awaited.target.updated_at = asker.now.wall;
  ++awaited.target.producer_epoch;
  awaited.epoch_before = says_who ? known.producer_epoch : kNoEpoch;
  awaited.ticket = asker.ticket;
  awaited.durable = answer(awaited.target.producer_id, awaited.target.producer_epoch);
  awaited.failed = refusal(asker.version, ErrorCode::CoordinatorNotAvailable);
  store(std::move(awaited));
}

Effects TransactionCoordinator::on_producer_id(const std::string& transactional_id, const Result<std::int64_t>& id,
                                               Now now) {
  Entry& entry = entries_.at(transactional_id);
  if (entry.renewal) {
    end_with_producer_id(entry, id, now.wall);
    return take();
  }
  const Beginning beginning = *std::exchange(entry.beginning, std::nullopt);
  const auto failed = refusal(kFirstVersionWithFenced, ErrorCode::CoordinatorNotAvailable);
  if (!id) {
    reply(beginning.ticket, failed);
    entry.is_busy = false;
    if (entry.transaction.producer_id == kNoId) entries_.erase(transactional_id);
    return take();
  }
  Awaited awaited{.step = Step::Begin, .transactional_id = transactional_id, .target = {}};
  awaited.target.producer_id = *id;
  awaited.target.producer_epoch = 0;
  awaited.target.timeout = beginning.timeout;
  awaited.target.updated_at = now.wall;
  awaited.ticket = beginning.ticket;
  awaited.durable = answer(*id, 0);
  awaited.failed = failed;
  store(std::move(awaited));
  return take();
}

}  // namespace myelin::engine::transactions
