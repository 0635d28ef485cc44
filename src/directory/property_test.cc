// Random companies, reorganised at random: whatever the export says, the folder stays a model in which everything that
// was owned is owned, and the same export changes nothing a second time.
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "directory/changed.h"
#include "directory/import.h"
#include "model/load.h"
#include "model/ownership.h"
#include "review/diff.h"

namespace myelin::directory {
namespace {

constexpr int kCompanies = 100;
const std::string kBackstage = "apiVersion: backstage.io/v1alpha1\n";
const std::string kBitol = "version: 1.0.0\nstatus: active\n";

struct Squad {
  std::string id;
  std::string name;
  std::vector<std::string> people;
};

class Company {
 public:
  explicit Company(unsigned seed) : random_(seed) {
    const auto squads = 2 + number(5);
    for (int i = 0; i < squads; ++i) {
      Squad squad{fmt::format("g{}", i), fmt::format("squad-{}", i), {}};
      for (int p = number(6); p >= 0; --p) squad.people.push_back(hired());
      squads_.push_back(std::move(squad));
    }
    has_ids_ = number(3) > 0;
  }

  std::vector<document::Source> folder() {
    std::string org = kBackstage + "kind: Domain\nmetadata: {name: shop}\n";
    std::string profiles;
    std::string quotas;
    std::vector<document::Source> files;
    for (const auto& squad : squads_) {
      org += "---\n" + group(squad);
      for (const auto& person : squad.people) org += "---\n" + user(person, squad);
      add_things(squad, files);
      if (number(2) == 0) profiles += (profiles.empty() ? "" : "---\n") + profile(squad);
      if (number(2) == 0) quotas += fmt::format("      - {{squad: {}, partitions_max: 5}}\n", squad.name);
    }
    files.push_back({"org/all.yaml", org});
    if (!profiles.empty()) files.push_back({"myelin/teams.yaml", profiles});
    files.push_back({"myelin/policy.yaml",
                     fmt::format("apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {{name: shop}}\nspec:\n"
                                 "  platform_group: {}\n{}",
                                 squads_.front().name, quotas.empty() ? "" : "  quotas:\n    squads:\n" + quotas)});
    return files;
  }

  void reorganise() {
    for (int steps = 1 + number(3); steps > 0; --steps) {
      auto& squad = squads_[at(squads_)];
      switch (number(6)) {
        case 0:
          squad.name = fmt::format("renamed-{}", ++renamed_);
          break;
        case 1:
          merge(squad);
          break;
        case 2:
          split(squad);
          break;
        case 3:
          if (squads_.size() > 1) squads_.erase(squads_.begin() + (&squad - squads_.data()));
          break;
        case 4:
          squad.people.push_back(hired());
          break;
        default:
          if (squad.people.size() > 1) squad.people.pop_back();
      }
    }
  }

  [[nodiscard]] Export exported() const {
    Export made;
    std::map<std::string, std::size_t> people;
    for (const auto& name : hired_) {
      people.emplace(name, made.people.size());
      made.people.push_back({has_ids_ ? "u-" + name : "", name, "", true, {}});
    }
    auto squads = squads_;
    std::ranges::sort(squads, {}, &Squad::name);
    for (const auto& squad : squads) {
      Team team{.id = has_ids_ ? squad.id : "", .name = squad.name, .title = squad.name, .place = {}};
      for (const auto& person : squad.people) team.members.insert(people.at(person));
      made.teams.push_back(std::move(team));
    }
    return made;
  }

 private:
  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::size_t at(const auto& all) { return static_cast<std::size_t>(number(static_cast<int>(all.size()))); }
  std::string hired() { return hired_.emplace_back(fmt::format("person{}", hired_.size())); }

  std::string group(const Squad& squad) {
    const auto id = number(3) == 0 ? "" : fmt::format(", myelin.dev/directory-id: {}", squad.id);
    if (number(2) == 0) {
      return fmt::format(
          "{}kind: Group\nmetadata: {{name: {}, annotations: {{myelin.dev/domain: shop{}}}}}\n"
          "spec: {{type: team, members: [{}]}}\n",
          kBackstage, squad.name, has_ids_ ? id : "", fmt::join(squad.people, ", "));
    }
    return fmt::format(
        "{}kind: Group\nmetadata:\n  name: {}\n  annotations:\n    myelin.dev/domain: shop\n"
        "spec:\n  type: team\n  children: []\n",
        kBackstage, squad.name);
  }

  std::string user(const std::string& person, const Squad& squad) {
    const auto text = fmt::format("{}kind: User\nmetadata: {{name: {}}}\n", kBackstage, person);
    switch (number(3)) {
      case 0:
        return text + fmt::format("spec: {{memberOf: [{}]}}\n", squad.name);
      case 1:
        return text + fmt::format("spec:\n  memberOf:\n    - group:default/{}\n", squad.name);
      default:
        return text;
    }
  }

  // An application, and sometimes a product that another squad reads.
  void add_things(const Squad& squad, std::vector<document::Source>& files) {
    const auto& name = squad.name;
    files.push_back(
        {fmt::format("org/app-{}.yaml", name),
         fmt::format("{}kind: Component\nmetadata: {{name: app-{}}}\nspec: {{owner: {}}}\n", kBackstage, name, name)});
    if (number(2) == 0) return;
    files.push_back({fmt::format("contracts/{}.odcs.yaml", name),
                     fmt::format("apiVersion: v3.1.0\nkind: DataContract\nid: {0}\n{1}team: {{name: {0}}}\nschema:\n"
                                 "  - {{name: x, physicalName: t.{0}, physicalType: topic}}\n",
                                 name, kBitol)});
    files.push_back(
        {fmt::format("products/{}.odps.yaml", name),
         fmt::format("apiVersion: v1.0.0\nkind: DataProduct\nid: {0}\n{1}team: {{name: {0}}}\noutputPorts:\n"
                     "  - {{name: x, version: 1.0.0, contractId: {0}}}\n",
                     name, kBitol)});
    files.push_back({fmt::format("grants/{}.yaml", name),
                     fmt::format("apiVersion: v0.9.0\nkind: AccessAgreement\nid: {0}\nstatus: approved\n"
                                 "description: {{purpose: Read.}}\n"
                                 "provider: {{teamId: {0}, dataProductId: {0}, outputPortId: x}}\n"
                                 "consumer: {{teamId: {1}}}\n",
                                 name, squads_[at(squads_)].name)});
  }

  std::string profile(const Squad& squad) {
    std::string with;
    for (const auto& other : squads_) {
      if (other.name == squad.name || number(2) == 0) continue;
      with += fmt::format("    - {{with: {}, mode: x-as-a-service, purpose: Things.}}\n", other.name);
    }
    return fmt::format(
        "apiVersion: myelin.dev/v1alpha1\nkind: TeamProfile\nmetadata: {{name: {0}}}\nspec:\n"
        "  squad: {0}\n  type: stream-aligned\n{1}",
        squad.name, with.empty() ? "" : "  interactions:\n" + with);
  }

  void merge(Squad& squad) {
    if (squads_.size() < 2) return;
    auto& other = squads_[at(squads_)];
    if (&other == &squad) return;
    other.people.insert(other.people.end(), squad.people.begin(), squad.people.end());
    squads_.erase(squads_.begin() + (&squad - squads_.data()));
  }

  void split(Squad& squad) {
    if (squad.people.size() < 2) return;
    const auto half = static_cast<std::ptrdiff_t>(squad.people.size() / 2);
    ++renamed_;
    Squad part{fmt::format("n{}", renamed_),
               fmt::format("part-{}", renamed_),
               {squad.people.begin(), squad.people.begin() + half}};
    squad.people.erase(squad.people.begin(), squad.people.begin() + half);
    if (number(2) == 0) {
      ++renamed_;
      squad.id = fmt::format("n{}", renamed_);
      squad.name = fmt::format("part-{}", renamed_);
    }
    squads_.push_back(std::move(part));
  }

  std::mt19937 random_;
  bool has_ids_ = true;
  int renamed_ = 0;
  std::vector<std::string> hired_;
  std::vector<Squad> squads_;
};

// What is owned, without by whom: an import moves it, and loses nothing.
std::set<std::string> owned_things(const model::Model& model) {
  std::set<std::string> things;
  for (const auto& [name, application] : model.applications) {
    if (!application.squad.empty()) things.insert("application " + name.text());
  }
  for (const auto& [id, contract] : model.contracts) {
    if (!model::contract_owner(model, contract).empty()) things.insert("contract " + id);
  }
  for (const auto& [name, product] : model.products) {
    if (!product.owner.empty()) things.insert("product " + name.text());
  }
  for (const auto& grant : model.grants) things.insert("grant " + grant.id);
  if (model.policy.platform_group) things.insert("platform group");
  return things;
}

// Every squad of before is found by the name that it had.
void expect_found(const model::Model& before, const model::Model& is) {
  for (const auto& [name, squad] : before.squads) {
    EXPECT_TRUE(is.squads.contains(model::present_squad(is, name))) << name.text();
  }
}

TEST(Imports, LoseNothingThatSomebodyOwnsAndChangeNothingTwice) {
  for (unsigned seed = 0; seed < kCompanies; ++seed) {
    SCOPED_TRACE(seed);
    Company company(seed);
    auto folder = company.folder();
    for (int round = 0; round < 3; ++round) {
      const auto before = model::load(folder);
      ASSERT_EQ(document::listed(before.problems), "");
      if (round > 0) company.reorganise();
      const auto teams = company.exported();
      const auto made = imported(before.model, teams, {});
      ASSERT_EQ(document::listed(made.problems), "") << rendered(made) << review::patch(made.changes);
      folder = changed(std::move(folder), made.changes);
      const auto is = model::load(folder);
      ASSERT_EQ(document::listed(is.problems), "") << rendered(made) << review::patch(made.changes);
      EXPECT_EQ(owned_things(is.model), owned_things(before.model)) << rendered(made);
      expect_found(before.model, is.model);
      const auto again = imported(is.model, teams, {});
      ASSERT_EQ(document::listed(again.problems), "");
      ASSERT_TRUE(again.changes.empty()) << rendered(made) << review::patch(made.changes) << "again:\n"
                                         << rendered(again) << review::patch(again.changes);
    }
  }
}

// Who belongs where is what the export says, for every team of it.
TEST(Imports, PutEverybodyWhereTheExportHasThem) {
  for (unsigned seed = 0; seed < kCompanies; ++seed) {
    SCOPED_TRACE(seed);
    Company company(seed);
    const auto folder = company.folder();
    company.reorganise();
    const auto teams = company.exported();
    const auto made = imported(model::load(folder).model, teams, {});
    const auto is = model::load(changed(folder, made.changes));
    for (const auto& team : teams.teams) {
      std::set<std::string> wanted;
      for (const auto person : team.members) wanted.insert(teams.people[person].name);
      std::set<std::string> found;
      for (const auto& [name, user] : is.model.users) {
        if (std::ranges::find(user.squads, SquadName(team.name)) != user.squads.end()) found.insert(name.text());
      }
      EXPECT_EQ(found, wanted) << team.name << "\n" << rendered(made) << review::patch(made.changes);
    }
  }
}

}  // namespace
}  // namespace myelin::directory
