#include "lineage/edge_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::lineage {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const TopicName kOrders{"shop.orders"};
const TopicName kPrices{"pricing.prices"};

Attribution client(const char* principal, const char* client_id = "c1", const char* version = "2.0.2") {
  return {PrincipalName(principal), client_id, "librdkafka", version};
}
WallTime second(int value) { return WallTime(std::chrono::seconds(value)); }

Appended append(const TopicName& topic, std::int64_t base, std::int64_t records, int at = 1) {
  return {.topic = topic,
          .partition = 0,
          .base_offset = base,
          .records = records,
          .bytes = records * 100,
          .time = second(at)};
}
Served serve(const TopicName& topic, std::int64_t first, std::int64_t next, int at = 2) {
  return {.topic = topic,
          .partition = 0,
          .first_offset = first,
          .next_offset = next,
          .bytes = (next - first) * 100,
          .time = second(at)};
}

TEST(EdgeLedger, CountsWhatAPrincipalWroteToATopic) {
  EdgeLedger ledger;
  ledger.appended(client("till"), append(kOrders, 0, 10, 5));
  ledger.appended(client("till", "c2", "2.6.0"), append(kOrders, 10, 5, 9));
  EXPECT_THAT(ledger.writes(), ElementsAre(WriteEdge{PrincipalName("till"), kOrders, 15, 1500, second(5), second(9),
                                                     "librdkafka", "2.6.0"}));
}

TEST(EdgeLedger, KeepsReadsApartByClientId) {
  EdgeLedger ledger;
  ledger.served(client("fraud", "a"), serve(kOrders, 0, 10));
  ledger.served(client("fraud", "b"), serve(kOrders, 0, 4));
  const auto reads = ledger.reads();
  ASSERT_THAT(reads, SizeIs(2));
  EXPECT_EQ(reads[0].client_id, "a");
  EXPECT_EQ(reads[0].offsets, 10);
  EXPECT_EQ(reads[1].client_id, "b");
  EXPECT_EQ(reads[1].bytes, 400);
  EXPECT_THAT(reads[0].groups, IsEmpty());
}

TEST(EdgeLedger, GivesAReadTheGroupsThatItsPrincipalCommitted) {
  EdgeLedger ledger;
  const GroupName picking{"picking"};
  const GroupName audit{"audit"};
  ledger.served(client("picker"), serve(kOrders, 0, 10));
  ledger.served(client("other"), serve(kOrders, 0, 10));
  ledger.committed(client("picker"), {.group = picking, .topic = kOrders, .time = second(3)});
  ledger.committed(client("picker"), {.group = audit, .topic = kOrders, .time = second(4)});
  ledger.committed(client("picker"), {.group = picking, .topic = kPrices, .time = second(5)});
  EXPECT_THAT(ledger.reads(),
              ElementsAre(Field(&ReadEdge::groups, IsEmpty()), Field(&ReadEdge::groups, ElementsAre(audit, picking))));
  EXPECT_THAT(ledger.commits(), SizeIs(3));
}

TEST(EdgeLedger, ACommitAloneIsNoRead) {
  EdgeLedger ledger;
  const GroupName group{"g"};
  ledger.committed(client("tool"), {.group = group, .topic = kOrders, .time = second(3)});
  EXPECT_THAT(ledger.reads(), IsEmpty());
}

TEST(EdgeLedger, JoinsAProducerWithTheConsumerThatWasServedItsOffsets) {
  EdgeLedger ledger;
  ledger.appended(client("till"), append(kOrders, 0, 10));
  ledger.appended(client("web"), append(kOrders, 10, 10));
  ledger.served(client("fraud"), serve(kOrders, 12, 14, 7));
  EXPECT_THAT(ledger.triples(),
              ElementsAre(Triple{PrincipalName("web"), kOrders, PrincipalName("fraud"), second(7), second(7), true}));
}

TEST(EdgeLedger, DoesNotJoinAcrossPartitionsOrTopics) {
  EdgeLedger ledger;
  ledger.appended(client("till"), append(kOrders, 0, 10));
  ledger.served(client("fraud"), serve(kPrices, 0, 10));
  auto elsewhere = serve(kOrders, 0, 10);
  elsewhere.partition = 1;
  ledger.served(client("fraud"), elsewhere);
  EXPECT_THAT(ledger.triples(), IsEmpty());
}

TEST(EdgeLedger, JoinsAReadThatOvertookTheNewsOfItsAppend) {
  EdgeLedger ledger;
  ledger.served(client("fraud"), serve(kOrders, 0, 20, 4));
  EXPECT_THAT(ledger.triples(), IsEmpty());
  ledger.appended(client("web"), append(kOrders, 10, 10));
  ledger.appended(client("till"), append(kOrders, 0, 10));
  EXPECT_THAT(ledger.triples(), ElementsAre(Field(&Triple::producer, PrincipalName("till")),
                                            Field(&Triple::producer, PrincipalName("web"))));
}

TEST(EdgeLedger, GivesUpTheOldestWaitingReadAtItsBoundAndCountsIt) {
  EdgeLedger ledger;
  for (std::int64_t read = 0; read <= static_cast<std::int64_t>(EdgeLedger::kWaitingPerPartition); ++read) {
    ledger.served(client("fraud"), serve(kOrders, read, read + 1));
  }
  EXPECT_EQ(ledger.reads_given_up(), 1U);
  ledger.appended(client("web"), append(kOrders, 0, 1));
  EXPECT_THAT(ledger.triples(), IsEmpty());
}

TEST(EdgeLedger, CountsClientIdsBeyondTheBoundTogether) {
  EdgeLedger ledger;
  for (std::size_t index = 0; index < EdgeLedger::kClientIdsPerReader + 3; ++index) {
    ledger.served(client("fraud", std::to_string(1000 + index).c_str()), serve(kOrders, 0, 1));
  }
  const auto reads = ledger.reads();
  ASSERT_THAT(reads, SizeIs(EdgeLedger::kClientIdsPerReader + 1));
  EXPECT_EQ(reads.front().client_id, EdgeLedger::kOtherClientIds);
  EXPECT_EQ(reads.front().offsets, 3);
}

TEST(EdgeLedger, IsTheSameAfterARestart) {
  EdgeLedger before;
  const GroupName group{"fraud"};
  before.appended(client("till"), append(kOrders, 0, 10));
  before.served(client("fraud"), serve(kOrders, 0, 10));
  before.committed(client("fraud"), {.group = group, .topic = kOrders, .time = second(3)});

  EdgeLedger after;
  after.appended(client("till"), append(kOrders, 0, 10));
  for (const auto& edge : before.reads()) after.restore(edge);
  for (const auto& edge : before.commits()) after.restore(edge);
  for (const auto& triple : before.triples()) after.restore(triple);
  EXPECT_EQ(after.writes(), before.writes());
  EXPECT_EQ(after.reads(), before.reads());
  EXPECT_EQ(after.triples(), before.triples());
}

TEST(EdgeLedger, TellsThatSomethingChanged) {
  EdgeLedger ledger;
  const auto before = ledger.version();
  ledger.appended(client("till"), append(kOrders, 0, 10));
  EXPECT_GT(ledger.version(), before);
}

TEST(RecentBytes, DivideTheLastFiveWholeSeconds) {
  RecentBytes recent;
  const WallTime start = second(100);
  recent.add(start, 400);
  recent.add(start + std::chrono::milliseconds(900), 100);
  EXPECT_DOUBLE_EQ(recent.per_second(start), 0.0) << "the running second is not over";
  EXPECT_DOUBLE_EQ(recent.per_second(second(101)), 100.0);
  recent.add(second(104), 50);
  EXPECT_DOUBLE_EQ(recent.per_second(second(105)), 110.0);
  EXPECT_DOUBLE_EQ(recent.per_second(second(106)), 10.0);
  EXPECT_DOUBLE_EQ(recent.per_second(second(110)), 0.0);
}

TEST(RecentBytes, CountsWhatIsToldLateInItsOwnSecondOrNotAtAll) {
  RecentBytes recent;
  recent.add(second(110), 10);
  recent.add(second(108), 40);
  recent.add(second(90), 1000);
  EXPECT_DOUBLE_EQ(recent.per_second(second(111)), 10.0);
}

}  // namespace
}  // namespace myelin::lineage
