// Groups that go on under a name, and those that become part of another.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "directory/entity.h"
#include "directory/rewriting.h"
#include "document/scalar.h"

namespace myelin::directory {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  constexpr std::string_view kSeparators = ", \t\r\n";
  std::vector<std::string> words;
  for (auto begin = text.find_first_not_of(kSeparators); begin != std::string::npos;) {
    const auto end = std::min(text.find_first_of(kSeparators, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSeparators, end);
  }
  return words;
}

class Naming {
 public:
  explicit Naming(Rewriting& rewriting) : rewriting_(rewriting) {
    for (const auto& [name, group] : rewriting.folder.groups) {
      if (rewriting.names.contains(name)) {
        former_[rewriting.names.at(name)].insert(name);
      } else {
        today_.insert(name);
      }
    }
    for (const auto& name : rewriting.matching.name_of_team) today_.insert(name);
  }

  void all() {
    const auto& matching = rewriting_.matching;
    for (std::size_t i = 0; i < matching.group_of_team.size(); ++i) {
      if (!matching.group_of_team[i].empty()) go_on(matching.group_of_team[i], i);
    }
    for (const auto& one : matching.successions) {
      if (one.fate == Fate::Merged) rewriting_.remove(*rewriting_.folder.groups.at(one.group).document);
    }
  }

 private:
  void go_on(const std::string& group, std::size_t number) {
    const auto& team = rewriting_.teams.teams[number];
    const auto& document = *rewriting_.folder.groups.at(group).document;
    const auto& name = rewriting_.matching.name_of_team[number];
    if (!team.id.empty()) rewriting_.annotate(document, "myelin.dev/directory-id", team.id);
    if (name != group) {
      rewriting_.report.deletes = true;
      rewriting_.set(document, *node_at(*document.root, {"metadata", "name"}), document::scalar(name));
      const auto* title = node_at(*document.root, {"metadata", "title"});
      if (title != nullptr && !team.title.empty()) rewriting_.set(document, *title, document::scalar(team.title));
    }
    if (former_.contains(name)) remember(document, name);
    stand_below(group, number);
  }

  // Names that it had, and those of what became part of it; a name that another Group has today is that one's.
  void remember(const document::Document& document, const std::string& name) {
    const auto* declared = node_at(*document.root, {"metadata", "annotations", "myelin.dev/formerly"});
    auto names = words_of(declared == nullptr ? "" : declared->text);
    for (const auto& former : former_.at(name)) {
      names.push_back(former);
      const auto& group = *rewriting_.folder.groups.at(former).document;
      if (&group == &document) continue;
      std::ranges::copy(words_of(text_at(*group.root, {"metadata", "annotations", "myelin.dev/formerly"})),
                        std::back_inserter(names));
    }
    std::vector<std::string> kept;
    for (const auto& former : names) {
      if (!today_.contains(former) && std::ranges::find(kept, former) == kept.end() && is_free(former, name)) {
        kept.push_back(former);
      }
    }
    if (!kept.empty()) {
      rewriting_.annotate(document, "myelin.dev/formerly", fmt::format("{}", fmt::join(kept, " ")));
    }
  }

  // Who had a name before may have given it to a third one since.
  [[nodiscard]] bool is_free(const std::string& former, const std::string& name) const {
    return std::ranges::all_of(rewriting_.model.squads, [&](const auto& entry) {
      const auto& names = entry.second.formerly;
      return std::ranges::find(names, SquadName(former)) == names.end() ||
             rewriting_.name_of(entry.first.text()) == name;
    });
  }

  void stand_below(const std::string& group, std::size_t number) {
    const auto& team = rewriting_.teams.teams[number];
    const auto& was = rewriting_.folder.groups.at(group);
    if (!team.above) return;
    const auto& above = rewriting_.matching.name_of_team[*team.above];
    if (!was.parent.empty() && rewriting_.name_of(was.parent) == above) return;
    const auto* spec = node_at(*was.document->root, {"spec"});
    if (const auto* parent = node_at(*was.document->root, {"spec", "parent"})) {
      rewriting_.set(*was.document, *parent, renamed(parent->text, above));
    } else if (spec != nullptr) {
      rewriting_.edits.insert(*was.document, *spec, {{"parent", document::scalar(above)}});
    }
    // What stood above it may have been what had its domain.
    const auto squad = rewriting_.model.squads.find(SquadName(group));
    const bool has_own = node_at(*was.document->root, {"metadata", "annotations", "myelin.dev/domain"}) != nullptr;
    if (squad == rewriting_.model.squads.end() || has_own || was.parent.empty()) return;
    rewriting_.annotate(*was.document, "myelin.dev/domain", squad->second.domain.text());
  }

  Rewriting& rewriting_;
  std::map<std::string, std::set<std::string>> former_;  // by the name of today
  std::set<std::string> today_;                          // names that a Group has afterwards
};

}  // namespace

void name_groups(Rewriting& rewriting) { Naming(rewriting).all(); }

}  // namespace myelin::directory
