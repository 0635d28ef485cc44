#include "organisation/mode_drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::organisation {
namespace {

using testing::IsEmpty;

Action action(const char* product, const char* duty, const char* squad, const char* due, std::int64_t times) {
  return {ProductName(product), "growth", duty, SquadName(squad), SquadName(due), "approve", times, WallTime()};
}

model::Model with_orders() {
  model::Model model;
  auto& product = model.products[ProductName("orders")];
  product.name = ProductName("orders");
  product.owner = SquadName("shop");
  product.mode = "optimise";
  return model;
}

TEST(ModeDrift, IsWhatSquadsDidWhoseDutyItWasNot) {
  const std::vector<Action> actions{action("orders", "approve", "shop", "shop", 5),
                                    action("orders", "approve", "ops", "shop", 2),
                                    action("orders", "run", "", "ops", 1)};
  const auto drifts = mode_drift(with_orders(), actions);
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].product.text(), "orders");
  EXPECT_EQ(drifts[0].owner.text(), "shop");
  EXPECT_EQ(drifts[0].mode, "optimise");
  EXPECT_EQ(drifts[0].actions, 8);
  EXPECT_EQ(drifts[0].by_others, 3);
  ASSERT_EQ(drifts[0].others.size(), 2U);
  EXPECT_EQ(described(drifts[0].others[0]), "approve (approve) by ops, due shop by mode growth, 2 times");
  EXPECT_EQ(described(drifts[0].others[1]), "run (approve) by somebody of no squad, due ops by mode growth, once");
  EXPECT_EQ(drift_text(drifts[0]), "3 of 8 actions by others");
}

TEST(ModeDrift, OfAProductThatIsGoneHasNoOwnerAndNoMode) {
  const std::vector<Action> actions{action("gone", "build", "shop", "shop", 1)};
  const auto drifts = mode_drift(with_orders(), actions);
  ASSERT_EQ(drifts.size(), 1U);
  EXPECT_EQ(drifts[0].owner.text(), "");
  EXPECT_EQ(drifts[0].mode, "");
  EXPECT_EQ(drift_text(drifts[0]), "0 of 1 action by others");
  EXPECT_THAT(drifts[0].others, IsEmpty());
}

TEST(ModeDrift, OfNoActionsIsNothing) { EXPECT_THAT(mode_drift(with_orders(), {}), IsEmpty()); }

}  // namespace
}  // namespace myelin::organisation
