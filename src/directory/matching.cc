#include "directory/matching.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "directory/gather.h"

namespace myelin::directory {
namespace {

using Names = std::set<std::string>;

std::size_t shared(const Names& one, const Names& other) {
  return static_cast<std::size_t>(
      std::ranges::count_if(one, [&](const std::string& name) { return other.contains(name); }));
}

class Matcher {
 public:
  Matcher(const FolderTeams& folder, const Export& teams) : folder_(folder), teams_(teams) {}

  Matching all() {
    users();
    people_of_team_.resize(teams_.teams.size());
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      for (const auto person : teams_.teams[i].members) people_of_team_[i].insert(made_.user_of_person[person]);
    }
    for (const auto& [name, group] : folder_.groups) people_of_group_[name] = still_there(group.people);
    made_.group_of_team.resize(teams_.teams.size());
    by_id();
    by_name();
    find_origins();
    for (const auto& [name, group] : folder_.groups) {
      if (!is_matched(name)) gone(name);
    }
    choose_bases();
    name_teams();
    same_names();
    renames();
    shrunken();
    std::ranges::sort(made_.successions, {}, &Succession::group);
    return std::move(made_);
  }

 private:
  // By id, else by name; who has neither is new.
  void users() {
    std::map<std::string, std::string> by_id;
    std::map<std::string, std::string> by_name;
    for (const auto& [name, user] : folder_.users) {
      if (!user.id.empty()) by_id.emplace(user.id, name);
      by_name.emplace(folded(name), name);
    }
    made_.user_of_person.resize(teams_.people.size());
    Names taken;
    for (std::size_t i = 0; i < teams_.people.size(); ++i) {
      const auto found = by_id.find(teams_.people[i].id);
      if (found != by_id.end()) taken.insert(made_.user_of_person[i] = found->second);
    }
    for (std::size_t i = 0; i < teams_.people.size(); ++i) {
      const auto& person = teams_.people[i];
      if (!made_.user_of_person[i].empty()) continue;
      const auto found = by_name.find(folded(person.name));
      const auto& name = found == by_name.end() ? person.name : found->second;
      made_.user_of_person[i] = name;
      if (taken.insert(name).second) continue;
      made_.problems.push_back({person.place, fmt::format("\"{}\" is a User already whom the export has under another "
                                                          "id; give one of them another name",
                                                          name)});
    }
    inactive(taken);
  }

  void inactive(const Names& known) {
    for (const auto& [name, user] : folder_.users) {
      if (!user.id.empty() && !known.contains(name)) made_.inactive.insert(name);
    }
    for (std::size_t i = 0; i < teams_.people.size(); ++i) {
      const auto& name = made_.user_of_person[i];
      if (!teams_.people[i].is_active && folder_.users.contains(name)) made_.inactive.insert(name);
    }
    for (const auto& name : made_.user_of_person) known_.insert(name);
  }

  // Of people whom the export has; where others went, nobody knows.
  Names still_there(const Names& people) const {
    Names there;
    for (const auto& name : people) {
      if (known_.contains(name) && !made_.inactive.contains(name)) there.insert(name);
    }
    return there;
  }

  [[nodiscard]] bool is_matched(const std::string& group) const { return team_of_group_.contains(group); }
  [[nodiscard]] bool is_new(std::size_t team) const { return made_.group_of_team[team].empty(); }
  void match(const std::string& group, std::size_t team, Because because) {
    made_.group_of_team[team] = group;
    team_of_group_[group] = team;
    because_[group] = because;
  }

  void by_id() {
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      if (teams_.teams[i].id.empty()) continue;
      for (const auto& [name, group] : folder_.groups) {
        if (group.id == teams_.teams[i].id) match(name, i, Because::Id);
      }
    }
  }

  void by_name() {
    std::map<std::string, std::string> names;
    for (const auto& [name, group] : folder_.groups) {
      if (!is_matched(name)) names.emplace(folded(name), name);
    }
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      const auto found = names.find(folded(teams_.teams[i].name));
      if (is_new(i) && found != names.end()) match(found->second, i, Because::Name);
    }
  }

  // People of a Group whom a team has and did not have before.
  [[nodiscard]] std::size_t moved(const std::string& group, std::size_t team) const {
    const auto& base = made_.group_of_team[team];
    Names came = people_of_team_[team];
    if (!base.empty()) {
      for (const auto& name : folder_.groups.at(base).people) came.erase(name);
    }
    return shared(people_of_group_.at(group), came);
  }

  // Of a new team more than half were in one Group, which they have left.
  void find_origins() {
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      if (!is_new(i)) continue;
      for (const auto& [name, people] : people_of_group_) {
        Names left = people;
        if (const auto goes_on = team_of_group_.find(name); goes_on != team_of_group_.end()) {
          for (const auto& person : people_of_team_[goes_on->second]) left.erase(person);
        }
        if (2 * shared(left, people_of_team_[i]) > people_of_team_[i].size()) children_[name].push_back(i);
      }
    }
  }

  [[nodiscard]] std::vector<Part> parts_of(const std::string& group) const {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      if (const auto people = moved(group, i); people > 0) parts.push_back({i, people});
    }
    // New teams first, then by name, as the export has them.
    std::ranges::sort(parts, [this](const Part& one, const Part& other) {
      if (one.people != other.people) return one.people > other.people;
      if (is_new(one.team) != is_new(other.team)) return is_new(one.team);
      return one.team < other.team;
    });
    return parts;
  }

  // A Group that is not in the export.
  void gone(const std::string& group) {
    Succession made{.fate = Fate::Vanished,
                    .group = group,
                    .parts = parts_of(group),
                    .people = folder_.groups.at(group).people.size()};
    const auto& children = children_[group];
    const auto child = std::ranges::find_if(
        made.parts, [&](const Part& part) { return std::ranges::find(children, part.team) != children.end(); });
    const bool has_majority = !made.parts.empty() && 2 * made.parts.front().people > made.people;
    if (children.size() > 1 || (children.size() == 1 && !has_majority)) {
      made.fate = Fate::Split;
      made.team = child->team;
    } else if (has_majority) {
      made.team = made.parts.front().team;
      made.fate = is_new(*made.team) ? Fate::Renamed : Fate::Merged;
    } else if (teams_.has_ids() && folder_.groups.at(group).id.empty()) {
      made_.left_alone.push_back(group);
      return;
    }
    made_.successions.push_back(std::move(made));
  }

  [[nodiscard]] static std::size_t people_in(const Succession& one) {
    const auto part = std::ranges::find(one.parts, *one.team, &Part::team);
    return part == one.parts.end() ? 0 : part->people;
  }

  // Of several that go on as one new team, the one with most people does; the others become part of it.
  void choose_bases() {
    std::map<std::size_t, Succession*> bases;
    for (auto& one : made_.successions) {
      if (!one.team || !is_new(*one.team)) continue;
      auto& base = bases[*one.team];
      if (base == nullptr || people_in(one) > people_in(*base)) base = &one;
    }
    for (auto& one : made_.successions) {
      if (one.team && is_new(*one.team) && bases.at(*one.team) != &one) one.fate = Fate::Merged;
    }
    for (const auto& [team, base] : bases) match(base->group, team, Because::People);
  }

  // What the folder calls a team that goes on stays, where the two names are one.
  void name_teams() {
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) {
      const auto& group = made_.group_of_team[i];
      const bool is_kept = !group.empty() && folded(group) == folded(teams_.teams[i].name);
      made_.name_of_team.push_back(is_kept ? group : teams_.teams[i].name);
    }
  }

  // A Group of the very name that another one gets becomes part of it.
  void same_names() {
    std::map<std::string, std::size_t> names;
    for (std::size_t i = 0; i < teams_.teams.size(); ++i) names.emplace(folded(made_.name_of_team[i]), i);
    for (const auto& [name, group] : folder_.groups) {
      const auto found = names.find(folded(name));
      if (is_matched(name) || found == names.end()) continue;
      std::erase(made_.left_alone, name);
      std::erase_if(made_.successions, [&](const Succession& one) { return one.group == name; });
      made_.successions.push_back({.fate = Fate::Merged,
                                   .group = name,
                                   .team = found->second,
                                   .because = Because::Name,
                                   .people = group.people.size()});
    }
  }

  void renames() {
    for (const auto& [group, team] : team_of_group_) {
      if (because_.at(group) != Because::Id || made_.name_of_team[team] == group) continue;
      made_.successions.push_back({.fate = Fate::Renamed,
                                   .group = group,
                                   .team = team,
                                   .because = Because::Id,
                                   .people = folder_.groups.at(group).people.size()});
    }
  }

  // A Group that goes on, and new teams of people who left it.
  void shrunken() {
    for (const auto& [group, team] : team_of_group_) {
      if (because_.at(group) == Because::People) continue;  // told with its split
      Succession made{.fate = Fate::Split,
                      .group = group,
                      .team = team,
                      .because = because_.at(group),
                      .people = folder_.groups.at(group).people.size()};
      for (const auto child : children_[group]) {
        if (is_new(child)) made.parts.push_back({child, shared(people_of_group_.at(group), people_of_team_[child])});
      }
      if (!made.parts.empty()) made_.successions.push_back(std::move(made));
    }
  }

  const FolderTeams& folder_;
  const Export& teams_;
  Matching made_;
  Names known_;  // whom the export has
  std::vector<Names> people_of_team_;
  std::map<std::string, Names> people_of_group_;
  std::map<std::string, std::size_t> team_of_group_;
  std::map<std::string, Because> because_;
  std::map<std::string, std::vector<std::size_t>> children_;
};

}  // namespace

Matching matched(const FolderTeams& folder, const Export& teams) { return Matcher(folder, teams).all(); }

}  // namespace myelin::directory
