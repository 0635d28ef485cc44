#include "organisation/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::organisation {
namespace {

using testing::IsEmpty;

Edge edge(const char* producer, const char* consumer, bool is_declared) {
  Edge edge{SquadName(producer), TopicName("t"), SquadName(consumer), {}, {}, {}, {}};
  if (is_declared) edge.declared = DeclaredInteraction{SquadName(producer), {}, false};
  return edge;
}

Load load(const char* squad, std::size_t products) {
  Load load;
  load.squad = SquadName(squad);
  load.products = products;
  return load;
}

TEST(Comparison, OfTheSameIsNothing) {
  Organisation same;
  same.edges = {edge("a", "b", true)};
  same.loads = {load("a", 2)};
  const auto comparison = compared(same, same);
  EXPECT_THAT(comparison.edges, IsEmpty());
  EXPECT_THAT(comparison.loads, IsEmpty());
}

TEST(Comparison, SaysWhatBecomesOfEachEdge) {
  Organisation before;
  before.edges = {edge("a", "b", false), edge("a", "c", true), edge("a", "d", true), edge("a", "e", true)};
  Organisation after;
  after.edges = {edge("a", "b", true), edge("a", "c", false), edge("a", "e", true), edge("b", "d", false)};
  const auto changes = compared(before, after).edges;
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].fate, EdgeFate::BecomesDeclared);
  EXPECT_EQ(changes[1].fate, EdgeFate::BecomesUndeclared);
  EXPECT_EQ(changes[2].fate, EdgeFate::Goes);
  EXPECT_EQ(changes[2].edge.consumer.text(), "d");
  EXPECT_EQ(changes[3].fate, EdgeFate::Comes);
  EXPECT_EQ(changes[3].edge.producer.text(), "b");
}

TEST(Comparison, ASquadThatComesOrGoesHasALoadOfNothingOnOneSide) {
  Organisation before;
  before.loads = {load("a", 2), load("b", 1)};
  Organisation after;
  after.loads = {load("a", 2), load("c", 1)};
  const auto changes = compared(before, after).loads;
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].before, load("b", 1));
  EXPECT_EQ(changes[0].after, load("b", 0));
  EXPECT_EQ(changes[1].before, load("c", 0));
  EXPECT_EQ(changes[1].after, load("c", 1));
}

}  // namespace
}  // namespace myelin::organisation
