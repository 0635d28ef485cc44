#include "policy/break_glass.h"

#include <gtest/gtest.h>

#include "policy/company_testing.h"

namespace myelin::policy {
namespace {

// nullopt: it is allowed.
std::optional<Code> refused(std::optional<int> hours_max, const std::string& person, const std::string& application,
                            int hours) {
  auto model = company();
  model.policy.break_glass_hours_max = hours_max;
  const auto answer = may_break_glass(model, PrincipalName(person), ApplicationName(application), hours);
  return answer ? std::nullopt : std::optional(answer.error().code);
}

TEST(BreakGlass, IsForPeopleOfTheApplicationsSquad) {
  EXPECT_EQ(refused(4, "bert", "ledger", 1), std::nullopt);
  EXPECT_EQ(refused(4, "olga", "ledger", 1), Code::Denied) << "of another squad";
  EXPECT_EQ(refused(4, "petra", "ledger", 1), Code::Denied) << "of the platform group, which may grant it";
  EXPECT_EQ(refused(4, "ledger", "ledger", 1), Code::Denied) << "an application";
  EXPECT_EQ(refused(4, "nobody", "ledger", 1), Code::Denied);
  EXPECT_EQ(refused(4, "bert", "lodger", 1), Code::NotFound);
}

TEST(BreakGlass, LastsAsLongAsThePolicySays) {
  EXPECT_EQ(refused(std::nullopt, "bert", "ledger", 1), Code::Denied);
  EXPECT_EQ(refused(4, "bert", "ledger", 4), std::nullopt);
  EXPECT_EQ(refused(4, "bert", "ledger", 5), Code::Invalid);
  EXPECT_EQ(refused(4, "bert", "ledger", 0), Code::Invalid);
}

}  // namespace
}  // namespace myelin::policy
