// Documents of teams that no Group goes on as.
#include <fmt/core.h>

#include <algorithm>

#include "adopt/guess.h"
#include "directory/entity.h"
#include "directory/rewriting.h"
#include "document/scalar.h"

namespace myelin::directory {
namespace {

using document::scalar;

constexpr std::string_view kBackstage = "apiVersion: backstage.io/v1alpha1\n";

struct Domain {
  std::string name;      // empty: a Group above has one
  std::string evidence;  // why it is this one
};

class NewGroups {
 public:
  explicit NewGroups(Rewriting& rewriting) : rewriting_(rewriting) {}

  void all() {
    for (std::size_t i = 0; i < rewriting_.teams.teams.size(); ++i) {
      if (rewriting_.matching.group_of_team[i].empty()) write(i);
    }
  }

 private:
  // Whether the Group, or one above it, says its domain.
  [[nodiscard]] bool has_domain(std::size_t number) const {
    const auto& group = rewriting_.matching.group_of_team[number];
    if (!group.empty()) {
      const auto squad = rewriting_.model.squads.find(SquadName(group));
      const auto& root = *rewriting_.folder.groups.at(group).document->root;
      if (squad != rewriting_.model.squads.end()) return true;
      if (node_at(root, {"metadata", "annotations", "myelin.dev/domain"}) != nullptr) return true;
    }
    const auto& above = rewriting_.teams.teams[number].above;
    return above && has_domain(*above);
  }

  // That of most of its people until now; else the first there is.
  [[nodiscard]] Domain domain_of(std::size_t number) {
    const auto& team = rewriting_.teams.teams[number];
    if (team.above && has_domain(*team.above)) return {};
    std::map<std::string, std::size_t> counts;
    for (const auto person : team.members) {
      const auto user = rewriting_.model.users.find(PrincipalName(rewriting_.matching.user_of_person[person]));
      if (user == rewriting_.model.users.end() || user->second.squads.empty()) continue;
      ++counts[rewriting_.model.squads.at(user->second.squads.front()).domain.text()];
    }
    const auto most = std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
    if (most != counts.end()) {
      return {most->first,
              fmt::format("of its {} people {} came from squads of this domain", team.members.size(), most->second)};
    }
    if (rewriting_.model.domains.empty()) return {first_domain(), "an export knows no domains"};
    return {rewriting_.model.domains.begin()->first.text(), "nothing tells its domain; this is the first by name"};
  }

  std::string first_domain() {
    const std::string name = "company";
    if (is_founded_) return name;
    is_founded_ = true;
    rewriting_.edits.add(
        "org/" + name + ".yaml",
        fmt::format("{}kind: Domain\nmetadata:\n{}  name: {}\n", kBackstage,
                    adopt::mark(2, "an export knows no domains: every squad stands in this one"), name));
    return name;
  }

  void write(std::size_t number) {
    const auto& team = rewriting_.teams.teams[number];
    const auto& name = rewriting_.matching.name_of_team[number];
    auto text = fmt::format("{}kind: Group\nmetadata:\n  name: {}\n", kBackstage, scalar(name));
    if (!team.title.empty() && team.title != name) text += fmt::format("  title: {}\n", scalar(team.title));
    const auto domain = team.type == "team" ? domain_of(number) : Domain();
    if (!domain.name.empty() || !team.id.empty()) text += "  annotations:\n";
    if (!domain.name.empty()) {
      text += adopt::mark(4, domain.evidence) + fmt::format("    myelin.dev/domain: {}\n", scalar(domain.name));
    }
    if (!team.id.empty()) text += fmt::format("    myelin.dev/directory-id: {}\n", scalar(team.id));
    text += fmt::format("spec:\n  type: {}\n", scalar(team.type));
    if (team.above) text += fmt::format("  parent: {}\n", scalar(rewriting_.matching.name_of_team[*team.above]));
    text += "  children: []\n";
    rewriting_.edits.add(free_file(name), text);
    const auto is = team.type == "team" ? std::string("a squad") : "a group of type " + team.type;
    const auto where = domain.name.empty() ? std::string() : ", in domain " + domain.name;
    rewriting_.report.told.push_back({.what = "new", .text = fmt::format("{} is {}{}", name, is, where)});
  }

  std::string free_file(const std::string& name) {
    auto file = fmt::format("org/{}.yaml", name);
    const auto is_taken = [&](const std::string& wanted) {
      return !files_.insert(wanted).second ||
             std::ranges::any_of(rewriting_.model.documents,
                                 [&](const auto& document) { return document.source->file == wanted; });
    };
    for (int count = 2; is_taken(file); ++count) file = fmt::format("org/{}-{}.yaml", name, count);
    return file;
  }

  Rewriting& rewriting_;
  std::set<std::string> files_{"org/company.yaml"};
  bool is_founded_ = false;
};

}  // namespace

void write_new_groups(Rewriting& rewriting) { NewGroups(rewriting).all(); }

}  // namespace myelin::directory
