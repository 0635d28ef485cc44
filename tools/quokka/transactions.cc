#include "quokka/transactions.h"

#include <stdexcept>

namespace quokka {
namespace {

constexpr int kCallMs = 1000;  // of one call; what takes longer is asked again
constexpr auto kAge = std::chrono::milliseconds(300);
// librdkafka may wait for a group's coordinator for ever when the server died under send_offsets_to_transaction.
constexpr auto kStuckAfter = std::chrono::seconds(10);
constexpr auto kTakeOver = std::chrono::seconds(60);

}  // namespace

void Transactions::use(rd_kafka_t* producer) {
  producer_ = producer;
  for (const auto deadline = Clock::now() + kTakeOver;;) {
    rd_kafka_error_t* error = rd_kafka_init_transactions(producer_, kCallMs);
    if (error == nullptr) return;
    const std::string why = rd_kafka_error_string(error);
    const bool again = rd_kafka_error_is_retriable(error) != 0;
    rd_kafka_error_destroy(error);
    if (!again || Clock::now() > deadline) throw std::runtime_error("transactional id " + plan_.id + ": " + why);
  }
}

int Transactions::room() const {
  if (step_ == Step::None) return plan_.records;
  return step_ == Step::Open ? plan_.records - records_ : 0;
}

void Transactions::begin_when_none() {
  if (step_ != Step::None) return;
  if (rd_kafka_error_t* error = rd_kafka_begin_transaction(producer_)) {
    const std::string why = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error("a transaction can't begin: " + why);
  }
  step_ = Step::Open;
  begun_ = Clock::now();
  ++number_;
}

void Transactions::took(const std::string& topic, std::int64_t sequence) {
  sequences_[topic].insert(sequence);
  ++records_;
}

void Transactions::took_input(Consumer& reader, const std::string& topic, std::int32_t partition, std::int64_t offset) {
  if (inputs_.empty()) assignment_ = reader.assignment();
  reader_ = &reader;
  inputs_.try_emplace({topic, partition}, Inputs{.first = offset}).first->second.next = offset + 1;
}

bool Transactions::is_given_up() const {
  const bool is_planned = plan_.abort_every > 0 && number_ % plan_.abort_every == plan_.abort_every / 2;
  // Who reads on after a rebalance reads these inputs again.
  return is_planned || (!inputs_.empty() && reader_->assignment() != assignment_);
}

void Transactions::move_on(Clock::time_point now, bool all_answered, bool stops) {
  if (step_ == Step::Open && (stops || records_ >= plan_.records || now - begun_ >= kAge)) step_ = Step::Flushing;
  if (step_ == Step::Flushing && all_answered) {
    sending_since_ = now;
    step_ = is_given_up() ? Step::Aborting : inputs_.empty() ? Step::Committing : Step::Sending;
  }
  if (step_ == Step::Sending) send_offsets(now);
  if (step_ == Step::Committing) commit();
  if (step_ == Step::Aborting) abort();
}

bool Transactions::is_done(rd_kafka_error_t* error, const char* what) {
  if (error == nullptr) return true;
  const std::string why = std::string(what) + ": " + rd_kafka_error_string(error);
  const bool must_abort = rd_kafka_error_txn_requires_abort(error) != 0;
  const bool again = rd_kafka_error_is_retriable(error) != 0;
  rd_kafka_error_destroy(error);
  truth_.line("error", "\"what\":" + quoted(why));
  if (must_abort) {
    step_ = Step::Aborting;
  } else if (!again && step_ != Step::Sending) {
    throw std::runtime_error(why);
  }
  return false;
}

void Transactions::send_offsets(Clock::time_point now) {
  reader_->write_truth();  // a call may take its time, and what was received is told with the time it came
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(static_cast<int>(inputs_.size()));
  for (const auto& [where, inputs] : inputs_) {
    rd_kafka_topic_partition_list_add(offsets, where.first.c_str(), where.second)->offset = inputs.next;
  }
  rd_kafka_consumer_group_metadata_t* member = reader_->membership();
  rd_kafka_error_t* error = rd_kafka_send_offsets_to_transaction(producer_, offsets, member, kCallMs);
  rd_kafka_consumer_group_metadata_destroy(member);
  rd_kafka_topic_partition_list_destroy(offsets);
  if (is_done(error, "send offsets")) {
    step_ = Step::Committing;
  } else if (step_ == Step::Sending && now - sending_since_ >= kStuckAfter) {
    start_anew();
  }
}

void Transactions::commit() {
  if (is_done(rd_kafka_commit_transaction(producer_, kCallMs), "commit")) finish(true);
}

void Transactions::abort() {
  if (is_done(rd_kafka_abort_transaction(producer_, kCallMs), "abort")) finish(false);
}

// All records were answered for, so that it is known which ones the next owner of the transactional id aborts.
void Transactions::start_anew() {
  use(renew_());
  finish(false);
}

void Transactions::finish(bool committed) {
  for (const auto& [topic, sequences] : sequences_) {
    truth_.line("transaction", "\"topic\":" + quoted(topic) +
                                   ",\"outcome\":" + (committed ? "\"committed\"" : "\"aborted\"") +
                                   ",\"ranges\":" + ranges_of(sequences));
  }
  if (!inputs_.empty()) {
    std::map<Consumer::TopicPartition, std::int64_t> offsets;
    for (const auto& [where, inputs] : inputs_) offsets[where] = committed ? inputs.next : inputs.first;
    if (committed) {
      reader_->committed_elsewhere(offsets);
    } else if (reader_->assignment() == assignment_) {
      reader_->go_back(offsets);
    }
  }
  sequences_.clear();
  inputs_.clear();
  records_ = 0;
  step_ = Step::None;
}

}  // namespace quokka
