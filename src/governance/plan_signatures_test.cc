#include "governance/plan_signatures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/tree.h"
#include "policy/company_testing.h"
#include "signature/signing_testing.h"

namespace myelin::governance {
namespace {

using signature::TestKey;
using testing::HasSubstr;

const TestKey kOlga('o');
const TestKey kPetra('p');
const TestKey kStranger('s');

document::Source refund_reader(const std::string& purpose) {
  return {"grants/g.yaml",
          policy::grant("g", "refund", "# " + purpose + "\nstatus: approved\nconsumer: {userId: bert}\n")};
}

std::string user(const std::string& name, const std::string& squad, const std::string& key) {
  return "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: " + name +
         "\n  annotations:\n    myelin.dev/signing-keys: |\n      " + key + " " + name + "@shop\nspec: {memberOf: [" +
         squad + "]}\n";
}

// People of the company with keys: of squad orders, of the platform group, and of squad billing.
std::vector<document::Source> people() {
  return {{"org/anna.yaml", user("anna", "orders", kOlga.line())},
          {"org/paul.yaml", user("paul", "ops", kPetra.line())},
          {"org/bill.yaml", user("bill", "billing", kStranger.line())}};
}

// A grant for a product of squad orders is to come.
class PlanSignatures : public testing::Test {
 protected:
  PlanSignatures()
      : model_(std::make_shared<const model::Model>(policy::company(people()))),
        snapshot_(policy::Snapshot::build(model_, {})) {}

  [[nodiscard]] plan::Plan plan_of(std::uint64_t base, const std::string& purpose,
                                   std::vector<document::Source> more = {}) const {
    auto sources = people();
    sources.push_back(refund_reader(purpose));
    for (auto& source : more) sources.push_back(std::move(source));
    const plan::Live nothing;
    return plan::made({.base = base,
                       .before = model_,
                       .after = std::make_shared<const model::Model>(policy::company(sources)),
                       .settings = {},
                       .live = nothing,
                       .applier = {{SquadName("billing")}, false, false}});
  }
  [[nodiscard]] std::string refusal_of(const std::vector<signature::SshSignature>& signatures,
                                       const plan::Plan& plan) const {
    const auto signers = signers_of(signatures, plan, *snapshot_);
    if (signers) return "none";
    EXPECT_EQ(signers.error().code, Code::Denied);
    return signers.error().message;
  }
  static signature::SshSignature over(const plan::Plan& plan, const TestKey& key) {
    return key.sign(plan::text_to_sign(plan.tree), "myelin-plan");
  }

  std::shared_ptr<const model::Model> model_;
  std::shared_ptr<const policy::Snapshot> snapshot_;
};

TEST_F(PlanSignatures, SpeakForTheSquadOfTheirKeysHolder) {
  const auto plan = plan_of(1, "first");
  const auto signers = signers_of({{over(plan, kOlga)}}, plan, *snapshot_).value();
  ASSERT_EQ(signers.size(), 1U);
  EXPECT_EQ(signers[0].principal, PrincipalName("anna"));
  EXPECT_EQ(signers[0].key, kOlga.fingerprint());
  EXPECT_EQ(signers[0].squads, std::vector{SquadName("orders")});
}

TEST_F(PlanSignatures, SpeakForEverybodyWhereTheHolderIsPlatform) {
  const auto plan = plan_of(1, "first");
  const auto signers = signers_of({{over(plan, kPetra)}}, plan, *snapshot_).value();
  ASSERT_EQ(signers.size(), 1U);
  EXPECT_EQ(signers[0].squads, std::vector{SquadName()});
}

TEST_F(PlanSignatures, CountAPersonOnce) {
  const auto plan = plan_of(1, "first");
  EXPECT_EQ(signers_of({{over(plan, kOlga), over(plan, kOlga)}}, plan, *snapshot_).value().size(), 1U);
}

TEST_F(PlanSignatures, AreGoodForOnePlanOnly) {
  const auto signature = over(plan_of(1, "first"), kOlga);
  for (const auto& other : {plan_of(1, "second"), plan_of(2, "first")}) {
    EXPECT_EQ(refusal_of({signature}, other), "the signature, by anna with key " + kOlga.fingerprint() +
                                                  ", is not over this plan, whose tree is " + other.tree +
                                                  ": sign what `myelin plan DIR --to-sign FILE` writes now");
  }
}

TEST_F(PlanSignatures, OfAnotherNamespaceAreRefused) {
  const auto plan = plan_of(1, "first");
  EXPECT_EQ(refusal_of({over(plan, kOlga), kOlga.sign(plan::text_to_sign(plan.tree), "git\n")}, plan),
            "signature 2 was made for \"git \", not for \"myelin-plan\": sign with ssh-keygen -Y sign -n myelin-plan");
}

TEST_F(PlanSignatures, OfAPersonWithoutASayAreRefused) {
  const auto plan = plan_of(1, "first");
  EXPECT_EQ(refusal_of({over(plan, kStranger)}, plan),
            "the signature is by bill, who has no say in what this plan changes");
}

// Nobody agrees to a plan by a key that the plan brings along.
TEST_F(PlanSignatures, OfAKeyThatIsNotInForceAreRefused) {
  const TestKey fresh('f');
  const auto plan = plan_of(1, "first", {{"org/otto.yaml", user("otto", "orders", fresh.line())}});
  EXPECT_THAT(refusal_of({over(plan, fresh)}, plan),
              HasSubstr("belongs to nobody in the model that is in force: the platform group registers it"));
}

TEST_F(PlanSignatures, AreNoneWhereNoneAreGiven) {
  EXPECT_TRUE(signers_of({}, plan_of(1, "first"), *snapshot_).value().empty());
}

}  // namespace
}  // namespace myelin::governance
