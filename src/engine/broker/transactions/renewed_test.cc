// Transactions of KIP-890 (transaction.version 2): each has an epoch of its own, and a write takes its partition in.
// Expected answers are Apache Kafka's, as a node of version 4.3.1 gave them.
#include "engine/broker/transactions/coordinator_fixture.h"

namespace myelin::engine::transactions {
namespace {

using namespace std::chrono_literals;
using Codes = std::vector<ErrorCode>;

// KIP-890: with EndTxn 5 each transaction has an epoch of its own.
class RenewedTransactions : public CoordinatorFixture {
 protected:
  static constexpr std::int16_t kVersion = 5;
  Producer end_and_renew(const Producer& producer, bool commits) {
    const auto ticket = begin_end(producer, commits, kVersion);
    settle();
    EXPECT_EQ(end_code(ticket), ErrorCode::None);
    return renewed(ticket);
  }
};

TEST_F(RenewedTransactions, TakeInWhatIsWrittenToWithoutAWord) {
  const auto producer = init();
  EXPECT_EQ(enter(producer, {kOrders0}), ErrorCode::None);
  EXPECT_EQ(state(), "Ongoing");
  EXPECT_EQ(open_[producer.id], std::set{kOrders0});
}

TEST_F(RenewedTransactions, LetPartitionsInOneAfterTheOther) {
  const auto producer = init();
  const auto first = begin_enter(producer, {kOrders0});
  const auto second = begin_enter(producer, {kStock0});
  EXPECT_FALSE(answered(second)) << "it waits for the first instead of being sent away";
  flush();
  EXPECT_EQ(enter_code(first), ErrorCode::None);
  EXPECT_EQ(enter_code(second), ErrorCode::None);
  EXPECT_EQ(open_[producer.id], (std::set{kOrders0, kStock0}));
}

TEST_F(RenewedTransactions, LetInTheNextWhenThoseBeforeCouldNotBeWrittenDown) {
  const auto producer = init();
  const auto first = begin_enter(producer, {kOrders0});
  const auto second = begin_enter(producer, {kStock0});
  take(coordinator_->on_appended(under_way_.front().id, fail(Code::Io, "full"), now_));
  under_way_.pop_front();
  flush();
  EXPECT_EQ(enter_code(first), ErrorCode::CoordinatorNotAvailable);
  EXPECT_EQ(enter_code(second), ErrorCode::None);
  EXPECT_EQ(open_[producer.id], std::set{kStock0});
}

TEST_F(RenewedTransactions, RefuseWhoHasNoSayInThem) {
  const auto producer = init();
  EXPECT_EQ(enter({producer.id + 1, 0}, {kOrders0}), ErrorCode::InvalidProducerIdMapping);
  EXPECT_EQ(enter({producer.id, 1}, {kOrders0}), ErrorCode::ProducerFenced);
  enter(producer, {kOrders0});
  begin_end(producer, true, kVersion);
  EXPECT_EQ(enter(producer, {kStock0}), ErrorCode::ConcurrentTransactions);
}

TEST_F(RenewedTransactions, GiveTheNextEpochWithTheirEnd) {
  const auto first = init();
  enter(first, {kOrders0});
  const auto second = end_and_renew(first, true);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.epoch, first.epoch + 1);
  EXPECT_EQ(written_.at(0).producer_epoch, second.epoch) << "the marker fences what arrives late";
  EXPECT_EQ(enter(first, {kOrders0}), ErrorCode::ProducerFenced);
  EXPECT_EQ(enter(second, {kOrders0}), ErrorCode::None);
  EXPECT_EQ(end_and_renew(second, false).epoch, first.epoch + 2);
  EXPECT_EQ(state(), "CompleteAbort");
}

TEST_F(RenewedTransactions, AnswerWhoAsksAgainWithTheSameEpoch) {
  const auto first = init();
  enter(first, {kOrders0});
  const auto second = end_and_renew(first, true);
  EXPECT_EQ(end_and_renew(first, true).epoch, second.epoch) << "the first answer may have been lost";
  EXPECT_EQ(end(first, false, kVersion), ErrorCode::InvalidTxnState);
  EXPECT_EQ(written_.size(), 1U);
}

TEST_F(RenewedTransactions, TellWhoAsksAgainWhatTheyConsumed) {
  const auto producer = init();
  enter(producer, {kOrders0});
  begin_end(producer, true, kVersion);
  flush();
  crash_and_restart();
  write_markers({}, kFiveOfSales);
  flush();
  EXPECT_EQ(consumed(begin_end(producer, true, kVersion)), std::vector{std::int64_t{5}});
}

TEST_F(RenewedTransactions, AnswerWhoAsksAgainAfterACrash) {
  const auto first = init();
  enter(first, {kOrders0});
  const auto second = end_and_renew(first, true);
  crash_and_restart();
  EXPECT_EQ(end_and_renew(first, true).epoch, second.epoch);
}

TEST_F(RenewedTransactions, TellWhoAsksTooEarlyToComeBack) {
  const auto producer = init();
  enter(producer, {kOrders0});
  begin_end(producer, true, kVersion);
  EXPECT_EQ(end_code(begin_end(producer, true, kVersion)), ErrorCode::ConcurrentTransactions);
  flush();
  EXPECT_EQ(end_code(begin_end(producer, true, kVersion)), ErrorCode::ConcurrentTransactions);
  EXPECT_EQ(end_code(begin_end(producer, false, kVersion)), ErrorCode::InvalidTxnState);
}

TEST_F(RenewedTransactions, AreNotEndedByALateEndOfTheOneBefore) {
  const auto first = init();
  enter(first, {kOrders0});
  const auto second = end_and_renew(first, true);
  enter(second, {kOrders0});
  EXPECT_EQ(end(first, false, kVersion), ErrorCode::ProducerFenced);
  EXPECT_EQ(end(first, true, kVersion), ErrorCode::ProducerFenced);
  EXPECT_EQ(state(), "Ongoing");
}

TEST_F(RenewedTransactions, AbortNothingAndGoOn) {
  const auto first = init();
  const auto second = end_and_renew(first, false);
  EXPECT_EQ(second.epoch, first.epoch + 1);
  EXPECT_EQ(end_and_renew(second, false).epoch, first.epoch + 2);
  EXPECT_EQ(end({first.id, static_cast<std::int16_t>(first.epoch + 2)}, true, kVersion), ErrorCode::InvalidTxnState)
      << "there is nothing to commit";
}

TEST_F(RenewedTransactions, StayAsTheyAreWhenAnAbortOfNothingCouldNotBeWrittenDown) {
  const auto producer = init();
  const auto ticket = begin_end(producer, false, kVersion);
  fail_appends();
  EXPECT_EQ(end_code(ticket), ErrorCode::CoordinatorNotAvailable);
  advance(10s);
  EXPECT_EQ(state(), "Empty");
  EXPECT_TRUE(open_.empty());
}

TEST_F(RenewedTransactions, AbortedInTimeCountAsAborted) {
  const auto first = init();
  enter(first, {kOrders0});
  advance(60s);
  settle();
  EXPECT_EQ(end(first, true, kVersion), ErrorCode::InvalidTxnState);
  EXPECT_EQ(end_and_renew(first, false).epoch, first.epoch + 1);
}

TEST_F(RenewedTransactions, GiveANewProducerWhenTheEpochsAreUsedUp) {
  auto producer = init();
  for (int epoch = 0; epoch < INT16_MAX - 1; ++epoch) producer = end_and_renew(producer, false);
  EXPECT_EQ(producer.id, 1000);
  EXPECT_EQ(producer.epoch, INT16_MAX - 1);
  enter(producer, {kOrders0});
  const auto next = end_and_renew(producer, true);
  EXPECT_EQ(next.id, 1001);
  EXPECT_EQ(next.epoch, 0);
  EXPECT_EQ(written_.back().producer_id, 1000);
  EXPECT_EQ(written_.back().producer_epoch, INT16_MAX);
  EXPECT_EQ(renewed(begin_end(producer, true, kVersion)).id, 1001) << "who asks again";
  crash_and_restart();
  EXPECT_EQ(renewed(begin_end(producer, true, kVersion)).id, 1001) << "who asks again after a crash";
  EXPECT_EQ(enter(next, {kOrders0}), ErrorCode::None);
}

}  // namespace
}  // namespace myelin::engine::transactions
