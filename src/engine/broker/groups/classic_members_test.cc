#include "engine/broker/groups/classic_members.h"

#include <string>

#include "base/hex_testing.h"
#include "engine/broker/groups/consumer_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::HeartbeatResponse;
using kafka::JoinGroupResponse;
using kafka::SyncGroupResponse;
using std::chrono::seconds;

std::string text_of(std::string_view hex) { return std::string(as_text(ByteSpan(from_hex(hex)))); }

// As the consumers write it: version 1, topics, no user data, owned partitions.
const std::string kWantsSales = text_of("0001 00000001 0005 73616c6573 ffffffff 00000000");
const std::string kHoldsAllOfSales = text_of(
    "0001 00000001 0005 73616c6573 ffffffff 00000001 0005 73616c6573 00000004 00000000 00000001 00000002 00000003");
const std::string kHoldsHalfOfSales =
    text_of("0001 00000001 0005 73616c6573 ffffffff 00000001 0005 73616c6573 00000002 00000000 00000001");
const std::string kAllOfSales =
    text_of("0001 00000001 0005 73616c6573 00000004 00000000 00000001 00000002 00000003 ffffffff");
const std::string kHalfOfSales = text_of("0001 00000001 0005 73616c6573 00000002 00000000 00000001 ffffffff");

TEST(EmbeddedProtocol, ReadsWhatAMemberWantsAndHolds) {
  const auto read = read_subscription(as_bytes(kHoldsHalfOfSales));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->version, 1);
  EXPECT_EQ(read->topics, std::set<std::string>{"sales"});
  EXPECT_EQ(read->owned, (NamedPartitions{{"sales", {0, 1}}}));
  const auto with_rack = read_subscription(from_hex("0003 00000000 00000001 09 00000000 00000007 0002 6131"));
  ASSERT_TRUE(with_rack);
  EXPECT_EQ(with_rack->rack_id, "a1");
}

TEST(EmbeddedProtocol, TellsWhatIsNone) {
  for (std::size_t size = 0; size < kHoldsHalfOfSales.size(); ++size)
    EXPECT_FALSE(read_subscription(as_bytes(kHoldsHalfOfSales).first(size))) << size;
  EXPECT_FALSE(read_assignment(as_bytes("topics")));
}

TEST(EmbeddedProtocol, WritesAnAssignment) {
  EXPECT_EQ(as_text(write_assignment(1, {{"sales", {0, 1}}}).view()), kHalfOfSales);
  EXPECT_EQ(read_assignment(as_bytes(kHalfOfSales)), (NamedPartitions{{"sales", {0, 1}}}));
}

class ClassicMembersTest : public ConsumerFixture {
 protected:
  Ticket join_classic(const std::string& member_id, const std::string& metadata) {
    const Ticket ticket = join({.member_id = member_id, .protocols = {{"range", metadata}}});
    flush();
    return ticket;
  }
  // A stable classic group of one member that holds all of the topic; returns its id.
  std::string classic_alone() {
    const std::string id = answer<JoinGroupResponse>(join_classic("", kWantsSales)).member_id;
    join_classic(id, kWantsSales);
    sync(id, 1, {{id, kAllOfSales}});
    flush();
    return id;
  }
  std::string synced(const std::string& id, std::int32_t generation) {
    const Ticket ticket = sync(id, generation);
    flush();
    return std::string(as_text(answer<SyncGroupResponse>(ticket).assignment.view()));
  }
  ErrorCode beaten(const std::string& id, std::int32_t generation) {
    const Ticket ticket = heartbeat(id, generation);
    flush();
    return error_of<HeartbeatResponse>(ticket);
  }
  // A classic member in epoch 2 that holds one half, one of the newer protocol with the other; returns the id of the
  // first.
  std::string mixed() {
    const std::string id = classic_alone();
    join_as("n");
    join_classic(id, kHoldsAllOfSales);
    sync(id, 1);
    join_classic(id, kHoldsHalfOfSales);
    sync(id, 2);
    beat("n", 2);
    return id;
  }
};

TEST_F(ClassicMembersTest, GiveUpBeforeAMemberOfTheNewerProtocolGets) {
  const std::string id = classic_alone();
  const Beat newcomer = join_as("n");
  EXPECT_EQ(newcomer.error_code, 0);
  EXPECT_EQ(newcomer.member_epoch, 2);
  EXPECT_EQ(given(newcomer), Assignment());
  EXPECT_EQ(described().group_state, "Reconciling");
  EXPECT_EQ(state_of(), "Dead");

  EXPECT_EQ(beaten(id, 1), ErrorCode::RebalanceInProgress);
  const auto& joined = answer<JoinGroupResponse>(join_classic(id, kHoldsAllOfSales));
  EXPECT_EQ(joined.error_code, 0);
  EXPECT_EQ(joined.generation_id, 1);
  EXPECT_EQ(joined.protocol_name, "range");
  EXPECT_EQ(joined.leader, "");
  EXPECT_TRUE(joined.members.empty());
  EXPECT_EQ(synced(id, 1), kHalfOfSales);
  EXPECT_FALSE(beat("n", 2).assignment);

  EXPECT_EQ(beaten(id, 1), ErrorCode::RebalanceInProgress) << "it is to say what it gave up";
  EXPECT_EQ(answer<JoinGroupResponse>(join_classic(id, kHoldsHalfOfSales)).generation_id, 2);
  EXPECT_EQ(synced(id, 2), kHalfOfSales);
  EXPECT_EQ(beaten(id, 2), ErrorCode::None);
  EXPECT_EQ(given(beat("n", 2)), (Assignment{{kSales, {2, 3}}}));
  EXPECT_EQ(described().group_state, "Stable");
  EXPECT_EQ(described().members.size(), 2U);
}

TEST_F(ClassicMembersTest, KeepWhatTheyOwnWhenTheirLeaderWasToAssignOnceMore) {
  const std::string id = classic_alone();
  join_classic(answer<JoinGroupResponse>(join_classic("", kWantsSales)).member_id, kWantsSales);
  EXPECT_EQ(beaten(id, 1), ErrorCode::RebalanceInProgress);
  EXPECT_EQ(answer<JoinGroupResponse>(join_classic(id, kHoldsAllOfSales)).generation_id, 2);
  join_classic(answer<JoinGroupResponse>(join_classic("", kWantsSales)).member_id, kWantsSales);
  EXPECT_EQ(state_of(), "PreparingRebalance");
  const Beat newcomer = join_as("n");
  EXPECT_EQ(newcomer.error_code, 0);
  EXPECT_EQ(given(newcomer), Assignment()) << "all of it is in use";
}

TEST_F(ClassicMembersTest, AreToldWhenSomethingHasBecomeFreeForThem) {
  join_as("n");
  const std::string id = answer<JoinGroupResponse>(join_classic("", kWantsSales)).member_id;
  EXPECT_EQ(error_of<JoinGroupResponse>(join_classic("", kWantsSales)), ErrorCode::MemberIdRequired);
  EXPECT_EQ(answer<JoinGroupResponse>(join_classic(id, kWantsSales)).generation_id, 2);
  EXPECT_EQ(as_bytes(synced(id, 2)).size(), 10U) << "no topic yet";
  EXPECT_EQ(beaten(id, 2), ErrorCode::None);
  beat("n", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  EXPECT_EQ(beaten(id, 2), ErrorCode::None);
  beat("n", 1, given(beat("n", 1, Assignment{{kSales, {0, 1, 2, 3}}})));
  beat("n", 1, Assignment{});
  EXPECT_EQ(beaten(id, 2), ErrorCode::RebalanceInProgress);
  join_classic(id, kWantsSales);
  EXPECT_EQ(read_assignment(as_bytes(synced(id, 2)))->at("sales").size(), 2U);
}

TEST_F(ClassicMembersTest, GoBackToTheirProtocolWhenTheOthersAreGone) {
  const std::string id = mixed();
  EXPECT_EQ(beat("n", -1).error_code, 0);
  EXPECT_EQ(state_of(), "PreparingRebalance");
  EXPECT_EQ(described().error_code, kafka::code_of(ErrorCode::GroupIdNotFound));
  EXPECT_EQ(beaten(id, 2), ErrorCode::RebalanceInProgress);
  const auto& joined = answer<JoinGroupResponse>(join_classic(id, kHoldsHalfOfSales));
  EXPECT_EQ(joined.generation_id, 3);
  EXPECT_EQ(joined.leader, id);
  sync(id, 3, {{id, kAllOfSales}});
  flush();
  crash_and_restart();
  EXPECT_EQ(state_of(), "Stable");
  EXPECT_EQ(beaten(id, 3), ErrorCode::None);
}

TEST_F(ClassicMembersTest, AreTheRestWhenTheOthersFallSilent) {
  const std::string id = mixed();
  for (int beats = 0; beats < 8; ++beats) {
    advance(seconds(6));
    (void)beaten(id, 2);
  }
  EXPECT_EQ(state_of(), "PreparingRebalance");
}

TEST_F(ClassicMembersTest, SurviveACrashAmongTheOthers) {
  const std::string id = mixed();
  crash_and_restart();
  EXPECT_EQ(described().group_state, "Stable");
  EXPECT_EQ(beaten(id, 2), ErrorCode::None);
  EXPECT_EQ(synced(id, 2), kHalfOfSales);
  advance(seconds(11));
  EXPECT_EQ(beaten(id, 2), ErrorCode::UnknownMemberId) << "its session was ten seconds";
}

TEST_F(ClassicMembersTest, LoseTheirPlaceWhenTheyDoNotJoinAgain) {
  const std::string id = classic_alone();
  join_as("n");
  for (int beats = 0; beats < 13; ++beats) {
    advance(seconds(5));
    (void)beaten(id, 1);
    beat("n", 2);
  }
  EXPECT_EQ(beaten(id, 1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(given(beat("n", described().group_epoch)), Assignment());
  EXPECT_EQ(described().group_state, "Stable");
}

TEST_F(ClassicMembersTest, LeaveAsEver) {
  const std::string id = mixed();
  leave({{id, std::nullopt}});
  flush();
  EXPECT_EQ(given(beat("n", 2)), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ClassicMembersTest, OfTheNewerProtocolAreNoneOfThem) {
  join_as("n");
  EXPECT_EQ(beaten("n", 1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync("n", 1)), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.protocols = {{"range", "x"}}, .protocol_type = "connect"})),
            ErrorCode::InconsistentGroupProtocol);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.protocols = {{"range", "x"}}})), ErrorCode::InconsistentGroupProtocol);
  const Ticket left = leave({{"n", std::nullopt}});
  flush();
  EXPECT_EQ(answer<kafka::LeaveGroupResponse>(left).members.at(0).error_code, 0) << "an administrator may remove it";
  EXPECT_EQ(refused(call("n", beating(1))), ErrorCode::UnknownMemberId);
}

TEST_F(ClassicMembersTest, OfAnotherProtocolTypeKeepTheirGroup) {
  std::string id;
  join_dynamic({.protocols = {{"default", "x"}}, .protocol_type = "connect"}, &id);
  EXPECT_EQ(refused(call("n", joining())), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(refused(call("n", beating(1))), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(state_of(), "CompletingRebalance");
}

TEST_F(ClassicMembersTest, ThatCanNotBeReadKeepTheirGroup) {
  stable_alone();
  EXPECT_EQ(refused(call("n", joining())), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(state_of(), "Stable");
}

TEST_F(ClassicMembersTest, WaitingForARebalanceAreSentAwayToJoinAgain) {
  const std::string id = classic_alone();
  std::string newcomer;
  const Ticket waiting = join_dynamic({.protocols = {{"range", kWantsSales}}}, &newcomer);
  EXPECT_FALSE(answered(waiting));
  join_as("n");
  EXPECT_EQ(error_of<JoinGroupResponse>(waiting), ErrorCode::RebalanceInProgress);
  EXPECT_EQ(described().members.size(), 3U);
}

TEST_F(ClassicMembersTest, AnEmptyGroupIsOfWhicheverProtocolIsSpokenNext) {
  const std::string id = classic_alone();
  commit({.member_id = id, .generation = 1, .offset = 5});
  leave({{id, std::nullopt}});
  flush();
  EXPECT_EQ(join_as("n").member_epoch, 1);
  EXPECT_EQ(fetched(), 5);
  crash_and_restart();
  EXPECT_EQ(described().group_state, "Stable");
  EXPECT_EQ(fetched(), 5);
  beat("n", -1);
  const std::string back = classic_alone();
  EXPECT_EQ(state_of(), "Stable");
  crash_and_restart();
  EXPECT_EQ(state_of(), "Stable");
  EXPECT_EQ(fetched(), 5);
}

}  // namespace
}  // namespace myelin::engine::groups
