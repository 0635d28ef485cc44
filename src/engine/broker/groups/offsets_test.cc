#include "engine/broker/groups/offsets.h"

#include <array>
#include <string>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::JoinGroupResponse;
using kafka::OffsetFetchResponse;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class CommittedOffsets : public CoordinatorFixture {
 protected:
  void commit_durably(const Committing& committing) {
    const Ticket ticket = commit(committing);
    flush();
    EXPECT_EQ(commit_outcome(ticket), ErrorCode::None);
  }
  ErrorCode delete_group(const std::string& group) {
    kafka::DeleteGroupsRequest request;
    request.groups_names = {group};
    const Ticket ticket = send(std::move(request), 2);
    flush();
    return ErrorCode{answer<kafka::DeleteGroupsResponse>(ticket).results.at(0).error_code};
  }
  ErrorCode removal_outcome(Ticket ticket) {
    const auto& response = answer<kafka::OffsetDeleteResponse>(ticket);
    EXPECT_EQ(response.error_code, 0);
    return ErrorCode{response.topics.at(0).partitions.at(0).error_code};
  }
  Ticket delete_offset(const std::string& topic, std::int32_t partition) {
    kafka::OffsetDeleteRequest request;
    request.group_id = "g";
    auto& of_topic = request.topics.emplace_back();
    of_topic.name = topic;
    of_topic.partitions.emplace_back().partition_index = partition;
    return send(std::move(request), 0);
  }
};

TEST_F(CommittedOffsets, ACommitIsAnsweredAndSeenOnlyOnceItIsDurable) {
  const Ticket ticket = commit({.offset = 42});
  EXPECT_FALSE(answered(ticket));
  EXPECT_EQ(fetched(), -1);
  flush();
  EXPECT_EQ(commit_outcome(ticket), ErrorCode::None);
  EXPECT_EQ(fetched(), 42);
}

TEST_F(CommittedOffsets, ACommitThatCantBeStoredChangesNothing) {
  commit_durably({.offset = 1});
  const Ticket ticket = commit({.offset = 42});
  fail_appends();
  EXPECT_EQ(commit_outcome(ticket), ErrorCode::CoordinatorNotAvailable);
  EXPECT_TRUE(facts(ticket).empty());
  EXPECT_EQ(fetched(), 1);
}

TEST_F(CommittedOffsets, EachDurableCommitIsAFactThatKnowsWhatWasBefore) {
  const Ticket first = commit({.partition = 3, .offset = 10});
  const Ticket second = commit({.partition = 3, .offset = 25});
  flush();
  ASSERT_EQ(facts(first).size(), 1U);
  EXPECT_EQ(facts(first)[0].group, GroupName("g"));
  EXPECT_EQ(facts(first)[0].topic, TopicName("sales"));
  EXPECT_EQ(facts(first)[0].topic_id, topics_.at(TopicName("sales")).id);
  EXPECT_EQ(facts(first)[0].partition, 3);
  EXPECT_EQ(facts(first)[0].previous, -1);
  EXPECT_EQ(facts(first)[0].committed, 10);
  EXPECT_EQ(facts(second).at(0).previous, 10);
  EXPECT_EQ(facts(second).at(0).committed, 25);
}

TEST_F(CommittedOffsets, LeaderEpochAndMetadataComeBackAsTheyWent) {
  commit_durably({.offset = 5, .leader_epoch = 3, .metadata = "left off here"});
  crash_and_restart();
  kafka::OffsetFetchRequest request;
  request.group_id = "g";
  request.topics = std::nullopt;  // all of them
  const Ticket ticket = send(std::move(request), 5);
  const auto& partition = answer<OffsetFetchResponse>(ticket).topics.at(0).partitions.at(0);
  EXPECT_EQ(partition.committed_offset, 5);
  EXPECT_EQ(partition.committed_leader_epoch, 3);
  EXPECT_EQ(partition.metadata, "left off here");
}

TEST_F(CommittedOffsets, MetadataMayHave4096Bytes) {
  commit_durably({.offset = 1, .metadata = std::string(4'096, 'm')});
  const Ticket ticket = commit({.offset = 2, .metadata = std::string(4'097, 'm')});
  EXPECT_EQ(commit_outcome(ticket), ErrorCode::OffsetMetadataTooLarge);
}

TEST_F(CommittedOffsets, MissingMetadataIsEmptyMetadata) {
  commit_durably({.offset = 1, .metadata = std::nullopt});
  EXPECT_EQ(fetched(), 1);
}

TEST_F(CommittedOffsets, UnknownTopicsAndPartitionsAreRefusedEachForItself) {
  EXPECT_EQ(commit_outcome(commit({.topic = "nowhere"})), ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(commit_outcome(commit({.partition = 4})), ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(commit_outcome(commit({.partition = -1})), ErrorCode::UnknownTopicOrPartition);
  kafka::OffsetCommitRequest request;
  request.group_id = "g";
  auto& topic = request.topics.emplace_back();
  topic.name = "sales";
  topic.partitions.emplace_back().partition_index = 9;
  auto& good = topic.partitions.emplace_back();
  good.partition_index = 0;
  good.committed_offset = 7;
  const Ticket ticket = send(std::move(request), 8);
  flush();
  const auto& partitions = answer<kafka::OffsetCommitResponse>(ticket).topics.at(0).partitions;
  EXPECT_EQ(ErrorCode{partitions.at(0).error_code}, ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(ErrorCode{partitions.at(1).error_code}, ErrorCode::None);
  EXPECT_EQ(fetched(), 7);
}

TEST_F(CommittedOffsets, MembersCommitInTheirGeneration) {
  const std::string id = stable_alone();
  const Ticket ticket = commit({.member_id = id, .generation = 1, .offset = 8});
  flush();
  EXPECT_EQ(commit_outcome(ticket), ErrorCode::None);
  EXPECT_EQ(commit_outcome(commit({.member_id = id, .generation = 0})), ErrorCode::IllegalGeneration);
  EXPECT_EQ(commit_outcome(commit({.member_id = "stranger", .generation = 1})), ErrorCode::UnknownMemberId);
}

TEST_F(CommittedOffsets, AMemberMayCommitWhileARebalanceIsPreparedButNotWhileItWaitsForAssignments) {
  const std::string id = stable_alone();
  join({.version = 3});
  commit_durably({.member_id = id, .generation = 1, .offset = 8});
  join({.member_id = id});
  EXPECT_EQ(commit_outcome(commit({.member_id = id, .generation = 2})), ErrorCode::RebalanceInProgress);
}

TEST_F(CommittedOffsets, ACommitIsASignOfLife) {
  const std::string id = stable_alone();
  for (int round = 0; round < 4; ++round) {
    advance(milliseconds(9'000));
    commit_durably({.member_id = id, .generation = 1, .offset = round});
  }
}

TEST_F(CommittedOffsets, OutsidersMayNotCommitToALivingGroup) {
  stable_alone();
  EXPECT_EQ(commit_outcome(commit({.offset = 1})), ErrorCode::UnknownMemberId);
}

TEST_F(CommittedOffsets, AGenerationOfAGroupThatDoesNotExistIsIllegal) {
  EXPECT_EQ(commit_outcome(commit({.member_id = "m", .generation = 4})), ErrorCode::IllegalGeneration);
}

TEST_F(CommittedOffsets, WhatWasNeverCommittedIsMinusOneWithoutAnError) {
  kafka::OffsetFetchRequest request;
  request.group_id = "nobody";
  auto& topic = request.topics.emplace().emplace_back();
  topic.name = "sales";
  topic.partition_indexes = {0, 1};
  for (const auto version : std::to_array<std::int16_t>({1, 2, 7})) {
    const Ticket ticket = send(request, version);
    const auto& partitions = answer<OffsetFetchResponse>(ticket).topics.at(0).partitions;
    ASSERT_EQ(partitions.size(), 2U);
    EXPECT_EQ(partitions[1].committed_offset, -1);
    EXPECT_EQ(partitions[1].committed_leader_epoch, -1);
    EXPECT_EQ(partitions[1].metadata, "");
    EXPECT_EQ(partitions[1].error_code, 0);
  }
}

TEST_F(CommittedOffsets, SeveralGroupsAreFetchedAtOnce) {
  commit_durably({.group = "a", .offset = 1});
  commit_durably({.group = "b", .topic = "stock", .offset = 2});
  kafka::OffsetFetchRequest request;
  for (const char* group : {"a", "b", "c"}) {
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    wanted.topics = std::nullopt;
  }
  const Ticket ticket = send(std::move(request), 8);
  const auto& groups = answer<OffsetFetchResponse>(ticket).groups;
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].topics.at(0).partitions.at(0).committed_offset, 1);
  EXPECT_EQ(groups[1].topics.at(0).name, "stock");
  EXPECT_TRUE(groups[2].topics.empty());
}

TEST_F(CommittedOffsets, TheyExpireSevenDaysAfterTheGroupBecameEmpty) {
  const std::string id = stable_alone();
  commit_durably({.member_id = id, .generation = 1, .offset = 8});
  for (int beat = 0; beat < 10; ++beat) {
    now_.wall += hours(24);  // the member lives on: nothing expires
    heartbeat(id, 1);
    advance(milliseconds(5'000));
  }
  leave({{id, std::nullopt}});
  now_.monotonic += hours(24) * 10;
  advance(hours(24 * 7) - minutes(1));
  EXPECT_EQ(fetched(), 8);
  advance(minutes(11));
  EXPECT_EQ(fetched(), -1);
  EXPECT_EQ(state_of(), "Dead");
  flush();
  crash_and_restart();
  EXPECT_EQ(fetched(), -1);
}

TEST_F(CommittedOffsets, NoneExpireWhileTheWallClockIsAhead) {
  commit_durably({.offset = 8});
  now_.wall += hours(24 * 3650);
  advance(minutes(11));
  EXPECT_EQ(fetched(), 8);
  now_.wall -= hours(24 * 3650);
  advance(hours(24 * 7) + minutes(11));
  EXPECT_EQ(fetched(), -1);
}

TEST_F(CommittedOffsets, WithoutAnyMemberTheyExpireSevenDaysAfterTheCommit) {
  commit_durably({.partition = 0, .offset = 1});
  advance(hours(24 * 6));
  commit_durably({.partition = 1, .offset = 2});
  advance(hours(24) + minutes(11));
  EXPECT_EQ(fetched("sales", 0), -1);
  EXPECT_EQ(fetched("sales", 1), 2);
}

TEST_F(CommittedOffsets, AClientsOwnRetentionOfOldVersionsIsKept) {
  commit_durably({.offset = 1, .retention_ms = 3'600'000, .version = 4});
  crash_and_restart();
  advance(minutes(59));
  EXPECT_EQ(fetched(), 1);
  advance(minutes(12));
  EXPECT_EQ(fetched(), -1);
}

TEST_F(CommittedOffsets, Version1MayDateItsCommit) {
  commit_durably({.offset = 1, .timestamp = unix_milliseconds(now_.wall - hours(24 * 7)), .version = 1});
  advance(minutes(11));
  EXPECT_EQ(fetched(), -1);
}

TEST_F(CommittedOffsets, TheyGoWithTheirTopic) {
  commit_durably({.topic = "stock", .offset = 1});
  commit_durably({.topic = "sales", .offset = 2});
  const Ticket under_way = commit({.topic = "stock", .partition = 1, .offset = 3});
  topics_.erase(TopicName("stock"));
  take(coordinator_->on_topic_deleted(TopicName("stock")));
  flush();
  EXPECT_EQ(commit_outcome(under_way), ErrorCode::None);
  EXPECT_TRUE(facts(under_way).empty());
  EXPECT_EQ(fetched("stock", 0), -1);
  EXPECT_EQ(fetched("stock", 1), -1);
  EXPECT_EQ(fetched("sales", 0), 2);
  topics_[TopicName("stock")] = {Uuid{{std::byte{9}}}, 2};
  crash_and_restart();
  EXPECT_EQ(fetched("stock", 0), -1);
  EXPECT_EQ(fetched("stock", 1), -1);
}

TEST_F(CommittedOffsets, ATopicMadeAnewInheritsNothingEvenAfterACrash) {
  commit_durably({.topic = "stock", .offset = 1});
  topics_[TopicName("stock")] = {Uuid{{std::byte{9}}}, 2};
  crash_and_restart();
  EXPECT_EQ(fetched("stock", 0), -1);
}

TEST_F(CommittedOffsets, AnEmptyGroupCanBeDeletedAndStaysDeleted) {
  commit_durably({.offset = 1});
  EXPECT_EQ(delete_group("g"), ErrorCode::None);
  EXPECT_EQ(fetched(), -1);
  crash_and_restart();
  EXPECT_EQ(fetched(), -1);
  EXPECT_EQ(delete_group("g"), ErrorCode::GroupIdNotFound);
}

TEST_F(CommittedOffsets, ALivingGroupCantBeDeleted) {
  stable_alone();
  EXPECT_EQ(delete_group("g"), ErrorCode::NonEmptyGroup);
}

TEST_F(CommittedOffsets, ACommitUnderWayDoesNotBringADeletedGroupBack) {
  commit_durably({.offset = 1});
  const Ticket under_way = commit({.partition = 1, .offset = 2});
  EXPECT_EQ(delete_group("g"), ErrorCode::None);
  EXPECT_EQ(commit_outcome(under_way), ErrorCode::None);
  EXPECT_EQ(fetched("sales", 1), -1);
  crash_and_restart();
  EXPECT_EQ(fetched("sales", 1), -1);
}

TEST_F(CommittedOffsets, SingleOffsetsCanBeRemovedWhileTheGroupIsEmpty) {
  commit_durably({.partition = 0, .offset = 1});
  commit_durably({.partition = 1, .offset = 2});
  const Ticket removed = delete_offset("sales", 0);
  EXPECT_FALSE(answered(removed));
  flush();
  EXPECT_EQ(error_of<kafka::OffsetDeleteResponse>(removed), ErrorCode::None);
  EXPECT_EQ(fetched("sales", 0), -1);
  EXPECT_EQ(fetched("sales", 1), 2);
}

TEST_F(CommittedOffsets, OffsetsOfAnUnknownGroupOrTopicCantBeRemoved) {
  EXPECT_EQ(error_of<kafka::OffsetDeleteResponse>(delete_offset("sales", 0)), ErrorCode::GroupIdNotFound);
  commit_durably({.offset = 1});
  EXPECT_EQ(removal_outcome(delete_offset("absent", 0)), ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(removal_outcome(delete_offset("sales", 4711)), ErrorCode::UnknownTopicOrPartition);
}

TEST_F(CommittedOffsets, OffsetsOfALivingGroupCantBeRemoved) {
  stable_alone();
  EXPECT_EQ(error_of<kafka::OffsetDeleteResponse>(delete_offset("sales", 0)), ErrorCode::NonEmptyGroup);
}

}  // namespace
}  // namespace myelin::engine::groups
