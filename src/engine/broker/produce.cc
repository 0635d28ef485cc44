// Produce. From version 12 on a producer need not announce the partitions of its transaction (KIP-890): those that are
// new to it come in before the first record is written.
#include <atomic>
#include <memory>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/batch_check.h"
#include "engine/broker/transaction_desk.h"
#include "kafka/error_code.h"
#include "kafka/record_batch.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;
using TopicAnswer = decltype(kafka::ProduceResponse::responses)::value_type;
using PartitionAnswer = decltype(TopicAnswer::partition_responses)::value_type;

constexpr std::int16_t kLowestVersion = 3;
constexpr std::int16_t kRecordErrorsVersion = 8;
constexpr std::int16_t kFirstVersionThatEnters = 12;

void refuse(PartitionAnswer& answer, ErrorCode code) {
  answer.error_code = std::to_underlying(code);
  answer.base_offset = -1;
  answer.log_append_time_ms = -1;
  answer.log_start_offset = -1;
}

void refuse(PartitionAnswer& answer, const BatchRefusal& refusal, std::int16_t version) {
  refuse(answer, refusal.code);
  if (version < kRecordErrorsVersion) return;
  answer.error_message = refusal.message;
  for (const auto& record : refusal.records) {
    auto& error = answer.record_errors.emplace_back();
    error.batch_index = record.index;
    error.batch_index_error_message = record.message;
  }
}

ErrorCode to_error_code(storage::AppendFailure failure) {
  switch (failure) {
    case storage::AppendFailure::OutOfOrderSequence:
      return ErrorCode::OutOfOrderSequenceNumber;
    case storage::AppendFailure::InvalidProducerEpoch:
      return ErrorCode::InvalidProducerEpoch;
    case storage::AppendFailure::InvalidTransactionState:
      return ErrorCode::InvalidTxnState;
    case storage::AppendFailure::TransactionCoordinatorFenced:
      return ErrorCode::TransactionCoordinatorFenced;
    case storage::AppendFailure::InvalidTimestamp:
      return ErrorCode::InvalidTimestamp;
    case storage::AppendFailure::TooLarge:
      return ErrorCode::MessageTooLarge;
    case storage::AppendFailure::Malformed:
      return ErrorCode::CorruptMessage;
    case storage::AppendFailure::FencedLeaderEpoch:
      return ErrorCode::FencedLeaderEpoch;
    case storage::AppendFailure::UnknownLeaderEpoch:
      return ErrorCode::UnknownLeaderEpoch;
    case storage::AppendFailure::DiskFull:
    case storage::AppendFailure::ReadOnly:
      return ErrorCode::KafkaStorageError;
    case storage::AppendFailure::Gone:
      return ErrorCode::NotLeaderOrFollower;
  }
  return ErrorCode::UnknownServerError;
}

// One request under way. Each partition's answer has its own place, written by whichever thread finishes its append;
// the last one to finish sends the reply.
class ProduceRun : public std::enable_shared_from_this<ProduceRun> {
 public:
  ProduceRun(Core& core, Call call, kafka::ProduceRequest request, Reply reply)
      : desk_(*core.transactions),
        call_(std::move(call)),
        request_(std::move(request)),
        open_(core.open_transactions, request_.transactional_id.value_or("")),
        reply_(std::move(reply)),
        topics_(core.catalogue->snapshot()) {}

  void start() {
    std::size_t partitions = 0;
    response_.responses.reserve(request_.topic_data.size());
    for (const auto& topic : request_.topic_data) {
      auto& answer = response_.responses.emplace_back();
      answer.name = topic.name;
      answer.topic_id = topic.topic_id;
      answer.partition_responses.resize(topic.partition_data.size());
      partitions += topic.partition_data.size();
    }
    slots_.resize(partitions);
    // One more than the appends, so that the reply waits until all have been begun.
    pending_.store(partitions + 1, std::memory_order_relaxed);
    const bool good_acks = request_.acks >= -1 && request_.acks <= 1;
    std::size_t slot = 0;
    for (std::size_t topic = 0; topic < request_.topic_data.size(); ++topic) {
      const auto& asked = request_.topic_data[topic];
      auto found = find_named(*topics_, asked.name, asked.topic_id);
      if (is_internal_name(found.topic != nullptr ? found.topic->name.text() : asked.name)) {
        found = {nullptr, ErrorCode::InvalidTopicException};
      }
      for (std::size_t index = 0; index < asked.partition_data.size(); ++index, ++slot) {
        auto& answer = response_.responses[topic].partition_responses[index];
        answer.index = asked.partition_data[index].index;
        if (!good_acks) {
          refuse(answer, ErrorCode::InvalidRequiredAcks);
          finish_one();
        } else {
          take(asked.partition_data[index].records, found, answer, slots_[slot]);
        }
      }
    }
    if (!entering_.partitions.empty()) enter();
    finish_one();
  }

 private:
  struct Slot {
    const Topic* topic = nullptr;  // set when something was appended
    std::int32_t partition = 0;
    storage::AppendResult result;
  };
  // A batch that waits until its partition is part of the transaction.
  struct Waiting {
    const Topic* topic = nullptr;
    SharedBytes batch;
    PartitionAnswer& answer;
    Slot& slot;
  };

  void take(const std::optional<Payload>& records, const NamedTopic& named, PartitionAnswer& answer, Slot& slot) {
    const Topic* topic = named.topic;
    if (const auto refusal = refusal_before_records(named, answer.index)) {
      refuse(answer, *refusal);
      finish_one();
      return;
    }
    auto batch = check_batch(records, *topic, request_.transactional_id.has_value());
    if (!batch) {
      refuse(answer, batch.error(), call_.version);
      finish_one();
      return;
    }
    slot.partition = answer.index;
    const auto refusal = refusal_of_transaction(*batch, topic->name, answer.index);
    if (refusal != ErrorCode::None) {
      refuse(answer, refusal);
      finish_one();
    } else if (must_enter(*batch, topic->name, answer.index)) {
      waiting_.push_back({topic, *std::move(batch), answer, slot});
    } else {
      append(topic, *std::move(batch), answer, slot);
    }
  }

  // What the log can't tell: that the batch is of a transaction which the request does not name.
  [[nodiscard]] ErrorCode refusal_of_transaction(const SharedBytes& batch, const TopicName& topic,
                                                 std::int32_t partition) const {
    if (!request_.transactional_id) return ErrorCode::None;
    const auto header = kafka::parse_batch_header(batch.view());
    if (!header || !header->is_transactional()) return ErrorCode::None;
    if (request_.transactional_id->empty()) return ErrorCode::InvalidRequest;
    const auto code = open_.check({topic, partition}, header->producer_id, header->producer_epoch);
    return code == ErrorCode::InvalidProducerIdMapping ? code : ErrorCode::None;
  }

  // Notes the partition, too. All batches of a request are of one producer, or the gate refuses the others.
  bool must_enter(const SharedBytes& batch, const TopicName& topic, std::int32_t partition) {
    if (call_.version < kFirstVersionThatEnters || !request_.transactional_id) return false;
    const auto header = kafka::parse_batch_header(batch.view());
    if (!header || !header->is_transactional()) return false;
    const transactions::Partition wanted{topic, partition};
    if (open_.lets_in(wanted, header->producer_id, header->producer_epoch)) return false;
    entering_.transactional_id = *request_.transactional_id;
    entering_.producer = {header->producer_id, header->producer_epoch};
    entering_.partitions.insert(wanted);
    return true;
  }

  void enter() {
    desk_.enter(std::move(entering_), [self = shared_from_this()](ErrorCode code) {
      for (auto& [topic, batch, answer, slot] : self->waiting_) {
        if (code == ErrorCode::None) {
          self->append(topic, std::move(batch), answer, slot);
        } else {
          refuse(answer, code == ErrorCode::ProducerFenced ? ErrorCode::InvalidProducerEpoch : code);
          self->finish_one();
        }
      }
    });
  }

  void append(const Topic* topic, SharedBytes batch, PartitionAnswer& answer, Slot& slot) {
    auto* log = topic->partition(answer.index);
    log->append({.batch = std::move(batch), .attribution = call_.attribution, .gate = &open_},
                [self = shared_from_this(), topic, &answer, &slot](storage::AppendOutcome outcome) {
                  self->appended(topic, answer, slot, outcome);
                });
  }

  [[nodiscard]] std::optional<ErrorCode> refusal_before_records(const NamedTopic& named, std::int32_t partition) const {
    if (call_.version < kLowestVersion) return ErrorCode::UnsupportedVersion;
    if (named.topic == nullptr) return named.code;
    if (named.topic->partition(partition) == nullptr) return ErrorCode::UnknownTopicOrPartition;
    return std::nullopt;
  }

  void appended(const Topic* topic, PartitionAnswer& answer, Slot& slot, const storage::AppendOutcome& outcome) {
    if (outcome) {
      answer.error_code = 0;
      answer.base_offset = outcome->base_offset;
      answer.log_append_time_ms = outcome->log_append_time;
      answer.log_start_offset = outcome->log_start_offset;
      if (!outcome->duplicate) {
        slot.topic = topic;
        slot.result = *outcome;
      }
    } else {
      refuse(answer, {to_error_code(outcome.error().failure), outcome.error().message, {}}, call_.version);
    }
    finish_one();
  }

  void finish_one() {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    Outcome outcome;
    for (const auto& slot : slots_) {
      if (slot.topic == nullptr) continue;
      outcome.appended.push_back({slot.topic->name, slot.topic->id, slot.partition, slot.result.base_offset,
                                  slot.result.records, slot.result.log_bytes, slot.result.time});
    }
    outcome.response = std::move(response_);
    reply_(std::move(outcome));
  }

  TransactionDesk& desk_;
  const Call call_;
  const kafka::ProduceRequest request_;
  const NamedTransaction open_;
  Reply reply_;
  const std::shared_ptr<const Topics> topics_;
  kafka::ProduceResponse response_;
  std::vector<Slot> slots_;
  transactions::Entering entering_;
  std::vector<Waiting> waiting_;
  std::atomic<std::size_t> pending_{0};
};

}  // namespace

void answer(Core& core, Call call, kafka::ProduceRequest request, Reply reply) {
  std::make_shared<ProduceRun>(core, std::move(call), std::move(request), std::move(reply))->start();
}

}  // namespace myelin::engine::broker
