#include <string>

#include "engine/broker/groups/consumer_fixture.h"

namespace myelin::engine::groups {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ConsumerMembers : public ConsumerFixture {
 protected:
  ErrorCode refused_joining(const Calling& calling, const std::string& member_id = "m") {
    return refused(call(member_id, calling));
  }
};

TEST_F(ConsumerMembers, TheFirstGetsEverythingAtOnce) {
  const Beat joined = join_as("m1");
  EXPECT_EQ(joined.error_code, 0);
  EXPECT_EQ(joined.member_id, "m1");
  EXPECT_EQ(joined.member_epoch, 1);
  EXPECT_EQ(joined.heartbeat_interval_ms, 5'000);
  EXPECT_EQ(given(joined), (Assignment{{kSales, {0, 1, 2, 3}}}));
  EXPECT_EQ(described().group_state, "Stable");
}

TEST_F(ConsumerMembers, AreToldOnlyWhatIsDurable) {
  const Ticket joining_ticket = call("m1", joining());
  const Ticket again = call("m1", joining());
  EXPECT_FALSE(answered(joining_ticket));
  EXPECT_FALSE(answered(again));
  flush();
  EXPECT_EQ(given(answer<Beat>(again)), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, APartitionIsHandedOverWhenItsHolderHasGivenItUp) {
  join_as("m1");
  const Beat newcomer = join_as("m2");
  EXPECT_EQ(newcomer.member_epoch, 2);
  EXPECT_EQ(given(newcomer), Assignment());
  EXPECT_EQ(described().group_state, "Reconciling");

  const Beat revoking = beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  EXPECT_EQ(revoking.member_epoch, 1);
  EXPECT_EQ(given(revoking), (Assignment{{kSales, {0, 1}}}));
  EXPECT_FALSE(beat("m2", 2).assignment);
  // It says nothing of what it owns: it has not given up anything yet.
  EXPECT_EQ(beat("m1", 1).member_epoch, 1);
  EXPECT_FALSE(beat("m2", 2).assignment);

  EXPECT_EQ(beat("m1", 1, Assignment{{kSales, {0, 1}}}).member_epoch, 2);
  EXPECT_EQ(given(beat("m2", 2)), (Assignment{{kSales, {2, 3}}}));
  EXPECT_EQ(described().group_state, "Stable");
}

TEST_F(ConsumerMembers, WhatALeaverHeldIsSharedOut) {
  join_as("m1");
  join_as("m2");
  beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  beat("m1", 1, Assignment{{kSales, {0, 1}}});
  beat("m2", 2);
  const Beat left = beat("m1", -1);
  EXPECT_EQ(left.error_code, 0);
  EXPECT_EQ(left.member_epoch, -1);
  EXPECT_FALSE(left.assignment);
  const Beat heir = beat("m2", 2);
  EXPECT_EQ(heir.member_epoch, 3);
  EXPECT_EQ(given(heir), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, TheSilentAreRemovedAfterTheSessionTimeout) {
  join_as("m1");
  advance(seconds(44));
  EXPECT_EQ(beat("m1", 1).error_code, 0);
  advance(seconds(45));
  EXPECT_EQ(refused(call("m1", beating(1))), ErrorCode::UnknownMemberId);
  EXPECT_EQ(described().group_state, "Empty");
}

TEST_F(ConsumerMembers, WhoDoesNotGiveUpInTimeIsRemoved) {
  join_as("m1");
  join_as("m2");
  beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  for (int beats = 0; beats < 3; ++beats) {
    advance(seconds(9));
    EXPECT_EQ(beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}}).error_code, 0);
    beat("m2", 2);
  }
  advance(seconds(4));
  EXPECT_EQ(refused(call("m1", beating(1))), ErrorCode::UnknownMemberId);
  EXPECT_EQ(given(beat("m2", 2)), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, ANewTopicOrPartitionIsAssigned) {
  join_as("m1", {"sales", "orders"});
  add_topic("orders", {Uuid{{std::byte{9}}}, 1});
  const Beat grown = beat("m1", 1);
  EXPECT_EQ(grown.member_epoch, 2);
  EXPECT_EQ(given(grown), (Assignment{{kSales, {0, 1, 2, 3}}, {Uuid{{std::byte{9}}}, {0}}}));
  add_topic("orders", {Uuid{{std::byte{9}}}, 2});
  EXPECT_EQ(given(beat("m1", 2)), (Assignment{{kSales, {0, 1, 2, 3}}, {Uuid{{std::byte{9}}}, {0, 1}}}));
}

TEST_F(ConsumerMembers, ATopicThatNobodyReadsChangesNothing) {
  join_as("m1");
  add_topic("orders", {Uuid{{std::byte{9}}}, 1});
  EXPECT_EQ(beat("m1", 1).member_epoch, 1);
}

TEST_F(ConsumerMembers, ADeletedTopicIsGivenUp) {
  join_as("m1", {"sales", "stock"});
  topics_.erase(TopicName("stock"));
  topics_changed_ = true;
  EXPECT_EQ(given(beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}, {kStock, {0, 1}}})),
            (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, AreAssignedByTheAssignorThatMostWishFor) {
  Calling calling = joining({"sales", "stock"});
  calling.assignor = "range";
  told(call("m1", calling));
  EXPECT_EQ(described().assignor_name, "range");
  told(call("m2", calling));
  // Two of four and one of two each, from the front; uniform would leave what is already even.
  EXPECT_EQ(given(beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}, {kStock, {0, 1}}})),
            (Assignment{{kSales, {0, 1}}, {kStock, {0}}}));
}

TEST_F(ConsumerMembers, WhoMissedAnAnswerMayCallWithTheEpochBefore) {
  join_as("m1");
  join_as("m2");
  beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  beat("m1", 1, Assignment{{kSales, {0, 1}}});  // moves to epoch 2
  EXPECT_EQ(beat("m1", 1, Assignment{{kSales, {0, 1}}}).member_epoch, 2);
  EXPECT_EQ(refused(call("m1", beating(1))), ErrorCode::FencedMemberEpoch) << "it must say what it owns";
  EXPECT_EQ(refused(call("m1", beating(1, Assignment{{kSales, {0, 1, 2}}}))), ErrorCode::FencedMemberEpoch);
}

TEST_F(ConsumerMembers, AnotherEpochIsFenced) {
  join_as("m1");
  EXPECT_EQ(refused(call("m1", beating(2))), ErrorCode::FencedMemberEpoch);
  EXPECT_EQ(join_as("m1").member_epoch, 1) << "and may begin anew";
}

TEST_F(ConsumerMembers, UnknownOnesMustJoin) {
  EXPECT_EQ(refused(call("m1", beating(1))), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(refused(call("m1", beating(-1))), ErrorCode::GroupIdNotFound);
  join_as("m1");
  EXPECT_EQ(refused(call("m2", beating(1))), ErrorCode::UnknownMemberId);
  EXPECT_EQ(refused(call("m2", beating(-1))), ErrorCode::UnknownMemberId);
}

TEST_F(ConsumerMembers, MayHaveTheirIdMadeUpBeforeVersion1) {
  Calling calling = joining();
  EXPECT_EQ(refused(call("", calling)), ErrorCode::InvalidRequest);
  calling.version = 0;
  const Beat joined = told(call("", calling));
  EXPECT_EQ(joined.error_code, 0);
  EXPECT_FALSE(joined.member_id->empty());
}

TEST_F(ConsumerMembers, InvalidRequestsAreRefused) {
  Calling calling = joining();
  calling.group = " ";
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  EXPECT_EQ(refused_joining(joining(), " "), ErrorCode::InvalidRequest);
  calling = joining();
  calling.instance = "";
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  calling = joining();
  calling.rebalance_ms = -1;
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  calling = joining();
  calling.owned.reset();
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  calling.owned = Assignment{{kSales, {0}}};
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  calling = joining();
  calling.topics.reset();
  EXPECT_EQ(refused_joining(calling), ErrorCode::InvalidRequest);
  EXPECT_EQ(refused_joining(beating(-2)), ErrorCode::InvalidRequest) << "no instance id";
  EXPECT_EQ(refused_joining(beating(-3)), ErrorCode::InvalidRequest);
  calling = joining();
  calling.assignor = "sticky";
  EXPECT_EQ(refused_joining(calling), ErrorCode::UnsupportedAssignor);
  EXPECT_EQ(described().error_code, kafka::code_of(ErrorCode::GroupIdNotFound)) << "no trace is left";
}

TEST_F(ConsumerMembers, MaySubscribeToNothing) {
  EXPECT_EQ(given(join_as("m1", {})), Assignment());
  EXPECT_EQ(given(join_as("m1", {"sales"})), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, NoMoreThanTheGroupHoldsMayJoin) {
  settings_.group_size_max = 1;
  restart_with(settings_);
  join_as("m1");
  EXPECT_EQ(refused(call("m2", joining())), ErrorCode::GroupMaxSizeReached);
  EXPECT_EQ(join_as("m1").error_code, 0);
}

TEST_F(ConsumerMembers, ComeBackAfterACrashWithTheirSessions) {
  join_as("m1");
  join_as("m2");
  beat("m1", 1, Assignment{{kSales, {0, 1, 2, 3}}});
  crash_and_restart();
  EXPECT_EQ(described().group_epoch, 2);
  EXPECT_EQ(beat("m1", 1, Assignment{{kSales, {0, 1}}}).member_epoch, 2);
  EXPECT_EQ(given(beat("m2", 2)), (Assignment{{kSales, {2, 3}}}));
  advance(seconds(46));
  EXPECT_EQ(described().group_state, "Empty");
}

TEST_F(ConsumerMembers, WhatTheDiskRefusedIsAskedAgain) {
  const Ticket lost = call("m1", joining());
  fail_appends();
  EXPECT_EQ(answer<Beat>(lost).error_code, kafka::code_of(ErrorCode::CoordinatorNotAvailable));
  EXPECT_EQ(given(join_as("m1")), (Assignment{{kSales, {0, 1, 2, 3}}}));
  crash_and_restart();
  EXPECT_EQ(beat("m1", 1).error_code, 0) << "all of it was written the second time";
}

TEST_F(ConsumerMembers, AreListedAndDescribed) {
  Calling calling = joining({"stock", "sales"});
  calling.instance = "till-1";
  told(call("m1", calling));
  const auto group = described();
  ASSERT_EQ(group.members.size(), 1U);
  const auto& member = group.members[0];
  EXPECT_EQ(group.group_epoch, 1);
  EXPECT_EQ(group.assignment_epoch, 1);
  EXPECT_EQ(group.assignor_name, "uniform");
  EXPECT_EQ(member.instance_id, "till-1");
  EXPECT_EQ(member.client_id, "app");
  EXPECT_EQ(member.client_host, "/127.0.0.1");
  EXPECT_EQ(member.member_type, 1);
  EXPECT_EQ(member.subscribed_topic_names, (std::vector<std::string>{"sales", "stock"}));
  ASSERT_EQ(member.assignment.topic_partitions.size(), 2U);
  EXPECT_EQ(member.assignment.topic_partitions[0].topic_name, "sales");
  EXPECT_EQ(member.target_assignment.topic_partitions[1].topic_name, "stock");

  kafka::ListGroupsRequest listing;
  listing.types_filter = {"Consumer"};
  listing.states_filter = {"stable"};
  const auto groups = answer<kafka::ListGroupsResponse>(send(listing, 5)).groups;
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].group_type, "consumer");
  EXPECT_EQ(groups[0].protocol_type, "consumer");
  EXPECT_EQ(groups[0].group_state, "Stable");
  EXPECT_EQ(state_of(), "Dead") << "for who asks as of a classic group";
}

TEST_F(ConsumerMembers, AStaticOneComesBackToWhatItHad) {
  Calling calling = joining();
  calling.instance = "till-1";
  told(call("m1", calling));
  EXPECT_EQ(refused(call("m2", calling)), ErrorCode::UnreleasedInstanceId);
  Calling away = beating(-2);
  away.instance = "till-1";
  EXPECT_EQ(told(call("m1", away)).member_epoch, -2);
  EXPECT_EQ(refused(call("m1", beating(1))), ErrorCode::FencedMemberEpoch);
  const Beat back = told(call("m2", calling));
  EXPECT_EQ(back.member_epoch, 1);
  EXPECT_EQ(given(back), (Assignment{{kSales, {0, 1, 2, 3}}}));
  Calling fenced = beating(1);
  fenced.instance = "till-1";
  EXPECT_EQ(refused(call("m1", fenced)), ErrorCode::FencedInstanceId);
  fenced.epoch = -1;
  EXPECT_EQ(refused(call("m1", fenced)), ErrorCode::FencedInstanceId);
  fenced.instance = "till-9";
  EXPECT_EQ(refused(call("m1", fenced)), ErrorCode::UnknownMemberId);
  crash_and_restart();
  EXPECT_EQ(beat("m2", 1).error_code, 0);
  EXPECT_EQ(described().members.size(), 1U);
}

TEST_F(ConsumerMembers, AStaticOneThatStaysAwayLosesItsPlace) {
  Calling calling = joining();
  calling.instance = "till-1";
  told(call("m1", calling));
  Calling away = beating(-2);
  away.instance = "till-1";
  told(call("m1", away));
  EXPECT_EQ(given(join_as("m2")), Assignment()) << "what it holds waits for it";
  advance(seconds(40));
  beat("m2", 2);
  advance(seconds(6));
  EXPECT_EQ(given(beat("m2", 2)), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, CommitInTheirEpochOnly) {
  join_as("m1");
  const auto outcome = [this](const Committing& committing) {
    const Ticket ticket = commit(committing);
    flush();
    return commit_outcome(ticket);
  };
  EXPECT_EQ(outcome({.member_id = "m1", .generation = 1, .offset = 7, .version = 9}), ErrorCode::None);
  EXPECT_EQ(fetched(), 7);
  EXPECT_EQ(outcome({.member_id = "m1", .generation = 0, .version = 9}), ErrorCode::StaleMemberEpoch);
  EXPECT_EQ(outcome({.member_id = "m1", .generation = 2, .version = 9}), ErrorCode::StaleMemberEpoch);
  EXPECT_EQ(outcome({.member_id = "m2", .generation = 1, .version = 9}), ErrorCode::UnknownMemberId);
  EXPECT_EQ(outcome({.version = 9}), ErrorCode::UnknownMemberId) << "the group has members";
  EXPECT_EQ(outcome({.member_id = "m1", .generation = 1, .version = 8}), ErrorCode::UnsupportedVersion);
  EXPECT_EQ(outcome({.group = "none", .member_id = "m1", .generation = 1, .version = 9}), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(outcome({.group = "none", .member_id = "m1", .generation = 1, .version = 8}), ErrorCode::IllegalGeneration);
  beat("m1", -1);
  EXPECT_EQ(outcome({.offset = 9, .version = 9}), ErrorCode::None) << "the group is empty";
}

TEST_F(ConsumerMembers, FetchOffsetsInTheirEpochOnly) {
  join_as("m1");
  const auto outcome = [this](std::optional<std::string> member, std::int32_t epoch, const std::string& group = "g") {
    kafka::OffsetFetchRequest request;
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    wanted.member_id = std::move(member);
    wanted.member_epoch = epoch;
    wanted.topics.reset();
    const auto ticket = send(std::move(request), 9);
    return ErrorCode{answer<kafka::OffsetFetchResponse>(ticket).groups.at(0).error_code};
  };
  EXPECT_EQ(outcome("m1", 1), ErrorCode::None);
  EXPECT_EQ(outcome("m1", 0), ErrorCode::StaleMemberEpoch);
  EXPECT_EQ(outcome("m2", 1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(outcome(std::nullopt, -1), ErrorCode::None);
  EXPECT_EQ(outcome("m1", 1, "none"), ErrorCode::None);
}

TEST_F(ConsumerMembers, OffsetsOfWhatTheyReadStay) {
  join_as("m1");
  commit({.member_id = "m1", .generation = 1, .offset = 7, .version = 9});
  commit({.member_id = "m1", .generation = 1, .topic = "stock", .offset = 8, .version = 9});
  flush();
  kafka::OffsetDeleteRequest request;
  request.group_id = "g";
  for (const auto* name : {"sales", "stock"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.partitions.emplace_back();
  }
  const Ticket ticket = send(std::move(request), 0);
  flush();
  const auto& topics = answer<kafka::OffsetDeleteResponse>(ticket).topics;
  EXPECT_EQ(topics.at(0).partitions.at(0).error_code, kafka::code_of(ErrorCode::GroupSubscribedToTopic));
  EXPECT_EQ(topics.at(1).partitions.at(0).error_code, 0);
  EXPECT_EQ(fetched("sales"), 7);
  EXPECT_EQ(fetched("stock"), -1);
}

TEST_F(ConsumerMembers, AGroupWithMembersIsNotDeletedAnEmptyOneIs) {
  join_as("m1");
  kafka::DeleteGroupsRequest request;
  request.groups_names = {"g"};
  EXPECT_EQ(answer<kafka::DeleteGroupsResponse>(send(request, 2)).results.at(0).error_code,
            kafka::code_of(ErrorCode::NonEmptyGroup));
  beat("m1", -1);
  const Ticket deleted = send(request, 2);
  flush();
  EXPECT_EQ(answer<kafka::DeleteGroupsResponse>(deleted).results.at(0).error_code, 0);
  crash_and_restart();
  EXPECT_EQ(described().error_code, kafka::code_of(ErrorCode::GroupIdNotFound));
}

TEST_F(ConsumerMembers, APatternNamesTheTopicsThatTheMemberMayKnowOf) {
  Calling calling = joining();
  calling.topics.reset();
  calling.pattern = "s.*";
  bool may_know_stock = false;
  calling.may_know = [&may_know_stock](const std::string& topic) { return topic != "stock" || may_know_stock; };
  EXPECT_EQ(given(told(call("m1", calling))), (Assignment{{kSales, {0, 1, 2, 3}}}));
  Calling next = beating(1);
  next.may_know = calling.may_know;
  add_topic("shop", {Uuid{{std::byte{9}}}, 1});
  EXPECT_EQ(given(told(call("m1", next))), (Assignment{{kSales, {0, 1, 2, 3}}, {Uuid{{std::byte{9}}}, {0}}}));
  may_know_stock = true;
  next.epoch = 2;
  advance(seconds(11));
  EXPECT_EQ(told(call("m1", next)).member_epoch, 3) << "what it may know of is asked anew from time to time";
  EXPECT_EQ(described().members.at(0).subscribed_topic_regex, "s.*");
}

TEST_F(ConsumerMembers, APatternIsMatchedAgainstWholeNamesAndNeverInternalOnes) {
  add_topic("__sales", {Uuid{{std::byte{9}}}, 1});
  Calling calling = joining();
  calling.topics.reset();
  calling.pattern = "ale";
  EXPECT_EQ(given(told(call("m1", calling))), Assignment());
  calling.pattern = ".*ales";
  EXPECT_EQ(given(told(call("m1", calling))), (Assignment{{kSales, {0, 1, 2, 3}}}));
}

TEST_F(ConsumerMembers, WhatIsNoPatternIsRefused) {
  for (const auto* pattern : {"a(", R"((a)\1)", "[z-a]"}) {
    Calling calling = joining();
    calling.topics.reset();
    calling.pattern = pattern;
    EXPECT_EQ(refused(call("m1", calling)), ErrorCode::InvalidRegularExpression) << pattern;
  }
}

TEST_F(ConsumerMembers, WhatAPatternNamedOutlivesACrash) {
  Calling calling = joining();
  calling.topics.reset();
  calling.pattern = "sal.*";
  told(call("m1", calling));
  crash_and_restart();
  const Beat next = beat("m1", 1);
  EXPECT_EQ(next.error_code, 0);
  EXPECT_EQ(next.member_epoch, 1) << "nothing changed";
}

}  // namespace
}  // namespace myelin::engine::groups
