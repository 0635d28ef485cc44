#include <string>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::HeartbeatResponse;
using kafka::JoinGroupResponse;
using kafka::LeaveGroupResponse;
using kafka::SyncGroupResponse;
using std::chrono::seconds;

class StaticMembers : public CoordinatorFixture {
 protected:
  // A stable group of one static member in generation 1; returns its id.
  std::string stable_till() {
    const std::string id = answer<JoinGroupResponse>(join({.instance_id = "till-7"})).member_id;
    sync(id, 1, {{id, "all"}}, "till-7");
    flush();
    return id;
  }
};

TEST_F(StaticMembers, ARestartedInstanceKeepsItsAssignmentWithoutARebalance) {
  const std::string before = stable_till();
  const Ticket joined = join({.instance_id = "till-7"});
  EXPECT_FALSE(answered(joined));  // the new id is not yet durable
  flush();
  const auto& answer_to_join = answer<JoinGroupResponse>(joined);
  EXPECT_NE(answer_to_join.member_id, before);
  EXPECT_EQ(answer_to_join.generation_id, 1);
  EXPECT_TRUE(answer_to_join.skip_assignment);
  EXPECT_EQ(answer_to_join.leader, answer_to_join.member_id);
  EXPECT_EQ(answer_to_join.members.size(), 1U);
  EXPECT_EQ(state_of(), "Stable");
  const Ticket synced = sync(answer_to_join.member_id, 1, {}, "till-7");
  EXPECT_EQ(as_text(answer<SyncGroupResponse>(synced).assignment.view()), "all");
}

TEST_F(StaticMembers, BeforeVersion9ARestartedLeaderIsToldThatAnotherLeads) {
  const std::string before = stable_till();
  const Ticket joined = join({.instance_id = "till-7", .version = 8});
  flush();
  EXPECT_EQ(answer<JoinGroupResponse>(joined).leader, before);
  EXPECT_TRUE(answer<JoinGroupResponse>(joined).members.empty());
}

TEST_F(StaticMembers, TheOldInstanceIsFenced) {
  const std::string before = stable_till();
  join({.instance_id = "till-7"});
  flush();
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(before, 1, "till-7")), ErrorCode::FencedInstanceId);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync(before, 1, {}, "till-7")), ErrorCode::FencedInstanceId);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.member_id = before, .instance_id = "till-7"})),
            ErrorCode::FencedInstanceId);
  EXPECT_EQ(commit_outcome(commit({.member_id = before, .generation = 1, .instance_id = "till-7"})),
            ErrorCode::FencedInstanceId);
  const Ticket left = leave({{before, "till-7"}});
  EXPECT_EQ(ErrorCode{answer<LeaveGroupResponse>(left).members.at(0).error_code}, ErrorCode::FencedInstanceId);
}

TEST_F(StaticMembers, AnOldInstanceThatWaitsIsFencedAtOnce) {
  stable_till();
  const Ticket other = join({.instance_id = "till-8"});
  const Ticket first = join({.instance_id = "till-8"});
  EXPECT_EQ(error_of<JoinGroupResponse>(other), ErrorCode::FencedInstanceId);
  EXPECT_FALSE(answered(first));
}

TEST_F(StaticMembers, ARestartedInstanceThatChangesTheProtocolStartsARebalance) {
  const std::string leader =
      answer<JoinGroupResponse>(join({.instance_id = "till-7", .protocols = {{"sticky", "s"}, {"range", "r"}}}))
          .member_id;
  sync(leader, 1, {{leader, "all"}}, "till-7");
  flush();
  const Ticket joined = join({.instance_id = "till-7", .protocols = {{"range", "r"}}});
  EXPECT_EQ(answer<JoinGroupResponse>(joined).generation_id, 2);
  EXPECT_EQ(answer<JoinGroupResponse>(joined).protocol_name, "range");
}

TEST_F(StaticMembers, AnInstanceThatIsAwayKeepsItsPlaceUntilItsSessionEnds) {
  const std::string away = stable_till();
  const Ticket newcomer = join({.instance_id = "till-8", .session_ms = 60'000, .rebalance_ms = 5'000});
  advance(seconds(8));
  EXPECT_FALSE(answered(newcomer));
  advance(seconds(2));  // the session of the absent one is over
  EXPECT_EQ(answer<JoinGroupResponse>(newcomer).members.size(), 1U);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(away, 1, "till-7")), ErrorCode::UnknownMemberId);
}

TEST_F(StaticMembers, ARebalanceEndsWithoutAnAbsentInstanceButCountsIt) {
  stable_till();
  const Ticket newcomer = join({.instance_id = "till-8", .session_ms = 30'000, .rebalance_ms = 5'000});
  for (int round = 0; round < 12; ++round) {
    advance(seconds(5));
    const auto& described = coordinator_->next_deadline();
    EXPECT_GT(described, now_.monotonic);
  }
  EXPECT_TRUE(answered(newcomer));
}

TEST_F(StaticMembers, AnAdministratorRemovesAnInstanceByItsNameAlone) {
  stable_till();
  const Ticket left = leave({{"", "till-7"}});
  EXPECT_EQ(ErrorCode{answer<LeaveGroupResponse>(left).members.at(0).error_code}, ErrorCode::None);
  EXPECT_EQ(state_of(), "Empty");
}

TEST_F(StaticMembers, AFullGroupLetsItsOwnInstancesBackIn) {
  Settings settings = without_delay();
  settings.group_size_max = 1;
  restart_with(settings);
  stable_till();
  const Ticket joined = join({.instance_id = "till-7"});
  flush();
  EXPECT_EQ(error_of<JoinGroupResponse>(joined), ErrorCode::None);
  EXPECT_EQ(error_of<JoinGroupResponse>(join({.instance_id = "till-8"})), ErrorCode::GroupMaxSizeReached);
}

TEST_F(StaticMembers, AnUnknownInstanceIsNotFencedButUnknown) {
  const std::string id = stable_till();
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1, "till-9")), ErrorCode::UnknownMemberId);
}

TEST_F(StaticMembers, ANewIdSurvivesARestartOfTheBroker) {
  stable_till();
  const Ticket joined = join({.instance_id = "till-7"});
  flush();
  const std::string id = answer<JoinGroupResponse>(joined).member_id;
  crash_and_restart();
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1, "till-7")), ErrorCode::None);
}

}  // namespace
}  // namespace myelin::engine::groups
