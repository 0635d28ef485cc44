#include "model/accountability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "model/load.h"
#include "model/who.h"

namespace myelin::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Squad stores owns product sales; central builds and runs for others; ops is the platform group.
const std::string kOrg = R"(apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: retail}
spec: {owner: heads}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: stores, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: heads, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: central, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: stewards, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, annotations: {myelin.dev/domain: retail}}
spec: {type: team}
)";
const std::string kPolicy = R"(apiVersion: myelin.dev/v1alpha1
kind: Policy
metadata: {name: company}
spec: {platform_group: ops}
)";
const std::string kGroups = R"(apiVersion: myelin.dev/v1alpha1
kind: AccountabilityModel
metadata: {name: company}
spec: {central: central, governance: stewards}
)";

Loaded loaded(const std::string& accountability, const std::string& policy = kPolicy) {
  std::vector<document::Source> sources{{"org/company.yaml", kOrg}};
  if (!policy.empty()) sources.push_back({"myelin/policy.yaml", policy});
  if (!accountability.empty()) sources.push_back({"myelin/accountability.yaml", accountability});
  return load(std::move(sources));
}

std::string called(const Model& model, std::optional<std::string> mode, Failure failure) {
  const auto one = accountable(model, {SquadName("stores"), std::move(mode)}, failure);
  return one ? one->squad.text() : "nobody";
}

TEST(OnDuty, BuilderAndRunnerGoByTheModeAndTheOwnerApproves) {
  const auto model = loaded(kGroups).model;
  const auto squads = [&](std::optional<std::string> mode) {
    std::string text;
    for (const auto duty : kDuties) {
      const auto squad = on_duty(model, {SquadName("stores"), mode}, duty);
      text += std::string(name_of(duty)) + " " + (squad ? squad->text() : "nobody") + " ";
    }
    return text;
  };
  EXPECT_EQ(squads(std::nullopt), "build stores run stores approve stores ");
  EXPECT_EQ(squads("growth"), "build stores run stores approve stores ");
  EXPECT_EQ(squads("optimise"), "build stores run central approve stores ");
  EXPECT_EQ(squads("sustain"), "build central run central approve stores ");
  EXPECT_EQ(squads("consumption"), "build stores run stores approve stores ");
}

TEST(Accountability, OfAModeSaysWhoBuildsAndWhoRuns) {
  const auto model = loaded(kGroups).model;
  // Wrong data is the builder's, a reader that falls behind the runner's.
  EXPECT_EQ(called(model, "growth", Failure::Data), "stores");
  EXPECT_EQ(called(model, "growth", Failure::Lag), "stores");
  EXPECT_EQ(called(model, "optimise", Failure::Data), "stores");
  EXPECT_EQ(called(model, "optimise", Failure::Lag), "central");
  EXPECT_EQ(called(model, "sustain", Failure::Data), "central");
  EXPECT_EQ(called(model, "sustain", Failure::Lag), "central");
  EXPECT_EQ(called(model, "consumption", Failure::Data), "stores");
  EXPECT_EQ(called(model, "consumption", Failure::Lag), "stores");
}

TEST(Accountability, WithoutAModeIsAsGrowth) {
  const auto model = loaded(kGroups).model;
  EXPECT_EQ(called(model, std::nullopt, Failure::Data), "stores");
  const auto one = accountable(model, {SquadName("stores"), std::nullopt}, Failure::Data);
  EXPECT_THAT(one->why, HasSubstr("as growth"));
}

TEST(Accountability, OfAccessAndCostIsTheOwnersWhateverTheMode) {
  const auto model = loaded(kGroups).model;
  for (const char* mode : {"growth", "optimise", "sustain", "consumption"}) {
    EXPECT_EQ(called(model, mode, Failure::Access), "stores");
    EXPECT_EQ(called(model, mode, Failure::Cost), "stores");
    EXPECT_EQ(called(model, mode, Failure::Security), "stewards");
    EXPECT_EQ(called(model, mode, Failure::Platform), "ops");
  }
}

TEST(Accountability, GroupsThatAreNotNamedAreThePlatformGroup) {
  const auto model = loaded("").model;
  EXPECT_EQ(called(model, "sustain", Failure::Data), "ops");
  EXPECT_EQ(called(model, "growth", Failure::Security), "ops");
}

TEST(Accountability, OfWhatNobodyOwnsIsThePlatformGroups) {
  const auto model = loaded(kGroups).model;
  for (const auto failure : {Failure::Schema, Failure::Data, Failure::Lag, Failure::Access}) {
    const auto one = accountable(model, {SquadName(), std::nullopt}, failure);
    EXPECT_EQ(one->squad.text(), "ops");
    EXPECT_THAT(one->why, HasSubstr("nobody owns it"));
  }
}

TEST(Accountability, EscalatesToTheOwnerTheDomainSteeringAndThePlatformGroup) {
  const auto model = loaded(R"(apiVersion: myelin.dev/v1alpha1
kind: AccountabilityModel
metadata: {name: company}
spec: {central: central, steering: stewards}
)")
                         .model;
  const auto one = accountable(model, {SquadName("stores"), "sustain"}, Failure::Data);
  EXPECT_EQ(one->squad.text(), "central");
  EXPECT_THAT(one->escalation,
              ElementsAre(SquadName("stores"), SquadName("heads"), SquadName("stewards"), SquadName("ops")));
}

TEST(Accountability, WithoutAPlatformGroupHasAHoleThatIsTold) {
  EXPECT_EQ(called(loaded("", "").model, "growth", Failure::Platform), "nobody");
  const auto declared = loaded(kGroups, "");
  EXPECT_THAT(document::listed(declared.problems), HasSubstr("myelin/accountability.yaml:3:18: no Policy names a "
                                                             "platform_group"));
}

TEST(Accountability, HasTwentyTwoByDefaultAndEachClassOfFailureBelongsToOne) {
  EXPECT_EQ(default_accountabilities().size(), 22U);
  std::multiset<Failure> taken;
  for (const auto& one : default_accountabilities()) taken.insert(one.failures.begin(), one.failures.end());
  EXPECT_THAT(taken, testing::ElementsAreArray(kFailures));
}

TEST(Accountability, OfACatalogueOfOnesOwnMustHaveNoHoleAndNoDouble) {
  const auto problems = document::listed(loaded(R"(apiVersion: myelin.dev/v1alpha1
kind: AccountabilityModel
metadata: {name: company}
spec:
  central: centrall
  accountabilities:
    - {name: contracts, stream: governance, holder: builder, failures: [schema, data]}
    - {name: running, stream: engineering, holder: runner, failures: [lag, freshness, data]}
    - {name: platform, stream: engineering, holder: platform, failures: [platform, access, cost]}
    - {name: running, stream: engineering, holder: runnr, failures: [secrecy]}
)")
                                             .problems);
  EXPECT_EQ(
      problems,
      "myelin/accountability.yaml:3:18: nobody is accountable for failures of class security; expected one "
      "accountability that takes them\n"
      "myelin/accountability.yaml:5:12: Group \"centrall\" is not declared; did you mean \"central\"?\n"
      "myelin/accountability.yaml:8:87: two are accountable for failures of class data: \"running\" here, "
      "\"contracts\" at myelin/accountability.yaml:7:81; expected one\n"
      "myelin/accountability.yaml:10:14: accountability \"running\" is declared twice; the first stands at "
      "myelin/accountability.yaml:8:14\n"
      "myelin/accountability.yaml:10:52: spec.accountabilities[3].holder \"runnr\" is unknown; use owner, builder, "
      "runner, platform, governance, facilitation or steering; did you mean "
      "\"runner\"?\n"
      "myelin/accountability.yaml:10:70: failure \"secrecy\" is unknown; use schema, data, freshness, lag, "
      "access, security, cost or platform\n");
}

// Total: whatever the organisation, every class of failure of everything in it calls exactly one squad that exists, and
// nobody twice.
TEST(Accountability, IsTotalForRandomOrganisations) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 chance(seed);
    const auto some = [&](int count) { return std::uniform_int_distribution<int>(0, count - 1)(chance); };
    const int squads = 1 + some(8);
    std::string org = "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: d}\n";
    if (some(2) == 0) org += fmt::format("spec: {{owner: s{}}}\n", some(squads));
    for (int i = 0; i < squads; ++i) {
      org += fmt::format(
          "---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: s{}, annotations: "
          "{{myelin.dev/domain: "
          "d}}}}\nspec: {{type: team}}\n",
          i);
    }
    std::string groups = "apiVersion: myelin.dev/v1alpha1\nkind: AccountabilityModel\nmetadata: {name: a}\nspec:\n";
    for (const char* group : {"central", "governance", "facilitation", "steering"}) {
      if (some(2) == 0) groups += fmt::format("  {}: s{}\n", group, some(squads));
    }
    groups += "  accountabilities:\n";
    for (const auto failure : kFailures) {
      groups += fmt::format("    - {{name: a-{}, stream: {}, holder: {}, failures: [{}]}}\n", name_of(failure),
                            name_of(kStreams[some(kStreams.size())]), name_of(kHolders[some(kHolders.size())]),
                            name_of(failure));
    }
    const auto policy = fmt::format(
        "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {{name: p}}\nspec: {{platform_group: s{}}}\n",
        some(squads));
    const auto loaded = load({{"org/o.yaml", org}, {"myelin/a.yaml", groups}, {"myelin/p.yaml", policy}});
    ASSERT_THAT(loaded.problems, IsEmpty()) << document::listed(loaded.problems);
    for (const char* mode : {"", "growth", "optimise", "sustain", "consumption"}) {
      for (int owner = -1; owner < squads; ++owner) {
        const Concern concern{owner < 0 ? SquadName() : SquadName(fmt::format("s{}", owner)),
                              *mode == 0 ? std::nullopt : std::optional<std::string>(mode)};
        for (const auto failure : kFailures) {
          const auto one = accountable(loaded.model, concern, failure);
          ASSERT_TRUE(one.has_value()) << seed;
          ASSERT_TRUE(loaded.model.squads.contains(one->squad)) << seed;
          std::set<SquadName> called{one->squad};
          for (const auto& next : one->escalation) ASSERT_TRUE(called.insert(next).second) << seed;
        }
      }
    }
  }
}

}  // namespace
}  // namespace myelin::model
