// The rules of transactions as clients see them: who may act, what ends how, what a crash leaves. Expected answers are
// Apache Kafka's (KIP-98, KIP-360, and what a node of version 4.3.1 answered).
#include "engine/broker/transactions/coordinator_fixture.h"

namespace myelin::engine::transactions {
namespace {

using namespace std::chrono_literals;
using Codes = std::vector<ErrorCode>;

class Transactions : public CoordinatorFixture {};

TEST_F(Transactions, BeginWithAProducerIdAndEpochZero) {
  const auto producer = init();
  EXPECT_EQ(producer.id, 1000);
  EXPECT_EQ(producer.epoch, 0);
  EXPECT_EQ(state(), "Empty");
}

TEST_F(Transactions, AreNotAnsweredBeforeTheyAreDurable) {
  const auto ticket = send(init_request("t"), 4);
  EXPECT_FALSE(answered(ticket));
  flush();
  EXPECT_TRUE(answered(ticket));
}

TEST_F(Transactions, RefuseABeginningThatMakesNoSense) {
  EXPECT_EQ(init_error(init_request("")), ErrorCode::InvalidRequest);
  auto request = init_request("t");
  request.transaction_timeout_ms = 0;
  EXPECT_EQ(init_error(request), ErrorCode::InvalidTransactionTimeout);
  request.transaction_timeout_ms = 900'001;
  EXPECT_EQ(init_error(request), ErrorCode::InvalidTransactionTimeout);
  EXPECT_EQ(init_error(init_request("t", {7, -1})), ErrorCode::InvalidRequest);
}

TEST_F(Transactions, CommitWhatTheyTouched) {
  const auto producer = init();
  EXPECT_EQ(add(producer, {kOrders0, kStock0}), (Codes{ErrorCode::None, ErrorCode::None}));
  EXPECT_EQ(state(), "Ongoing");
  EXPECT_EQ(open_[producer.id], (std::set{kOrders0, kStock0}));
  EXPECT_EQ(end(producer, true), ErrorCode::None);
  ASSERT_EQ(written_.size(), 1U);
  EXPECT_TRUE(written_[0].commits);
  EXPECT_EQ(written_[0].producer_epoch, producer.epoch);
  EXPECT_EQ(written_[0].partitions, (std::set{kOrders0, kStock0}));
  EXPECT_EQ(state(), "CompleteCommit");
}

TEST_F(Transactions, AbortWhatTheyTouched) {
  const auto producer = init();
  add(producer, {kOrders0});
  EXPECT_EQ(end(producer, false), ErrorCode::None);
  EXPECT_FALSE(written_.at(0).commits);
  EXPECT_EQ(state(), "CompleteAbort");
}

TEST_F(Transactions, LetNobodyWriteOnceTheirEndIsDecided) {
  const auto producer = init();
  add(producer, {kOrders0});
  begin_end(producer, true);
  EXPECT_FALSE(open_.contains(producer.id)) << "a batch that comes late would hang behind the marker";
}

TEST_F(Transactions, AnswerTheirEndWhenEveryMarkerIsWritten) {
  const auto producer = init();
  add(producer, {kOrders0});
  const auto ticket = begin_end(producer, true);
  flush();
  EXPECT_EQ(state(), "PrepareCommit");
  EXPECT_FALSE(answered(ticket));
  write_markers();
  EXPECT_EQ(end_code(ticket), ErrorCode::None);
}

TEST_F(Transactions, EndAgainAsTheyDid) {
  const auto producer = init();
  add(producer, {kOrders0});
  ASSERT_EQ(end(producer, true), ErrorCode::None);
  EXPECT_EQ(end(producer, true), ErrorCode::None) << "the first answer may have been lost";
  EXPECT_EQ(end(producer, false), ErrorCode::InvalidTxnState);
  EXPECT_EQ(written_.size(), 1U);
}

TEST_F(Transactions, TellWhoAsksTooEarlyToComeBack) {
  const auto producer = init();
  add(producer, {kOrders0});
  begin_end(producer, true);
  flush();
  EXPECT_EQ(end_code(begin_end(producer, true)), ErrorCode::ConcurrentTransactions);
  EXPECT_EQ(end_code(begin_end(producer, false)), ErrorCode::InvalidTxnState);
  EXPECT_EQ(add(producer, {kStock0}), Codes{ErrorCode::ConcurrentTransactions});
  EXPECT_EQ(init_error(init_request("t")), ErrorCode::ConcurrentTransactions);
}

TEST_F(Transactions, CantEndBeforeTheyBegan) {
  const auto producer = init();
  EXPECT_EQ(end(producer, true), ErrorCode::InvalidTxnState);
}

TEST_F(Transactions, BelongToTheProducerThatHasTheIdNow) {
  const auto producer = init();
  EXPECT_EQ(add({producer.id + 1, 0}, {kOrders0}), Codes{ErrorCode::InvalidProducerIdMapping});
  EXPECT_EQ(add({producer.id, 1}, {kOrders0}), Codes{ErrorCode::ProducerFenced});
  EXPECT_EQ(add({producer.id, 1}, {kOrders0}, 1), Codes{ErrorCode::InvalidProducerEpoch});
  EXPECT_EQ(end({producer.id, 1}, true), ErrorCode::ProducerFenced);
  EXPECT_EQ(end({producer.id, 1}, true, 1), ErrorCode::InvalidProducerEpoch);
  EXPECT_EQ(end({producer.id + 1, 0}, true), ErrorCode::InvalidProducerIdMapping);
}

TEST_F(Transactions, TakeAllPartitionsOrNone) {
  const auto producer = init();
  const auto codes = add(producer, {{TopicName("missing"), 0}, kOrders0, {TopicName("stock"), 4}});
  EXPECT_EQ(codes, (Codes{ErrorCode::UnknownTopicOrPartition, ErrorCode::OperationNotAttempted,
                          ErrorCode::UnknownTopicOrPartition}));
  EXPECT_EQ(state(), "Empty");
}

TEST_F(Transactions, TakeTheOffsetsOfGroups) {
  const auto producer = init();
  kafka::AddOffsetsToTxnRequest request;
  request.transactional_id = "t";
  request.producer_id = producer.id;
  request.producer_epoch = producer.epoch;
  request.group_id = "g";
  const auto ticket = send(request);
  flush();
  EXPECT_EQ(answer<kafka::AddOffsetsToTxnResponse>(ticket).error_code, 0);
  EXPECT_EQ(open_[producer.id], (std::set<Partition>{{TopicName("__consumer_offsets"), 0}}));
}

TEST_F(Transactions, FenceTheProducerBefore) {
  const auto first = init();
  const auto second = init();
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.epoch, first.epoch + 1);
  EXPECT_EQ(add(first, {kOrders0}), Codes{ErrorCode::ProducerFenced});
  EXPECT_EQ(add(second, {kOrders0}), Codes{ErrorCode::None});
}

TEST_F(Transactions, AbortWhatTheProducerBeforeLeftOpen) {
  const auto first = init();
  add(first, {kOrders0});
  EXPECT_EQ(init_error(init_request("t")), ErrorCode::ConcurrentTransactions);
  settle();
  ASSERT_EQ(written_.size(), 1U);
  EXPECT_FALSE(written_[0].commits);
  EXPECT_EQ(written_[0].producer_epoch, first.epoch + 1) << "so that the log fences the first producer, too";
  EXPECT_EQ(init().epoch, first.epoch + 2);
  EXPECT_EQ(end(first, true), ErrorCode::ProducerFenced);
}

TEST_F(Transactions, GiveAProducerThatSaysWhoItIsItsNextEpochOnce) {
  const auto first = init();
  const auto ticket = send(init_request("t", {first.id, first.epoch}), 4);
  flush();
  EXPECT_EQ(answer<kafka::InitProducerIdResponse>(ticket).producer_epoch, first.epoch + 1);
  const auto again = send(init_request("t", {first.id, first.epoch}), 4);
  flush();
  EXPECT_EQ(answer<kafka::InitProducerIdResponse>(again).producer_epoch, first.epoch + 1);
  EXPECT_EQ(init_error(init_request("t", {first.id + 5, 0})), ErrorCode::ProducerFenced);
  EXPECT_EQ(init_error(init_request("t", {first.id + 5, 0}), 3), ErrorCode::InvalidProducerEpoch);
}

TEST_F(Transactions, GetANewProducerWhenItsEpochsAreUsedUp) {
  const auto first = init();
  auto last = first;
  for (int epoch = 1; epoch <= INT16_MAX - 1; ++epoch) last = init();
  EXPECT_EQ(last.id, first.id);
  EXPECT_EQ(last.epoch, INT16_MAX - 1);
  const auto next = init();
  EXPECT_EQ(next.id, first.id + 1);
  EXPECT_EQ(next.epoch, 0);
}

TEST_F(Transactions, AreAbortedWhenTheirTimeIsUp) {
  const auto producer = init();
  add(producer, {kOrders0});
  advance(59'999ms);
  EXPECT_EQ(state(), "Ongoing");
  advance(1ms);
  settle();
  EXPECT_EQ(state(), "CompleteAbort");
  EXPECT_FALSE(written_.at(0).commits);
  EXPECT_EQ(end(producer, true), ErrorCode::ProducerFenced);
}

TEST_F(Transactions, CountTheirTimeFromTheirFirstPartition) {
  const auto producer = init();
  advance(50s);
  add(producer, {kOrders0});
  advance(50s);
  add(producer, {kStock0});
  EXPECT_EQ(state(), "Ongoing");
  advance(10s);
  settle();
  EXPECT_EQ(state(), "CompleteAbort");
}

TEST_F(Transactions, StayDecidedWhenTheDiskRefusesMarkers) {
  const auto producer = init();
  add(producer, {kOrders0});
  const auto ticket = begin_end(producer, true);
  flush();
  write_markers(fail(Code::Io, "full"));
  EXPECT_EQ(end_code(ticket), ErrorCode::ConcurrentTransactions);
  EXPECT_EQ(state(), "PrepareCommit");
  advance(1s);
  settle();
  EXPECT_EQ(state(), "CompleteCommit");
  EXPECT_EQ(end(producer, true), ErrorCode::None);
}

TEST_F(Transactions, TellWhoAsksAgainWhatTheyConsumed) {
  const auto producer = init();
  add(producer, {kOrders0});
  const auto first = begin_end(producer, true);
  flush();
  write_markers(fail(Code::Io, "full"));
  EXPECT_TRUE(consumed(first).empty());
  advance(1s);
  write_markers({}, kFiveOfSales);
  flush();
  const auto second = begin_end(producer, true);
  EXPECT_EQ(consumed(second), std::vector{std::int64_t{5}});
  EXPECT_TRUE(consumed(begin_end(producer, true)).empty()) << "told twice";
}

TEST_F(Transactions, TellWhoTakesTheIdOverWhatTheyConsumed) {
  const auto producer = init();
  add(producer, {kOrders0});
  begin_end(producer, true);
  flush();
  crash_and_restart();
  write_markers({}, kFiveOfSales);
  flush();
  const auto next = send(init_request("t"), 4);
  flush();
  EXPECT_EQ(consumed(next), std::vector{std::int64_t{5}});
}

TEST_F(Transactions, GoOnWhenTheirEndCouldNotBeWrittenDown) {
  const auto producer = init();
  add(producer, {kOrders0});
  const auto ticket = begin_end(producer, true);
  fail_appends();
  EXPECT_EQ(end_code(ticket), ErrorCode::CoordinatorNotAvailable);
  EXPECT_TRUE(open_.contains(producer.id));
  EXPECT_EQ(end(producer, true), ErrorCode::None);
}

TEST_F(Transactions, OutliveACrashWhileOngoing) {
  const auto producer = init();
  add(producer, {kOrders0});
  crash_and_restart();
  EXPECT_EQ(state(), "Ongoing");
  EXPECT_EQ(open_[producer.id], std::set{kOrders0});
  EXPECT_EQ(end(producer, true), ErrorCode::None);
}

TEST_F(Transactions, AreForgottenWithACrashBeforeTheyWereDurable) {
  send(init_request("t"), 4);
  crash_and_restart();
  EXPECT_EQ(state(), "");
}

TEST_F(Transactions, EndAsDecidedAfterACrash) {
  const auto producer = init();
  add(producer, {kOrders0, kOrders1});
  begin_end(producer, true);
  flush();
  crash_and_restart();
  ASSERT_EQ(endings_.size(), 1U);
  EXPECT_TRUE(endings_[0].commits);
  settle();
  EXPECT_EQ(end(producer, true), ErrorCode::None);
}

TEST_F(Transactions, AreAbortedInTimeAcrossACrash) {
  const auto producer = init();
  add(producer, {kOrders0});
  now_.wall += 59s;  // the process was away, its monotonic clock began anew
  crash_and_restart();
  EXPECT_EQ(state(), "Ongoing");
  advance(1s);
  settle();
  EXPECT_EQ(state(), "CompleteAbort");
}

TEST_F(Transactions, AreForgottenAfterAWeekOfRest) {
  init();
  advance(24h * 7 + 1h);
  flush();
  EXPECT_EQ(state(), "");
  crash_and_restart();
  EXPECT_EQ(state(), "");
}

TEST_F(Transactions, AreListedByStateProducerAndDuration) {
  const auto producer = init("t");
  init("u");
  add(producer, {kOrders0});
  advance(10s);
  kafka::ListTransactionsRequest request;
  request.state_filters = {"Ongoing", "Sleeping"};
  const auto by_state = answer<kafka::ListTransactionsResponse>(send(request, 1));
  EXPECT_EQ(by_state.unknown_state_filters, std::vector<std::string>{"Sleeping"});
  ASSERT_EQ(by_state.transaction_states.size(), 1U);
  EXPECT_EQ(by_state.transaction_states[0].transactional_id, "t");
  request = {};
  request.producer_id_filters = {producer.id + 1};
  EXPECT_EQ(answer<kafka::ListTransactionsResponse>(send(request, 1)).transaction_states.at(0).transactional_id, "u");
  request = {};
  request.duration_filter = 10'000;
  EXPECT_TRUE(answer<kafka::ListTransactionsResponse>(send(request, 1)).transaction_states.empty());
  request.duration_filter = 9'999;
  EXPECT_EQ(answer<kafka::ListTransactionsResponse>(send(request, 1)).transaction_states.size(), 1U);
}

TEST_F(Transactions, AreDescribedWithWhatTheyTouch) {
  const auto producer = init();
  add(producer, {kOrders0, kOrders1, kStock0});
  kafka::DescribeTransactionsRequest request;
  request.transactional_ids = {"t", "nobody"};
  const auto described = answer<kafka::DescribeTransactionsResponse>(send(request, 0));
  const auto& known = described.transaction_states.at(0);
  EXPECT_EQ(known.producer_id, producer.id);
  EXPECT_EQ(known.transaction_timeout_ms, 60'000);
  EXPECT_EQ(known.transaction_start_time_ms, 1'750'000'000'000);
  ASSERT_EQ(known.topics.size(), 2U);
  EXPECT_EQ(known.topics[0].topic, "orders");
  EXPECT_EQ(known.topics[0].partitions, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(described.transaction_states.at(1).error_code, kafka::code_of(ErrorCode::TransactionalIdNotFound));
}

}  // namespace
}  // namespace myelin::engine::transactions
