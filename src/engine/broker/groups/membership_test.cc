#include <string>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::HeartbeatResponse;
using kafka::JoinGroupResponse;
using kafka::LeaveGroupResponse;
using kafka::SyncGroupResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Membership : public CoordinatorFixture {
 protected:
  std::int32_t generation(Ticket ticket) const { return answer<JoinGroupResponse>(ticket).generation_id; }
  std::string assignment(Ticket ticket) const {
    return std::string(as_text(answer<SyncGroupResponse>(ticket).assignment.view()));
  }
  ErrorCode left(Ticket ticket, std::size_t member = 0) const {
    return ErrorCode{answer<LeaveGroupResponse>(ticket).members.at(member).error_code};
  }

  struct Pair {
    std::string leader;
    std::string follower;
    std::int32_t generation = 0;
  };
  // Two dynamic members, stable in generation 2.
  Pair stable_pair() {
    Pair pair;
    pair.leader = stable_alone();
    const Ticket second = join_dynamic({}, &pair.follower);
    const Ticket first = join({.member_id = pair.leader});
    pair.generation = generation(first);
    EXPECT_EQ(generation(second), pair.generation);
    sync(pair.follower, pair.generation);
    sync(pair.leader, pair.generation, {{pair.leader, "even"}, {pair.follower, "odd"}});
    flush();
    return pair;
  }
};

TEST_F(Membership, ADynamicMemberIsFirstToldItsId) {
  const Ticket first = join({});
  EXPECT_EQ(error_of<JoinGroupResponse>(first), ErrorCode::MemberIdRequired);
  const std::string id = answer<JoinGroupResponse>(first).member_id;
  EXPECT_TRUE(id.starts_with("app-"));
  const Ticket second = join({.member_id = id});
  EXPECT_EQ(error_of<JoinGroupResponse>(second), ErrorCode::None);
  EXPECT_EQ(answer<JoinGroupResponse>(second).member_id, id);
}

TEST_F(Membership, BeforeVersion4TheFirstJoinCounts) {
  const Ticket joined = join({.version = 3});
  EXPECT_EQ(error_of<JoinGroupResponse>(joined), ErrorCode::None);
  EXPECT_EQ(generation(joined), 1);
}

TEST_F(Membership, AStaticMemberNeedsNoSecondRound) {
  const Ticket joined = join({.instance_id = "till-7", .version = 5});
  EXPECT_EQ(error_of<JoinGroupResponse>(joined), ErrorCode::None);
}

TEST_F(Membership, APromisedIdIsForgottenAfterTheSessionTimeout) {
  const std::string id = answer<JoinGroupResponse>(join({.session_ms = 6'000})).member_id;
  advance(milliseconds(6'000));
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.member_id = id})), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, AnIdThatWasNeverGivenIsUnknown) {
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.member_id = "made-up"})), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, TheGroupNeedsAName) {
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.group = ""})), ErrorCode::InvalidGroupId);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync("m", 1, {}, std::nullopt, "")), ErrorCode::InvalidGroupId);
}

TEST_F(Membership, SessionTimeoutsHaveBounds) {
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.session_ms = 5'999})), ErrorCode::InvalidSessionTimeout);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.session_ms = 1'800'001})), ErrorCode::InvalidSessionTimeout);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.session_ms = 1'800'000})), ErrorCode::MemberIdRequired);
}

TEST_F(Membership, TheLeaderLearnsAllMembersAndTheOthersNone) {
  std::string first;
  std::string second;
  const Ticket alone = join_dynamic({.protocols = {{"range", "mine"}}}, &first);
  EXPECT_EQ(answer<JoinGroupResponse>(alone).leader, first);
  const Ticket newcomer = join_dynamic({.protocols = {{"range", "theirs"}}}, &second);
  EXPECT_FALSE(answered(newcomer));
  const Ticket again = join({.member_id = first, .protocols = {{"range", "mine"}}});
  const auto& leader = answer<JoinGroupResponse>(again);
  const auto& follower = answer<JoinGroupResponse>(newcomer);
  EXPECT_EQ(leader.generation_id, 2);
  EXPECT_EQ(follower.generation_id, 2);
  EXPECT_EQ(follower.leader, first);
  EXPECT_TRUE(follower.members.empty());
  ASSERT_EQ(leader.members.size(), 2U);
  EXPECT_EQ(as_text(leader.members[0].metadata.view()), "mine");
  EXPECT_EQ(as_text(leader.members[1].metadata.view()), "theirs");
}

TEST_F(Membership, TheProtocolIsOneThatAllSupportAndMostWant) {
  std::string a;
  std::string b;
  std::string c;
  const Ticket first = join_dynamic({.protocols = {{"x", "1"}, {"y", "2"}}}, &a);
  EXPECT_EQ(answer<JoinGroupResponse>(first).protocol_name, "x");
  const Ticket second = join_dynamic({.protocols = {{"z", "3"}, {"y", "4"}, {"x", "5"}}}, &b);
  const Ticket third = join_dynamic({.protocols = {{"y", "6"}, {"x", "7"}}}, &c);
  const Ticket again = join({.member_id = a, .protocols = {{"x", "1"}, {"y", "2"}}});
  for (const Ticket ticket : {second, third, again}) EXPECT_EQ(answer<JoinGroupResponse>(ticket).protocol_name, "y");
  EXPECT_EQ(as_text(answer<JoinGroupResponse>(again).members.at(0).metadata.view()), "2");
}

TEST_F(Membership, WhoSharesNoProtocolOrTypeIsRefused) {
  stable_alone();
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.protocols = {{"sticky", ""}}})), ErrorCode::InconsistentGroupProtocol);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.protocol_type = "connect"})), ErrorCode::InconsistentGroupProtocol);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.protocols = {}})), ErrorCode::InconsistentGroupProtocol);
}

TEST_F(Membership, AnyProtocolTypeWillDo) {
  const Ticket joined = join({.protocols = {{"v0", "\x01\xff opaque"}}, .version = 3, .protocol_type = "sr"});
  EXPECT_EQ(error_of<JoinGroupResponse>(joined), ErrorCode::None);
}

TEST_F(Membership, TheFirstGenerationWaitsForOthersAndEachNewcomerExtendsTheWait) {
  Settings settings;
  settings.initial_rebalance_delay = seconds(3);
  restart_with(settings);
  const Ticket first = join({.rebalance_ms = 8'000, .version = 3});
  advance(seconds(2));
  const Ticket second = join({.rebalance_ms = 8'000, .version = 3});
  advance(seconds(1));
  EXPECT_FALSE(answered(first));
  advance(seconds(3));
  EXPECT_TRUE(answered(first));
  EXPECT_EQ(generation(second), 1);
}

TEST_F(Membership, TheFirstGenerationIsPutOffNoLongerThanTheRebalanceTimeout) {
  Settings settings;
  settings.initial_rebalance_delay = seconds(3);
  restart_with(settings);
  const Ticket first = join({.rebalance_ms = 7'000, .version = 3});
  for (int second = 0; second < 6; ++second) {
    advance(seconds(1));
    join({.rebalance_ms = 7'000, .version = 3});
  }
  EXPECT_FALSE(answered(first));
  advance(seconds(1));
  EXPECT_TRUE(answered(first));
}

TEST_F(Membership, WhoDoesNotComeBackWithinTheRebalanceTimeoutIsOut) {
  const Pair pair = stable_pair();
  const Ticket joined = join({.member_id = pair.leader});
  EXPECT_FALSE(answered(joined));
  for (int round = 0; round < 10; ++round) {
    advance(seconds(6));
    heartbeat(pair.follower, pair.generation);
  }
  EXPECT_EQ(generation(joined), pair.generation + 1);
  EXPECT_EQ(answer<JoinGroupResponse>(joined).members.size(), 1U);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(pair.follower, pair.generation)), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, EachMemberGetsWhatTheLeaderGaveItOnceThatIsDurable) {
  std::string leader = stable_alone();
  std::string follower;
  join_dynamic({}, &follower);
  join({.member_id = leader});
  const Ticket waiting = sync(follower, 2);
  const Ticket leading = sync(leader, 2, {{leader, "even"}, {follower, "odd"}});
  EXPECT_FALSE(answered(waiting));
  EXPECT_FALSE(answered(leading));
  flush();
  EXPECT_EQ(assignment(waiting), "odd");
  EXPECT_EQ(assignment(leading), "even");
  EXPECT_EQ(state_of(), "Stable");
}

TEST_F(Membership, TheFirstAssignmentOfALeaderCounts) {
  std::string id;
  join_dynamic({}, &id);
  const Ticket first = sync(id, 1, {{id, "first"}});
  const Ticket second = sync(id, 1, {{id, "second"}});
  flush();
  EXPECT_EQ(error_of<SyncGroupResponse>(first), ErrorCode::RebalanceInProgress);
  EXPECT_EQ(assignment(second), "first");
}

TEST_F(Membership, WhoSyncsLateGetsTheSameAssignment) {
  const Pair pair = stable_pair();
  const Ticket late = sync(pair.follower, pair.generation);
  EXPECT_EQ(assignment(late), "odd");
}

TEST_F(Membership, AMemberTheLeaderForgotGetsAnEmptyAssignment) {
  std::string leader = stable_alone();
  std::string follower;
  join_dynamic({}, &follower);
  join({.member_id = leader});
  const Ticket waiting = sync(follower, 2);
  sync(leader, 2, {{leader, "everything"}, {"stranger", "nothing"}});
  flush();
  EXPECT_EQ(error_of<SyncGroupResponse>(waiting), ErrorCode::None);
  EXPECT_EQ(assignment(waiting), "");
}

TEST_F(Membership, AnAssignmentThatCantBeStoredStartsANewRebalance) {
  std::string id;
  join_dynamic({}, &id);
  const Ticket synced = sync(id, 1, {{id, "all"}});
  fail_appends();
  EXPECT_EQ(error_of<SyncGroupResponse>(synced), ErrorCode::CoordinatorNotAvailable);
  EXPECT_EQ(state_of(), "PreparingRebalance");
  EXPECT_EQ(generation(join({.member_id = id})), 2);
}

TEST_F(Membership, ANewcomerDuringTheSyncSendsEveryoneBack) {
  std::string id;
  join_dynamic({}, &id);
  const Ticket synced = sync(id, 1, {{id, "all"}});
  join({.version = 3});
  EXPECT_EQ(error_of<SyncGroupResponse>(synced), ErrorCode::RebalanceInProgress);
  flush();  // the assignment of the abandoned generation must not come back to life
  EXPECT_EQ(state_of(), "PreparingRebalance");
}

TEST_F(Membership, WhoNeverSyncsIsOutAfterTheRebalanceTimeout) {
  std::string leader = stable_alone();
  std::string follower;
  join_dynamic({}, &follower);
  join({.member_id = leader});
  sync(leader, 2, {{leader, "all"}});
  flush();
  for (int round = 0; round < 10; ++round) {
    advance(seconds(6));
    heartbeat(leader, 2);
    heartbeat(follower, 2);
  }
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(follower, 2)), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(leader, 2)), ErrorCode::RebalanceInProgress);
}

TEST_F(Membership, SyncChecksMemberGenerationAndProtocol) {
  const std::string id = stable_alone();
  EXPECT_EQ(error_of<SyncGroupResponse>(sync("stranger", 1)), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync(id, 0)), ErrorCode::IllegalGeneration);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync(id, 1, {}, std::nullopt, "other")), ErrorCode::UnknownMemberId);
  kafka::SyncGroupRequest request;
  request.group_id = "g";
  request.member_id = id;
  request.generation_id = 1;
  request.protocol_type = "consumer";
  request.protocol_name = "sticky";
  EXPECT_EQ(error_of<SyncGroupResponse>(send(request, 5)), ErrorCode::InconsistentGroupProtocol);
  request.protocol_name = "range";
  EXPECT_EQ(error_of<SyncGroupResponse>(send(request, 5)), ErrorCode::None);
}

TEST_F(Membership, ALeaderThatJoinsAgainStartsARebalanceAndAFollowerDoesNot) {
  const Pair pair = stable_pair();
  const Ticket follower = join({.member_id = pair.follower});
  EXPECT_EQ(generation(follower), pair.generation);
  EXPECT_EQ(state_of(), "Stable");
  const Ticket leader = join({.member_id = pair.leader});
  EXPECT_FALSE(answered(leader));
  EXPECT_EQ(state_of(), "PreparingRebalance");
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(pair.follower, pair.generation)), ErrorCode::RebalanceInProgress);
}

TEST_F(Membership, AFollowerThatChangedItselfStartsARebalance) {
  const Pair pair = stable_pair();
  join({.member_id = pair.follower, .protocols = {{"range", "more topics"}}});
  EXPECT_EQ(state_of(), "PreparingRebalance");
}

TEST_F(Membership, AJoinWhoseAnswerWasLostIsAnsweredAgain) {
  std::string id;
  join_dynamic({}, &id);
  const Ticket again = join({.member_id = id});
  EXPECT_EQ(generation(again), 1);
  EXPECT_EQ(answer<JoinGroupResponse>(again).members.size(), 1U);
  EXPECT_EQ(state_of(), "CompletingRebalance");
}

TEST_F(Membership, ASecondJoinOfTheSameMemberReleasesTheFirst) {
  const Pair pair = stable_pair();
  const Ticket first = join({.member_id = pair.leader});
  const Ticket second = join({.member_id = pair.leader});
  EXPECT_EQ(error_of<JoinGroupResponse>(first), ErrorCode::RebalanceInProgress);
  EXPECT_FALSE(answered(second));
}

TEST_F(Membership, HeartbeatsKeepASessionAliveAndSilenceEndsIt) {
  const Pair pair = stable_pair();
  for (int round = 0; round < 5; ++round) {
    advance(seconds(9));
    EXPECT_EQ(answer<HeartbeatResponse>(heartbeat(pair.leader, pair.generation)).error_code == 0, round == 0);
  }
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(pair.follower, pair.generation)), ErrorCode::UnknownMemberId);
  const Ticket rejoined = join({.member_id = pair.leader});
  EXPECT_EQ(generation(rejoined), pair.generation + 1);
}

TEST_F(Membership, HeartbeatChecksMemberAndGeneration) {
  const std::string id = stable_alone();
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat("stranger", 1)), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 2)), ErrorCode::IllegalGeneration);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1)), ErrorCode::None);
}

TEST_F(Membership, AMemberThatWaitsForAnAnswerDoesNotExpire) {
  const Pair pair = stable_pair();
  const Ticket waiting = join({.member_id = pair.leader});
  for (int round = 0; round < 6; ++round) {
    advance(seconds(9));
    heartbeat(pair.follower, pair.generation);
  }
  EXPECT_FALSE(answered(waiting));
  join({.member_id = pair.follower});
  EXPECT_EQ(generation(waiting), pair.generation + 1);
}

TEST_F(Membership, AFirstJoinThatNobodyCompletesIsSweptAwayAfterFiveMinutes) {
  const Pair pair = stable_pair();
  const Ticket newcomer = join({.rebalance_ms = 3'600'000, .version = 3});
  for (int minute = 0; minute < 50; ++minute) {
    advance(seconds(6));
    heartbeat(pair.leader, pair.generation);
    heartbeat(pair.follower, pair.generation);
  }
  EXPECT_EQ(error_of<JoinGroupResponse>(newcomer), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, LeavingStartsARebalanceForTheRest) {
  const Pair pair = stable_pair();
  EXPECT_EQ(left(leave({{pair.leader, std::nullopt}})), ErrorCode::None);
  EXPECT_EQ(state_of(), "PreparingRebalance");
  const Ticket rest = join({.member_id = pair.follower});
  EXPECT_EQ(answer<JoinGroupResponse>(rest).leader, pair.follower);
}

TEST_F(Membership, WhenTheLastMemberLeavesTheGroupIsEmptyInANewGeneration) {
  const std::string id = stable_alone();
  leave({{id, std::nullopt}});
  EXPECT_EQ(state_of(), "Empty");
  flush();
  crash_and_restart();
  EXPECT_EQ(state_of(), "Empty");
}

TEST_F(Membership, SeveralMembersLeaveAtOnceEachWithItsOwnOutcome) {
  const Pair pair = stable_pair();
  const Ticket ticket = leave({{pair.follower, std::nullopt}, {"stranger", std::nullopt}, {"", "till-9"}});
  EXPECT_EQ(error_of<LeaveGroupResponse>(ticket), ErrorCode::None);
  EXPECT_EQ(left(ticket, 0), ErrorCode::None);
  EXPECT_EQ(left(ticket, 1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(left(ticket, 2), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, BeforeVersion3TheOneMembersOutcomeIsTheAnswer) {
  const std::string id = stable_alone();
  kafka::LeaveGroupRequest request;
  request.group_id = "g";
  request.member_id = "stranger";
  EXPECT_EQ(error_of<LeaveGroupResponse>(send(request, 2)), ErrorCode::UnknownMemberId);
  request.member_id = id;
  EXPECT_EQ(error_of<LeaveGroupResponse>(send(request, 2)), ErrorCode::None);
  request.group_id = "no such group";
  EXPECT_EQ(error_of<LeaveGroupResponse>(send(request, 2)), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, ALeaverThatWaitsForItsAssignmentIsAnswered) {
  std::string leader = stable_alone();
  std::string follower;
  join_dynamic({}, &follower);
  join({.member_id = leader});
  const Ticket waiting = sync(follower, 2);
  leave({{follower, std::nullopt}});
  EXPECT_EQ(error_of<SyncGroupResponse>(waiting), ErrorCode::UnknownMemberId);
}

TEST_F(Membership, AFullGroupRefusesNewcomersAndKeepsItsMembers) {
  Settings settings = without_delay();
  settings.group_size_max = 2;
  restart_with(settings);
  const Pair pair = stable_pair();
  EXPECT_EQ(error_of<JoinGroupResponse>(join({})), ErrorCode::GroupMaxSizeReached);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.version = 3})), ErrorCode::GroupMaxSizeReached);
  EXPECT_EQ(generation(join({.member_id = pair.follower})), pair.generation);
}

TEST_F(Membership, ThereIsALimitOfGroups) {
  Settings settings = without_delay();
  settings.groups_max = 1;
  restart_with(settings);
  stable_alone();
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.group = "other"})), ErrorCode::PolicyViolation);
}

TEST_F(Membership, ANameTooLongForARecordIsRefused) {
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.group = std::string(32'768, 'g')})), ErrorCode::InvalidGroupId);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.instance_id = std::string(32'768, 'i')})), ErrorCode::InvalidRequest);
}

}  // namespace
}  // namespace myelin::engine::groups
