// What comes into a transaction: partitions and offsets, announced or with what is written to them.
#include <utility>

#include "base/check.h"
#include "engine/broker/topics.h"
#include "engine/broker/transactions/coordinator.h"
#include "kafka/refusal.h"

namespace myelin::engine::transactions {
namespace {

using kafka::ErrorCode;

constexpr std::int16_t kFirstVersionWithFenced = 2;

std::int16_t code_in(std::int16_t version, ErrorCode code) {
  if (code == ErrorCode::ProducerFenced && version < kFirstVersionWithFenced) code = ErrorCode::InvalidProducerEpoch;
  return kafka::code_of(code);
}

kafka::AddOffsetsToTxnResponse offsets_added(std::int16_t code) {
  kafka::AddOffsetsToTxnResponse response;
  response.error_code = code;
  return response;
}

kafka::AddPartitionsToTxnResponse entered(ErrorCode code) {
  kafka::AddPartitionsToTxnResponse response;
  response.error_code = kafka::code_of(code);
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
  add(asker, **entry,
      {.partitions = std::move(wanted),
       .durable = answer(ErrorCode::None),
       .failed = answer(ErrorCode::CoordinatorNotAvailable)});
}

void TransactionCoordinator::add_offsets(const Asker& asker, const kafka::AddOffsetsToTxnRequest& request) {
  const auto refuse = [&](ErrorCode code) { reply(asker.ticket, offsets_added(code_in(asker.version, code))); };
  const auto entry = acting(request.transactional_id, {request.producer_id, request.producer_epoch});
  if (!entry) return refuse(entry.error());
  if ((*entry)->is_busy) return refuse(ErrorCode::ConcurrentTransactions);
  add(asker, **entry,
      {.partitions = {{TopicName(broker::kOffsetsTopic), broker::kOffsetsPartition}},
       .durable = offsets_added(0),
       .failed = offsets_added(kafka::code_of(ErrorCode::CoordinatorNotAvailable))});
}

Effects TransactionCoordinator::enter(Ticket ticket, Entering entering, Now now) {
  CHECK(replayed_);
  enter_now(ticket, std::move(entering), now);
  return take();
}

void TransactionCoordinator::enter_now(Ticket ticket, Entering entering, Now now) {
  const auto found = acting(entering.transactional_id, entering.producer);
  if (!found) return reply(ticket, entered(found.error()));
  Entry& entry = **found;
  if (entry.is_adding) {
    entry.waiting.emplace_back(ticket, std::move(entering));
    return;
  }
  if (entry.is_busy) return reply(ticket, entered(ErrorCode::ConcurrentTransactions));
  add({ticket, 0, now}, entry,
      {.partitions = std::move(entering.partitions),
       .client_version = kEpochEach,
       .durable = entered(ErrorCode::None),
       .failed = entered(ErrorCode::CoordinatorNotAvailable)});
}

void TransactionCoordinator::let_in_waiting(Entry& entry, Now now) {
  for (auto& [ticket, entering] : std::exchange(entry.waiting, {})) enter_now(ticket, std::move(entering), now);
}

void TransactionCoordinator::add(const Asker& asker, Entry& entry, Addition addition) {
  Awaited awaited{.step = Step::Add, .transactional_id = entry.transactional_id, .target = entry.transaction};
  auto& target = awaited.target;
  const auto before = target.partitions.size();
  target.partitions.merge(addition.partitions);
  if (target.state == State::Ongoing && target.partitions.size() == before) {
    return reply(asker.ticket, std::move(addition.durable));
  }
  if (target.state != State::Ongoing) target.started_at = asker.now.wall;
  target.state = State::Ongoing;
  target.client_version = addition.client_version;
  target.updated_at = asker.now.wall;
  awaited.epoch_before = entry.epoch_before;
  awaited.ticket = asker.ticket;
  awaited.durable = std::move(addition.durable);
  awaited.failed = std::move(addition.failed);
  entry.is_busy = true;
  entry.is_adding = true;
  store(std::move(awaited));
}

}  // namespace myelin::engine::transactions
