// What became of Groups that the export calls otherwise or has no more, in words, with what nobody answers for.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "adopt/guess.h"
#include "directory/entity.h"
#include "directory/rewriting.h"

namespace myelin::directory {
namespace {

constexpr std::string_view kGone = "# guess, correct me: in no group of the export";

class Successions {
 public:
  Successions(Rewriting& rewriting, bool remove_gone) : rewriting_(rewriting), remove_gone_(remove_gone) {}

  void all() {
    for (const auto fate : {Fate::Renamed, Fate::Merged, Fate::Split, Fate::Vanished}) {
      for (const auto& one : rewriting_.matching.successions) {
        if (one.fate == fate) tell(one);
      }
    }
    if (rewriting_.matching.left_alone.empty()) return;
    add({.what = "note",
         .text = fmt::format("{}: never imported and not in the export; left alone",
                             fmt::join(rewriting_.matching.left_alone, ", "))});
  }

 private:
  void add(Told told) { rewriting_.report.told.push_back(std::move(told)); }
  [[nodiscard]] const std::string& team(std::size_t number) const { return rewriting_.matching.name_of_team[number]; }
  [[nodiscard]] std::vector<Owned> owned(const std::string& group) const {
    return owned_by(rewriting_.model, rewriting_.folder, group);
  }

  void tell(const Succession& one) {
    if (one.fate == Fate::Renamed) return rename(one);
    if (one.fate == Fate::Merged) return merge(one);
    if (one.fate == Fate::Split) return split(one);
    vanish(one);
  }

  [[nodiscard]] static std::string of_people(std::size_t part, std::size_t whole) {
    return fmt::format("{} of {} {}", part, whole, whole == 1 ? "person" : "people");
  }
  // "5 of 6 people are there, 1 of 6 people in returns"
  [[nodiscard]] std::string where(const Succession& one) const {
    std::string text;
    for (const auto& part : one.parts) {
      const std::string there = part.people == 1 ? "is there" : "are there";
      const auto place = part.team == one.team ? there : "in " + team(part.team);
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", of_people(part.people, one.people), place);
    }
    return text;
  }
  [[nodiscard]] std::string why(const Succession& one) const {
    if (one.because == Because::Id) return "by its id";
    return one.because == Because::Name ? "by its name" : where(one);
  }

  // Above the Group that goes on, where a person looks.
  void mark(const Succession& one, const std::string& evidence) {
    if (one.because == Because::Id || !one.team) return;
    const auto& base = rewriting_.matching.group_of_team[*one.team];
    comment(rewriting_.folder.groups.at(base), adopt::mark(0, evidence));
  }
  void comment(const FolderGroup& group, std::string text) {
    text.pop_back();  // the end of the line
    const auto* name = node_at(*group.document->root, {"metadata", "name"});
    rewriting_.edits.comment(*group.document, *name, kGone, text);
  }

  void rename(const Succession& one) {
    add({.what = "rename", .text = fmt::format("{} is {} now: {}", one.group, team(*one.team), why(one))});
    mark(one, fmt::format("it was {}: {}", one.group, why(one)));
  }

  void merge(const Succession& one) {
    Told told{.what = "merge", .text = fmt::format("{} is part of {} now: {}", one.group, team(*one.team), why(one))};
    if (auto things = owned(one.group); !things.empty()) {
      told.about = fmt::format("{}'s now:", team(*one.team));
      told.stranded = std::move(things);
    }
    add(std::move(told));
    mark(one, fmt::format("{} is part of it: {}", one.group, why(one)));
    if (rewriting_.model.policy.platform_group != SquadName(one.group)) return;
    add({.what = "note",
         .text = fmt::format("{} would be the platform group, and whoever is in it may do everything: see that it is "
                             "meant to, or name another one in the Policy",
                             team(*one.team))});
  }

  void split(const Succession& one) {
    const auto& successor = team(*one.team);
    const bool is_kept = one.because != Because::People;
    Told told{.what = "split",
              .text = is_kept ? fmt::format("people of {} left it: {}", one.group, where(one))
                              : fmt::format("{} is {} now, with the most of its people: {}", one.group, successor,
                                            where(one))};
    if (auto things = owned(one.group); !things.empty()) {
      told.about = fmt::format("undecided, and {}'s until you say otherwise:", successor);
      told.stranded = std::move(things);
      told.next = "give what is another squad's to it: its team or owner, both squads agree by `myelin propose`";
    }
    add(std::move(told));
    const auto evidence = is_kept ? fmt::format("what it owns stayed with it when people left: {}", where(one))
                                  : fmt::format("it has what was {}'s, which was split: {}", one.group, where(one));
    comment(rewriting_.folder.groups.at(rewriting_.matching.group_of_team[*one.team]), adopt::mark(0, evidence));
  }

  void vanish(const Succession& one) {
    const auto& group = rewriting_.folder.groups.at(one.group);
    auto things = owned(one.group);
    Told told{.what = "vanish", .text = one.group + " is in no group of the export"};
    if (!one.parts.empty()) told.text += ": " + where(one);
    if (things.empty() && remove_gone_) {
      told.text += "; it owns nothing and goes";
      rewriting_.gone.insert(one.group);
      rewriting_.remove(*group.document);
    } else if (things.empty()) {
      told.text += "; it owns nothing, and stays until you say --remove-gone";
    } else {
      told.text += "; it stays, since it owns what is listed here";
      told.about = "nobody answers for these, should its people be elsewhere:";
      told.stranded = std::move(things);
      told.next = "give each to another squad, then import again with --remove-gone";
      comment(group,
              adopt::mark(0, "in no group of the export any more, and it owns things: give them to another squad"));
    }
    add(std::move(told));
  }

  Rewriting& rewriting_;
  bool remove_gone_;
};

}  // namespace

void tell_successions(Rewriting& rewriting, bool remove_gone) { Successions(rewriting, remove_gone).all(); }

}  // namespace myelin::directory
