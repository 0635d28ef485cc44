#include <string>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::HeartbeatResponse;
using kafka::JoinGroupResponse;
using kafka::SyncGroupResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Replay : public CoordinatorFixture {};

TEST_F(Replay, AStableGroupGoesOnWhereItWas) {
  const std::string id = stable_alone();
  const Ticket committed = commit({.member_id = id, .generation = 1, .offset = 77});
  flush();
  ASSERT_TRUE(answered(committed));
  crash_and_restart();
  EXPECT_EQ(state_of(), "Stable");
  EXPECT_EQ(fetched(), 77);
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1)), ErrorCode::None);
  const Ticket synced = sync(id, 1);
  EXPECT_EQ(as_text(answer<SyncGroupResponse>(synced).assignment.view()), "all");
}

TEST_F(Replay, SessionsStartAnew) {
  const std::string id = stable_alone();
  advance(seconds(9));
  crash_and_restart();
  advance(seconds(9));
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1)), ErrorCode::None);
  advance(seconds(10));
  EXPECT_EQ(error_of<HeartbeatResponse>(heartbeat(id, 1)), ErrorCode::UnknownMemberId);
}

TEST_F(Replay, WhatWasNotDurableIsGone) {
  const std::string id = stable_alone();
  commit({.member_id = id, .generation = 1, .offset = 77});
  crash_and_restart();
  EXPECT_EQ(fetched(), -1);
}

TEST_F(Replay, AMemberThatNeverGotAnAssignmentJoinsAgain) {
  const std::string id = stable_alone();
  std::string newcomer;
  join_dynamic({}, &newcomer);
  join({.member_id = id});
  crash_and_restart();
  EXPECT_EQ(error_of<SyncGroupResponse>(sync(newcomer, 2)), ErrorCode::UnknownMemberId);
  EXPECT_EQ(error_of<SyncGroupResponse>(sync(id, 2)), ErrorCode::IllegalGeneration);
}

TEST_F(Replay, TheLastRecordOfAKeyCounts) {
  for (const std::int64_t offset : {5, 9, 7}) commit({.offset = offset});
  flush();
  crash_and_restart();
  EXPECT_EQ(fetched(), 7);
}

TEST_F(Replay, RecordsOfOtherKindsAreSkipped) {
  log_.push_back({ByteBuffer{std::byte{0}, std::byte{4}, std::byte{0}, std::byte{0}}, ByteBuffer{}, {}, {}});
  crash_and_restart();
}

TEST_F(Replay, ADamagedRecordIsAnError) {
  GroupCoordinator coordinator({}, [](const TopicName&) { return std::nullopt; }, {}, Uuid::random);
  const auto key = group_tombstone(GroupName("g")).key;
  const ByteBuffer cut_short{std::byte{0}, std::byte{3}, std::byte{0}};
  EXPECT_EQ(coordinator.replay(key, ByteSpan(cut_short)).error().code, Code::Corrupt);
}

}  // namespace
}  // namespace myelin::engine::groups
