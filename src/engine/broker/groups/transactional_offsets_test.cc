// Offsets that are committed inside transactions: durable at once, the group's when the transaction has committed, and
// the same after a crash at any step.
#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

constexpr std::int64_t kProducer = 7;
constexpr std::int64_t kOther = 8;

class InTransactions : public CoordinatorFixture {
 protected:
  ErrorCode outcome(Ticket ticket) const {
    return ErrorCode{answer<kafka::TxnOffsetCommitResponse>(ticket).topics.at(0).partitions.at(0).error_code};
  }
  // What is answered to who asks for stable offsets only.
  std::pair<ErrorCode, std::int64_t> stable() {
    kafka::OffsetFetchRequest request;
    request.require_stable = true;
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = "g";
    auto& topic = wanted.topics.emplace().emplace_back();
    topic.name = "sales";
    topic.partition_indexes = {0};
    const Ticket ticket = send(std::move(request), 8);
    const auto& found = answer<kafka::OffsetFetchResponse>(ticket).groups.at(0).topics.at(0).partitions.at(0);
    return {ErrorCode{found.error_code}, found.committed_offset};
  }
};

TEST_F(InTransactions, AnOffsetIsAnsweredWhenDurableAndCountsWhenItsTransactionCommits) {
  const Ticket ticket = commit_in_transaction(kProducer, 5);
  EXPECT_FALSE(answered(ticket));
  flush();
  EXPECT_EQ(outcome(ticket), ErrorCode::None);
  EXPECT_EQ(fetched(), -1);
  EXPECT_EQ(stable(), (std::pair{ErrorCode::UnstableOffsetCommit, std::int64_t{-1}}));
  end_transaction(kProducer, true);
  EXPECT_EQ(fetched(), 5);
  EXPECT_EQ(stable(), (std::pair{ErrorCode::None, std::int64_t{5}}));
}

TEST_F(InTransactions, AnAbortForgetsTheOffset) {
  commit({.offset = 3});
  commit_in_transaction(kProducer, 5);
  flush();
  EXPECT_EQ(fetched(), 3);
  end_transaction(kProducer, false);
  EXPECT_EQ(fetched(), 3);
  EXPECT_EQ(stable(), (std::pair{ErrorCode::None, std::int64_t{3}}));
}

TEST_F(InTransactions, EachTransactionHasItsOwnOffsets) {
  commit_in_transaction(kProducer, 5, "g", 0);
  commit_in_transaction(kOther, 6, "g", 1);
  flush();
  end_transaction(kOther, true);
  EXPECT_EQ(fetched("sales", 0), -1);
  EXPECT_EQ(fetched("sales", 1), 6);
}

TEST_F(InTransactions, WhatIsHeldBackOutlivesACrash) {
  commit_in_transaction(kProducer, 5);
  flush();
  crash_and_restart();
  EXPECT_EQ(stable(), (std::pair{ErrorCode::UnstableOffsetCommit, std::int64_t{-1}}));
  end_transaction(kProducer, true);
  EXPECT_EQ(fetched(), 5);
  crash_and_restart();
  EXPECT_EQ(fetched(), 5);
}

TEST_F(InTransactions, WhatWasAbortedStaysSoAfterACrash) {
  commit_in_transaction(kProducer, 5);
  flush();
  end_transaction(kProducer, false);
  crash_and_restart();
  EXPECT_EQ(fetched(), -1);
  EXPECT_EQ(stable(), (std::pair{ErrorCode::None, std::int64_t{-1}}));
}

TEST_F(InTransactions, AGroupThatWaitsForATransactionExists) {
  commit_in_transaction(kProducer, 5);
  flush();
  EXPECT_EQ(state_of(), "Empty");
  end_transaction(kProducer, false);
}

TEST_F(InTransactions, ADeletedTopicTakesWhatIsHeldBackWithIt) {
  commit_in_transaction(kProducer, 5);
  flush();
  take(coordinator_->on_topic_deleted(TopicName("sales")));
  flush();
  end_transaction(kProducer, true);
  EXPECT_EQ(fetched(), -1);
  crash_and_restart();
  EXPECT_EQ(fetched(), -1);
}

TEST_F(InTransactions, AMemberOfAnotherGenerationIsRefused) {
  const std::string id = stable_alone();
  kafka::TxnOffsetCommitRequest request;
  request.group_id = "g";
  request.producer_id = kProducer;
  request.producer_epoch = 0;
  request.member_id = id;
  request.generation_id = 9;
  auto& topic = request.topics.emplace_back();
  topic.name = "sales";
  topic.partitions.emplace_back().committed_offset = 1;
  EXPECT_EQ(outcome(send(request, 3)), ErrorCode::IllegalGeneration);
  request.member_id = "nobody";
  EXPECT_EQ(outcome(send(request, 3)), ErrorCode::UnknownMemberId);
  request.member_id = id;
  request.generation_id = 1;
  const Ticket ticket = send(request, 3);
  flush();
  EXPECT_EQ(outcome(ticket), ErrorCode::None);
}

TEST_F(InTransactions, WhatACommitConsumedIsToldWithItsEndAndOnlyOnce) {
  commit({.offset = 3});
  flush();
  commit_in_transaction(kProducer, 10);
  flush();
  const Ticket ended = end_transaction(kProducer, true);
  EXPECT_FALSE(answered(ended)) << "its sum is not durable yet";
  flush();
  ASSERT_EQ(facts(ended).size(), 1U);
  EXPECT_EQ(facts(ended)[0].previous, 3);
  EXPECT_EQ(facts(ended)[0].committed, 10);
  EXPECT_EQ(facts(ended)[0].advanced, 7);
  commit_in_transaction(kProducer, 10);
  flush();
  const Ticket again = end_transaction(kProducer, true);
  flush();
  EXPECT_EQ(facts(again).at(0).advanced, 0);
}

TEST_F(InTransactions, WhoConsumedAndFromWhereOutlivesACrash) {
  commit_in_transaction(kProducer, 10, "g", 0, {PrincipalName("alice"), 4});
  flush();
  crash_and_restart();
  const Ticket ended = end_transaction(kProducer, true);
  ASSERT_EQ(under_way_.size(), 1U);
  const auto sum = under_way_.front().records.at(0);
  const auto key = std::get<ConsumedKey>(*read_key(sum.key));
  EXPECT_EQ(key.principal.text(), "alice");
  EXPECT_EQ(read_consumed(*sum.value)->advanced, 6);
  flush();
  EXPECT_EQ(facts(ended).at(0).advanced, 6);
}

TEST_F(InTransactions, AnAbortConsumesNothing) {
  commit_in_transaction(kProducer, 10);
  flush();
  EXPECT_TRUE(facts(end_transaction(kProducer, false)).empty());
}

}  // namespace
}  // namespace myelin::engine::groups
