// Users, and who belongs where: as the export has it, wherever the documents say it.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "directory/entity.h"
#include "directory/rewriting.h"
#include "document/scalar.h"

namespace myelin::directory {
namespace {

using document::Document;
using document::Member;
using document::Node;
using document::scalar;
using Names = std::set<std::string>;

constexpr std::size_t kFileBytesMax = 512U << 10;  // a model's file has at most 1 MiB

class People {
 public:
  People(Rewriting& rewriting, bool remove_gone) : rewriting_(rewriting), remove_gone_(remove_gone) {}

  void all() {
    wish();
    for (const auto& [name, user] : rewriting_.folder.users) keep_member_of(name, user);
    for (const auto& [name, group] : rewriting_.folder.groups) keep_members(name, group);
    for (const auto& [name, user] : rewriting_.folder.users) add(name, user);
    for (const auto& [group, people] : new_members_) write_members(group, people);
    write_new();
    take_leave();
  }

 private:
  // Where everybody belongs afterwards. What the export does not know keeps its people, but who is active no more.
  void wish() {
    const auto& matching = rewriting_.matching;
    for (std::size_t i = 0; i < matching.name_of_team.size(); ++i) {
      for (const auto person : rewriting_.teams.teams[i].members) {
        wanted_[matching.user_of_person[person]].insert(matching.name_of_team[i]);
      }
    }
    Names known;  // Groups that go on, or are part of one that does
    for (const auto& name : matching.group_of_team) known.insert(name);
    for (const auto& one : matching.successions) {
      if (one.fate == Fate::Merged) known.insert(one.group);
    }
    for (const auto& [name, group] : rewriting_.folder.groups) {
      if (known.contains(name) || rewriting_.gone.contains(name)) continue;
      for (const auto& person : group.people) {
        if (!matching.inactive.contains(person)) wanted_[person].insert(name);
      }
    }
  }

  [[nodiscard]] bool is_wanted(const std::string& person, const std::string& group) const {
    const auto found = wanted_.find(person);
    return found != wanted_.end() && found->second.contains(group);
  }

  void keep_member_of(const std::string& name, const FolderUser& user) {
    const auto* spec = node_at(*user.document->root, {"spec"});
    const auto* list = spec == nullptr ? nullptr : member_at(*spec, "memberOf");
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
      const auto& text = list->value.items[i].text;
      const auto group = bare_name(text);
      const auto today = rewriting_.name_of(group);
      const bool stays = is_wanted(name, today) && has_[name].insert(today).second;
      if (!stays) {
        rewriting_.list(*user.document, *list).removed.insert(i);
      } else if (today != group) {
        rewriting_.list(*user.document, *list).replaced[i] = renamed(text, today);
      }
    }
  }

  void keep_members(const std::string& name, const FolderGroup& group) {
    const auto* spec = node_at(*group.document->root, {"spec"});
    const auto* list = spec == nullptr ? nullptr : member_at(*spec, "members");
    if (list == nullptr || rewriting_.is_removed(*group.document)) return;
    const auto today = rewriting_.name_of(name);
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
      const auto person = bare_name(list->value.items[i].text);
      if (is_wanted(person, today)) {
        has_[person].insert(today);
      } else {
        rewriting_.list(*group.document, *list).removed.insert(i);
      }
    }
  }

  // Where the User's own document says it, else where the Group's does.
  void add(const std::string& name, const FolderUser& user) {
    Names missing;
    for (const auto& group : wanted_[name]) {
      if (!has_[name].contains(group)) missing.insert(group);
    }
    const auto was = squads_of(name);
    const auto& is = wanted_.at(name);
    const bool is_inactive = rewriting_.matching.inactive.contains(name);
    if (is_inactive && !was.empty()) ++rewriting_.report.inactive;
    if (!is_inactive && was != is) ++rewriting_.report.moved;
    if (missing.empty()) return;
    const auto* spec = node_at(*user.document->root, {"spec"});
    const auto* list = spec == nullptr ? nullptr : member_at(*spec, "memberOf");
    if (list != nullptr) {
      auto& change = rewriting_.list(*user.document, *list);
      for (const auto& group : missing) change.added.push_back(scalar(group));
    } else if (spec != nullptr && !spec->members.empty()) {
      rewriting_.edits.insert(*user.document, *spec, {{"memberOf", listed(missing)}});
    } else {
      add_without_spec(name, user, missing);
    }
  }

  // A Group that is there may say it; of new ones the User does.
  void add_without_spec(const std::string& name, const FolderUser& user, const Names& missing) {
    Names of_new;
    for (const auto& group : missing) {
      if (document_of(group) != nullptr) {
        new_members_[group].insert(name);
      } else {
        of_new.insert(group);
      }
    }
    if (of_new.empty()) return;
    rewriting_.edits.insert(*user.document, *user.document->root,
                            {{"spec", fmt::format("{{memberOf: {}}}", listed(of_new))}});
  }

  // Of a Group that goes on, by its name afterwards.
  [[nodiscard]] const Document* document_of(const std::string& name) const {
    for (const auto& [old_name, group] : rewriting_.folder.groups) {
      if (rewriting_.name_of(old_name) == name && !rewriting_.is_removed(*group.document)) return group.document;
    }
    return nullptr;
  }

  [[nodiscard]] Names squads_of(const std::string& person) const {
    Names names;
    for (const auto& [name, group] : rewriting_.folder.groups) {
      if (group.people.contains(person)) names.insert(rewriting_.name_of(name));
    }
    return names;
  }

  [[nodiscard]] static std::string listed(const Names& names) {
    std::vector<std::string> scalars;
    for (const auto& name : names) scalars.push_back(scalar(name));
    return fmt::format("[{}]", fmt::join(scalars, ", "));
  }

  void write_members(const std::string& name, const Names& people) {
    const auto& document = *document_of(name);
    const auto& spec = *node_at(*document.root, {"spec"});
    if (const auto* list = member_at(spec, "members")) {
      auto& change = rewriting_.list(document, *list);
      for (const auto& person : people) change.added.push_back(scalar(person));
    } else {
      rewriting_.edits.insert(document, spec, {{"members", listed(people)}});
    }
  }

  void write_new() {
    const auto& matching = rewriting_.matching;
    for (std::size_t i = 0; i < rewriting_.teams.people.size(); ++i) {
      const auto& person = rewriting_.teams.people[i];
      const auto& name = matching.user_of_person[i];
      const auto known = rewriting_.folder.users.find(name);
      if (known != rewriting_.folder.users.end()) {
        if (!person.id.empty()) rewriting_.annotate(*known->second.document, "myelin.dev/directory-id", person.id);
        continue;
      }
      if (!person.is_active || wanted_[name].empty()) continue;
      auto text = fmt::format("apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: {}\n", scalar(name));
      if (!person.id.empty()) {
        text += fmt::format("  annotations:\n    myelin.dev/directory-id: {}\n", scalar(person.id));
      }
      text += fmt::format("spec:\n  memberOf: {}\n", listed(wanted_[name]));
      rewriting_.edits.add(file_of_people(text.size()), text);
      ++rewriting_.report.came;
    }
  }

  // The one that holds most Users already, while there is room in it.
  std::string file_of_people(std::size_t more) {
    if (!file_.empty() && (room_ >= more + 4)) {
      room_ -= more + 4;
      return file_;
    }
    std::map<std::string, std::pair<std::size_t, std::size_t>> files;  // Users in it, bytes
    Names taken;
    for (const auto& document : rewriting_.model.documents) taken.insert(document.source->file);
    for (const auto& [name, user] : rewriting_.folder.users) {
      auto& [count, bytes] = files[user.document->source->file];
      ++count;
      bytes = user.document->source->text.size();
    }
    const auto most = std::ranges::max_element(files, {}, [](const auto& one) { return one.second.first; });
    if (file_.empty() && most != files.end() && most->second.second + more < kFileBytesMax) {
      file_ = most->first;
      room_ = kFileBytesMax - most->second.second - more;
      return file_;
    }
    std::string file = "org/people.yaml";
    for (int count = 2; taken.contains(file) || files_.contains(file); ++count) {
      file = fmt::format("org/people-{}.yaml", count);
    }
    files_.insert(file);
    file_ = file;
    room_ = kFileBytesMax - more;
    return file_;
  }

  // Who is active no more is in no squad; the document stays while something names it.
  void take_leave() {
    if (!remove_gone_) return;
    const auto& model = rewriting_.model;
    for (const auto& name : rewriting_.matching.inactive) {
      const PrincipalName principal(name);
      const bool is_named =
          std::ranges::any_of(model.grants, [&](const model::Grant& grant) { return grant.user == principal; }) ||
          std::ranges::any_of(model.direct_grants,
                              [&](const model::DirectGrant& grant) { return grant.right.principal == principal; });
      if (!is_named) rewriting_.remove(*rewriting_.folder.users.at(name).document);
    }
  }

  Rewriting& rewriting_;
  bool remove_gone_;
  std::map<std::string, Names> wanted_;       // Groups, by User
  std::map<std::string, Names> has_;          // those that stay where they stand
  std::map<std::string, Names> new_members_;  // Users, by Group
  std::string file_;                          // of new Users
  std::size_t room_ = 0;
  Names files_;
};

}  // namespace

void write_people(Rewriting& rewriting, bool remove_gone) { People(rewriting, remove_gone).all(); }

}  // namespace myelin::directory
