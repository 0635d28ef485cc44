#include "engine/broker/groups/assignors.h"

#include <gtest/gtest.h>

namespace myelin::engine::groups {
namespace {

const TopicId kSales{{std::byte{1}}};
const TopicId kStock{{std::byte{2}}};

Candidate candidate(std::string id, std::set<TopicId> topics, Assignment current = {}) {
  return {.member_id = std::move(id), .instance_id = {}, .topics = std::move(topics), .current = std::move(current)};
}

TEST(UniformAssignor, SharesEvenly) {
  const std::vector<Candidate> members{candidate("a", {kSales, kStock}), candidate("b", {kSales, kStock})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 3}, {kStock, 3}}),
            (Assignments{{"a", {{kSales, {0, 2}}, {kStock, {1}}}}, {"b", {{kSales, {1}}, {kStock, {0, 2}}}}}));
}

TEST(UniformAssignor, MovesOnlyWhatANewcomerNeeds) {
  const std::vector<Candidate> members{candidate("a", {kSales}, {{kSales, {0, 1, 2, 3}}}), candidate("b", {kSales})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 4}}),
            (Assignments{{"a", {{kSales, {0, 1}}}}, {"b", {{kSales, {2, 3}}}}}));
}

TEST(UniformAssignor, LeavesTheOddPartitionWhereItIs) {
  const std::vector<Candidate> members{candidate("a", {kSales}, {{kSales, {2}}}),
                                       candidate("b", {kSales}, {{kSales, {0, 1}}})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 3}}), (Assignments{{"a", {{kSales, {2}}}}, {"b", {{kSales, {0, 1}}}}}));
}

TEST(UniformAssignor, GivesAMemberOnlyWhatItSubscribesTo) {
  const std::vector<Candidate> members{candidate("a", {kSales, kStock}, {{kStock, {0, 1}}, {kSales, {0, 1}}}),
                                       candidate("b", {kSales})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 2}, {kStock, 2}}),
            (Assignments{{"a", {{kStock, {0, 1}}}}, {"b", {{kSales, {0, 1}}}}}));
}

TEST(UniformAssignor, BalancesAlongOverlappingSubscriptions) {
  const std::vector<Candidate> members{candidate("a", {kSales}, {{kSales, {0, 1, 2, 3}}}),
                                       candidate("b", {kSales, kStock}, {{kStock, {0, 1, 2, 3}}}),
                                       candidate("c", {kStock})};
  EXPECT_EQ(
      assign_uniform(members, {{kSales, 4}, {kStock, 4}}),
      (Assignments{{"a", {{kSales, {0, 1, 2}}}}, {"b", {{kSales, {3}}, {kStock, {0, 1}}}}, {"c", {{kStock, {2, 3}}}}}));
}

TEST(UniformAssignor, ForgetsPartitionsThatAreGone) {
  const std::vector<Candidate> members{candidate("a", {kSales}, {{kSales, {0, 7}}, {kStock, {0}}})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 2}}), (Assignments{{"a", {{kSales, {0, 1}}}}}));
}

TEST(UniformAssignor, GivesNothingToWhomeverSubscribesToNothing) {
  const std::vector<Candidate> members{candidate("a", {}), candidate("b", {kSales})};
  EXPECT_EQ(assign_uniform(members, {{kSales, 1}}), (Assignments{{"a", {}}, {"b", {{kSales, {0}}}}}));
}

TEST(RangeAssignor, GivesEqualPartitionsOfEqualTopicsToOneMember) {
  const std::vector<Candidate> members{candidate("b", {kSales, kStock}), candidate("a", {kSales, kStock})};
  EXPECT_EQ(assign_range(members, {{kSales, 3}, {kStock, 3}}),
            (Assignments{{"a", {{kSales, {0, 1}}, {kStock, {0, 1}}}}, {"b", {{kSales, {2}}, {kStock, {2}}}}}));
}

TEST(RangeAssignor, PutsStaticMembersFirst) {
  std::vector<Candidate> members{candidate("a", {kSales}), candidate("z", {kSales})};
  members[1].instance_id = "till-1";
  EXPECT_EQ(assign_range(members, {{kSales, 3}}), (Assignments{{"z", {{kSales, {0, 1}}}}, {"a", {{kSales, {2}}}}}));
}

TEST(RangeAssignor, LeavesMembersBeyondThePartitionsWithNothing) {
  const std::vector<Candidate> members{candidate("a", {kSales}), candidate("b", {kSales})};
  EXPECT_EQ(assign_range(members, {{kSales, 1}}), (Assignments{{"a", {{kSales, {0}}}}, {"b", {}}}));
}

}  // namespace
}  // namespace myelin::engine::groups
