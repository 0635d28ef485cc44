#include "engine/broker/groups/reads.h"

#include <string>

#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {
namespace {

using kafka::DescribeGroupsResponse;
using kafka::FindCoordinatorResponse;
using kafka::ListGroupsResponse;

class GroupReads : public CoordinatorFixture {
 protected:
  std::vector<std::string> listed(std::vector<std::string> states, std::vector<std::string> types = {}) {
    kafka::ListGroupsRequest request;
    request.states_filter = std::move(states);
    request.types_filter = std::move(types);
    const Ticket ticket = send(std::move(request), 5);
    std::vector<std::string> names;
    for (const auto& group : answer<ListGroupsResponse>(ticket).groups) names.push_back(group.group_id);
    return names;
  }
};

TEST_F(GroupReads, EveryGroupIsCoordinatedHereAtTheAddressTheClientUsed) {
  kafka::FindCoordinatorRequest request;
  request.key = "g";
  const Ticket ticket = send(std::move(request), 3);
  const auto& found = answer<FindCoordinatorResponse>(ticket);
  EXPECT_EQ(found.error_code, 0);
  EXPECT_EQ(found.node_id, 1);
  EXPECT_EQ(found.host, "myelin.example");
  EXPECT_EQ(found.port, 9092);
}

TEST_F(GroupReads, FromVersion4SeveralCoordinatorsAreFoundAtOnce) {
  kafka::FindCoordinatorRequest request;
  request.coordinator_keys = {"a", "b"};
  const Ticket ticket = send(std::move(request), 4);
  const auto& found = answer<FindCoordinatorResponse>(ticket).coordinators;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].key, "b");
  EXPECT_EQ(found[1].port, 9092);
}

TEST_F(GroupReads, TransactionsAreCoordinatedHereToo) {
  kafka::FindCoordinatorRequest request;
  request.key = "tx";
  request.key_type = 1;
  const Ticket ticket = send(request, 3);
  EXPECT_EQ(error_of<FindCoordinatorResponse>(ticket), ErrorCode::None);
  EXPECT_EQ(answer<FindCoordinatorResponse>(ticket).host, "myelin.example");
  request.key_type = 7;
  EXPECT_EQ(error_of<FindCoordinatorResponse>(send(request, 3)), ErrorCode::InvalidRequest);
}

TEST_F(GroupReads, AStableGroupIsDescribedWithItsMembers) {
  const std::string id = stable_alone();
  kafka::DescribeGroupsRequest request;
  request.groups = {"g"};
  const Ticket ticket = send(std::move(request), 5);
  const auto& group = answer<DescribeGroupsResponse>(ticket).groups.at(0);
  EXPECT_EQ(group.error_code, 0);
  EXPECT_EQ(group.group_state, "Stable");
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(group.protocol_data, "range");
  const auto& member = group.members.at(0);
  EXPECT_EQ(member.member_id, id);
  EXPECT_EQ(member.client_id, "app");
  EXPECT_EQ(member.client_host, "/127.0.0.1");
  EXPECT_EQ(as_text(member.member_metadata.view()), "topics");
  EXPECT_EQ(as_text(member.member_assignment.view()), "all");
}

TEST_F(GroupReads, WhileItRebalancesAGroupShowsNoAssignments) {
  const std::string id = stable_alone();
  join({.version = 3});
  kafka::DescribeGroupsRequest request;
  request.groups = {"g"};
  const Ticket ticket = send(std::move(request), 5);
  const auto& group = answer<DescribeGroupsResponse>(ticket).groups.at(0);
  EXPECT_EQ(group.group_state, "PreparingRebalance");
  EXPECT_EQ(group.protocol_data, "");
  ASSERT_EQ(group.members.size(), 2U);
  EXPECT_EQ(group.members[0].member_assignment.size(), 0U);
}

TEST_F(GroupReads, AGroupThatDoesNotExistIsDead) { EXPECT_EQ(state_of("nobody"), "Dead"); }

TEST_F(GroupReads, GroupsAreListedByStateAndTypeInAnyCase) {
  stable_alone();
  commit({.group = "tool", .offset = 1});
  flush();
  EXPECT_EQ(listed({}), (std::vector<std::string>{"g", "tool"}));
  EXPECT_EQ(listed({"stable"}), (std::vector<std::string>{"g"}));
  EXPECT_EQ(listed({"Empty", "Dead"}), (std::vector<std::string>{"tool"}));
  EXPECT_EQ(listed({}, {"Classic"}), (std::vector<std::string>{"g", "tool"}));
  EXPECT_TRUE(listed({}, {"consumer"}).empty());
}

TEST_F(GroupReads, AListedGroupSaysItsProtocolTypeStateAndType) {
  stable_alone();
  const Ticket ticket = send(kafka::ListGroupsRequest(), 5);
  const auto& group = answer<ListGroupsResponse>(ticket).groups.at(0);
  EXPECT_EQ(group.protocol_type, "consumer");
  EXPECT_EQ(group.group_state, "Stable");
  EXPECT_EQ(group.group_type, "classic");
}

}  // namespace
}  // namespace myelin::engine::groups
