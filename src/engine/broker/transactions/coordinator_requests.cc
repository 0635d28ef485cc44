// What a producer asks during its transaction: partitions and offsets come in, then it ends.
#include <utility>

#include "engine/broker/topics.h"
#include "engine/broker/transactions/coordinator.h"
#include "kafka/refusal.h"

namespace myelin::engine::transactions {
namespace {

using kafka::ErrorCode;

constexpr std::int16_t kFirstVersionWithFenced = 2;
constexpr std::int32_t kOffsetsPartition = 0;

std::int16_t code_in(std::int16_t version, ErrorCode code) {
  if (code == ErrorCode::ProducerFenced && version < kFirstVersionWithFenced) code = ErrorCode::InvalidProducerEpoch;
  return kafka::code_of(code);
}

kafka::AddOffsetsToTxnResponse offsets_added(std::int16_t code) {
  kafka::AddOffsetsToTxnResponse response;
  response.error_code = code;
  return response;
}

kafka::EndTxnResponse ended(std::int16_t code) {
  kafka::EndTxnResponse response;
  response.error_code = code;
  return response;
}

}  // namespace

std::expected<TransactionCoordinator::Entry*, ErrorCode> TransactionCoordinator::acting(
    const std::string& transactional_id, const Producer& producer) {
  if (transactional_id.empty()) return std::unexpected(ErrorCode::InvalidRequest);
  const auto found = entries_.find(transactional_id);
  if (found == entries_.end() || found->second.transaction.producer_id != producer.id || producer.id < 0) {
    return std::unexpected(ErrorCode::InvalidProducerIdMapping);
  }
  Entry& entry = found->second;
  if (entry.transaction.producer_epoch != producer.epoch) return std::unexpected(ErrorCode::ProducerFenced);
  return &entry;
}

void TransactionCoordinator::add_partitions(const Asker& asker, const kafka::AddPartitionsToTxnRequest& request) {
  std::set<Partition> wanted;
  std::set<Partition> unknown;
  for (const auto& topic : request.v3_and_below_topics) {
    const auto known = topics_(TopicName(topic.name));
    for (const auto number : topic.partitions) {
      const bool exists = known && number >= 0 && number < known->partitions;
      (exists ? wanted : unknown).insert({TopicName(topic.name), number});
    }
  }
  const auto answer = [&](ErrorCode code) {
    return kafka::refused_partitions_in_transaction(request, code_in(asker.version, code));
  };
  if (!unknown.empty()) {
    // All or none, as in Kafka.
    auto none = answer(ErrorCode::OperationNotAttempted);
    for (auto& topic : none.results_by_topic_v3_and_below) {
      for (auto& partition : topic.results_by_partition) {
        if (!unknown.contains({TopicName(topic.name), partition.partition_index})) continue;
        partition.partition_error_code = kafka::code_of(ErrorCode::UnknownTopicOrPartition);
      }
    }
    return reply(asker.ticket, std::move(none));
  }
  const auto refuse = [&](ErrorCode code) { reply(asker.ticket, answer(code)); };
  const auto entry = acting(request.v3_and_below_transactional_id,
                            {request.v3_and_below_producer_id, request.v3_and_below_producer_epoch});
  if (!entry) return refuse(entry.error());
  if ((*entry)->is_busy) return refuse(ErrorCode::ConcurrentTransactions);
  add(asker, **entry, std::move(wanted), answer(ErrorCode::None), answer(ErrorCode::CoordinatorNotAvailable));
}

void TransactionCoordinator::add_offsets(const Asker& asker, const kafka::AddOffsetsToTxnRequest& request) {
  const auto refuse = [&](ErrorCode code) { reply(asker.ticket, offsets_added(code_in(asker.version, code))); };
  const auto entry = acting(request.transactional_id, {request.producer_id, request.producer_epoch});
  if (!entry) return refuse(entry.error());
  if ((*entry)->is_busy) return refuse(ErrorCode::ConcurrentTransactions);
  add(asker, **entry, {{TopicName(broker::kOffsetsTopic), kOffsetsPartition}}, offsets_added(0),
      offsets_added(kafka::code_of(ErrorCode::CoordinatorNotAvailable)));
}

void TransactionCoordinator::add(const Asker& asker, Entry& entry, std::set<Partition> partitions,
                                 kafka::Response durable, kafka::Response failed) {
  Awaited awaited{.step = Step::Add, .transactional_id = entry.transactional_id, .target = entry.transaction};
  auto& target = awaited.target;
  const auto before = target.partitions.size();
  target.partitions.merge(partitions);
  if (target.state == State::Ongoing && target.partitions.size() == before) {
    return reply(asker.ticket, std::move(durable));
  }
  if (target.state != State::Ongoing) target.started_at = asker.now.wall;
  target.state = State::Ongoing;
  target.updated_at = asker.now.wall;
  awaited.epoch_before = entry.epoch_before;
  awaited.ticket = asker.ticket;
  awaited.durable = std::move(durable);
  awaited.failed = std::move(failed);
  entry.is_busy = true;
  store(std::move(awaited));
}

void TransactionCoordinator::end(const Asker& asker, const kafka::EndTxnRequest& request) {
  const auto answer = [&](ErrorCode code) { reply(asker.ticket, ended(code_in(asker.version, code))); };
  const auto found = acting(request.transactional_id, {request.producer_id, request.producer_epoch});
  if (!found) return answer(found.error());
  Entry& entry = **found;
  switch (entry.transaction.state) {
    case State::Ongoing:
      if (entry.is_busy) return answer(ErrorCode::ConcurrentTransactions);
      return decide(entry, request.committed ? State::PrepareCommit : State::PrepareAbort,
                    entry.transaction.producer_epoch, asker.ticket, asker.now.wall);
    case State::PrepareCommit:
      return answer(request.committed ? ErrorCode::ConcurrentTransactions : ErrorCode::InvalidTxnState);
    case State::PrepareAbort:
      return answer(request.committed ? ErrorCode::InvalidTxnState : ErrorCode::ConcurrentTransactions);
    // Asked again, because the answer was lost.
    case State::CompleteCommit:
      return answer(request.committed ? ErrorCode::None : ErrorCode::InvalidTxnState);
    case State::CompleteAbort:
      return answer(request.committed ? ErrorCode::InvalidTxnState : ErrorCode::None);
    case State::Empty:
      return answer(entry.is_busy ? ErrorCode::ConcurrentTransactions : ErrorCode::InvalidTxnState);
  }
}

}  // namespace myelin::engine::transactions
