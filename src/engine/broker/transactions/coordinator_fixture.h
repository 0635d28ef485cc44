#pragma once
// For tests: a coordinator of transactions with a clock that stands still, a log that becomes durable and markers that
// are written when told to, and its clients' mail.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/transactions/coordinator.h"

namespace myelin::engine::transactions {

using kafka::ErrorCode;

// What a group consumed with a transaction: five offsets, up to the seventh.
inline const std::vector<CommitFact> kFiveOfSales{{.group = GroupName("g"),
                                                   .topic = TopicName("sales"),
                                                   .topic_id = {},
                                                   .partition = 0,
                                                   .previous = 2,
                                                   .committed = 7,
                                                   .advanced = 5}};

class CoordinatorFixture : public testing::Test {
 protected:
  CoordinatorFixture() { start(); }

  void start() {
    coordinator_ = std::make_unique<TransactionCoordinator>(
        settings_, [](const TopicName& name) -> std::optional<broker::TopicPartitions> {
          if (name.text() == "missing") return std::nullopt;
          return broker::TopicPartitions{{}, 4};
        });
    for (const auto& [key, value] : log_) {
      const auto read = coordinator_->replay(key, value ? std::optional<ByteSpan>(*value) : std::nullopt);
      ASSERT_TRUE(read) << read.error().message;
    }
    take(coordinator_->finish_replay(now_));
  }

  // Ends the process: what was durable stays, what was not is lost, who waits is never answered.
  void crash_and_restart() {
    under_way_.clear();
    endings_.clear();
    replies_.clear();
    open_.clear();
    start();
  }

  Ticket send(kafka::Request request, std::int16_t version = 3) {
    Call call;
    call.version = version;
    const Ticket ticket = ++last_ticket_;
    take(coordinator_->handle(ticket, call, request, now_));
    return ticket;
  }

  void take(Effects effects) {
    for (const auto& gate : effects.gates) {
      open_.erase(gate.producer_id);
      if (gate.is_open) open_[gate.producer_id] = gate.partitions;
    }
    for (auto& append : effects.appends) under_way_.push_back(std::move(append));
    for (auto& ending : effects.endings) endings_.push_back(std::move(ending));
    for (const auto& transactional_id : effects.wanted_ids) {
      take(coordinator_->on_producer_id(transactional_id, next_producer_id_++, now_));
    }
    for (auto& reply : effects.replies) {
      ASSERT_FALSE(replies_.contains(reply.ticket)) << "answered twice";
      replies_.emplace(reply.ticket, std::move(reply));
    }
  }

  // Everything under way becomes durable, the oldest first.
  void flush() {
    while (!under_way_.empty()) {
      Effects::Append append = std::move(under_way_.front());
      under_way_.pop_front();
      log_.emplace_back(std::move(append.record.key), std::move(append.record.value));
      take(coordinator_->on_appended(append.id, {}, now_));
    }
  }
  void fail_appends() {
    while (!under_way_.empty()) {
      const AppendId id = under_way_.front().id;
      under_way_.pop_front();
      take(coordinator_->on_appended(id, fail(Code::Io, "the disk is gone"), now_));
    }
  }
  // The markers of every ending are written, or refused by the disk.
  void write_markers(const Result<void>& outcome = {}, const std::vector<CommitFact>& consumed = {}) {
    while (!endings_.empty()) {
      const auto ending = std::move(endings_.front());
      endings_.pop_front();
      if (outcome) written_.push_back(ending);
      take(coordinator_->on_ended(ending.transactional_id, outcome, consumed, now_));
    }
  }
  void settle() {
    flush();
    write_markers();
    flush();
  }

  void advance(std::chrono::milliseconds by) {
    now_.monotonic += by;
    now_.wall += by;
    if (coordinator_->next_deadline() <= now_.monotonic) take(coordinator_->on_time(now_));
  }

  bool answered(Ticket ticket) const { return replies_.contains(ticket); }
  // How far groups advanced, of what was told with the answer.
  std::vector<std::int64_t> consumed(Ticket ticket) const {
    std::vector<std::int64_t> advanced;
    for (const auto& fact : replies_.at(ticket).committed) advanced.push_back(fact.advanced);
    return advanced;
  }
  template <typename Response>
  const Response& answer(Ticket ticket) const {
    return std::get<Response>(replies_.at(ticket).response);
  }

  static kafka::InitProducerIdRequest init_request(const std::string& transactional_id, Producer present = {}) {
    kafka::InitProducerIdRequest request;
    request.transactional_id = transactional_id;
    request.transaction_timeout_ms = 60'000;
    request.producer_id = present.id;
    request.producer_epoch = present.epoch;
    return request;
  }
  Producer init(const std::string& transactional_id = "t") {
    const auto ticket = send(init_request(transactional_id), 4);
    flush();
    const auto& response = answer<kafka::InitProducerIdResponse>(ticket);
    EXPECT_EQ(response.error_code, 0);
    return {response.producer_id, response.producer_epoch};
  }
  ErrorCode init_error(const kafka::InitProducerIdRequest& request, std::int16_t version = 4) {
    const auto ticket = send(request, version);
    flush();
    return static_cast<ErrorCode>(answer<kafka::InitProducerIdResponse>(ticket).error_code);
  }

  static kafka::AddPartitionsToTxnRequest add_request(const Producer& producer, const std::set<Partition>& partitions,
                                                      const std::string& transactional_id = "t") {
    kafka::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = transactional_id;
    request.v3_and_below_producer_id = producer.id;
    request.v3_and_below_producer_epoch = producer.epoch;
    for (const auto& partition : partitions) {
      auto& topic = request.v3_and_below_topics.emplace_back();
      topic.name = partition.topic.text();
      topic.partitions = {partition.partition};
    }
    return request;
  }
  std::vector<ErrorCode> codes_of(Ticket added) const {
    std::vector<ErrorCode> codes;
    for (const auto& topic : answer<kafka::AddPartitionsToTxnResponse>(added).results_by_topic_v3_and_below) {
      for (const auto& partition : topic.results_by_partition) {
        codes.push_back(static_cast<ErrorCode>(partition.partition_error_code));
      }
    }
    return codes;
  }
  std::vector<ErrorCode> add(const Producer& producer, const std::set<Partition>& partitions,
                             std::int16_t version = 3) {
    const auto ticket = send(add_request(producer, partitions), version);
    flush();
    return codes_of(ticket);
  }

  Ticket begin_end(const Producer& producer, bool commits, std::int16_t version = 3) {
    kafka::EndTxnRequest request;
    request.transactional_id = "t";
    request.producer_id = producer.id;
    request.producer_epoch = producer.epoch;
    request.committed = commits;
    return send(request, version);
  }
  ErrorCode end_code(Ticket ticket) const {
    return static_cast<ErrorCode>(answer<kafka::EndTxnResponse>(ticket).error_code);
  }
  ErrorCode end(const Producer& producer, bool commits, std::int16_t version = 3) {
    const auto ticket = begin_end(producer, commits, version);
    settle();
    return end_code(ticket);
  }

  Ticket begin_enter(const Producer& producer, const std::set<Partition>& partitions) {
    const Ticket ticket = ++last_ticket_;
    take(coordinator_->enter(ticket, {"t", producer, partitions}, now_));
    return ticket;
  }
  ErrorCode enter_code(Ticket ticket) const {
    return static_cast<ErrorCode>(answer<kafka::AddPartitionsToTxnResponse>(ticket).error_code);
  }
  ErrorCode enter(const Producer& producer, const std::set<Partition>& partitions) {
    const auto ticket = begin_enter(producer, partitions);
    flush();
    return enter_code(ticket);
  }
  // Who goes on after an end of version 5.
  Producer renewed(Ticket ended) const {
    const auto& response = answer<kafka::EndTxnResponse>(ended);
    return {response.producer_id, response.producer_epoch};
  }

  std::string state(const std::string& transactional_id = "t") {
    kafka::DescribeTransactionsRequest request;
    request.transactional_ids = {transactional_id};
    const auto ticket = send(request, 0);
    return answer<kafka::DescribeTransactionsResponse>(ticket).transaction_states.at(0).transaction_state;
  }

  inline static const Partition kOrders0{TopicName("orders"), 0};
  inline static const Partition kOrders1{TopicName("orders"), 1};
  inline static const Partition kStock0{TopicName("stock"), 0};

  Settings settings_;
  Now now_{MonotonicTime(std::chrono::seconds(1)), WallTime(std::chrono::milliseconds(1'750'000'000'000))};
  std::unique_ptr<TransactionCoordinator> coordinator_;
  std::vector<std::pair<ByteBuffer, std::optional<ByteBuffer>>> log_;
  std::deque<Effects::Append> under_way_;
  std::deque<Effects::Ending> endings_;
  std::vector<Effects::Ending> written_;  // markers that lie in the partitions
  std::map<Ticket, Effects::Reply> replies_;
  std::map<std::int64_t, std::set<Partition>> open_;  // gates, by producer id
  std::int64_t next_producer_id_ = 1000;
  Ticket last_ticket_ = 0;
};

}  // namespace myelin::engine::transactions
