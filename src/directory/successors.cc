// Whatever names a squad that has another name, or is part of another, names that one afterwards.
#include <fmt/core.h>

#include <set>

#include "directory/entity.h"
#include "directory/rewriting.h"

namespace myelin::directory {
namespace {

using document::Document;

// One list, in which no name is to be there twice and none that is gone.
void point_items(Rewriting& rewriting, const Document& document, const document::Member& member) {
  const auto own = text_at(*document.root, {"kind"}) == "Group"
                       ? rewriting.name_of(text_at(*document.root, {"metadata", "name"}))
                       : std::string();
  std::set<std::string> seen;
  for (std::size_t i = 0; i < member.value.items.size(); ++i) {
    const auto& text = member.value.items[i].text;
    const auto name = bare_name(text);
    const auto today = rewriting.name_of(name);
    const bool goes = rewriting.gone.contains(name) || (today != name && today == own);
    const bool is_twice = !seen.insert(today).second;
    if (goes || is_twice) {
      rewriting.list(document, member).removed.insert(i);
    } else if (today != name) {
      rewriting.list(document, member).replaced[i] = renamed(text, today);
    }
  }
}

// The first Group above the one that went which is not the one that it is part of.
std::string above(const Rewriting& rewriting, std::string group, const std::string& own) {
  std::set<std::string> seen;
  while (!group.empty() && seen.insert(group).second) {
    const auto found = rewriting.folder.groups.find(group);
    if (found == rewriting.folder.groups.end()) break;
    group = found->second.parent;
    if (!group.empty() && rewriting.name_of(group) != own) return rewriting.name_of(group);
  }
  return {};
}

void point(Rewriting& rewriting, const Document& document, const SquadReference& reference) {
  const auto& value = *reference.value;
  const auto name = bare_name(value.text);
  auto today = rewriting.name_of(name);
  if (today == name || rewriting.is_set(value)) return;
  const bool is_group = text_at(*document.root, {"kind"}) == "Group";
  const auto own = is_group ? rewriting.name_of(text_at(*document.root, {"metadata", "name"})) : std::string();
  if (is_group && today == own) today = above(rewriting, name, own);
  if (today.empty()) {
    rewriting.report.told.push_back(
        {.what = "note", .text = fmt::format("{} would stand above itself; take its parent out", own)});
    return;
  }
  rewriting.set(document, value, renamed(value.text, today));
}

// An expression is for a person to change: a name in it may be any text.
void tell_of_expressions(Rewriting& rewriting) {
  for (const auto& rule : rewriting.model.policy.rules) {
    for (const auto& [name, today] : rewriting.names) {
      const bool names_it = rule.expression.find("'" + name + "'") != std::string::npos ||
                            rule.expression.find("\"" + name + "\"") != std::string::npos;
      if (!names_it) continue;
      rewriting.report.told.push_back(
          {.what = "note",
           .text = fmt::format("rule {} of the Policy says \"{}\", who is {} now: look at it ({})", rule.name, name,
                               today, rule.place.text())});
    }
  }
}

// Who owns a product and may read it are one squad now: the grant does no harm, and nothing any more.
void tell_of_grants(Rewriting& rewriting) {
  for (const auto& grant : rewriting.model.grants) {
    const auto product = rewriting.model.products.find(grant.product);
    if (!grant.squad || product == rewriting.model.products.end() || product->second.owner == *grant.squad) continue;
    const auto owner = rewriting.name_of(product->second.owner.text());
    if (owner != rewriting.name_of(grant.squad->text())) continue;
    rewriting.report.told.push_back(
        {.what = "note",
         .text = fmt::format("grant {} is of {} to itself now: it may go ({})", grant.id, owner, grant.place.text())});
  }
}

}  // namespace

void point_at_successors(Rewriting& rewriting) {
  for (const auto& document : rewriting.model.documents) {
    if (rewriting.is_removed(document)) continue;
    std::set<const document::Member*> lists;
    for (const auto& reference : squad_references(document)) {
      if (reference.list == nullptr) {
        point(rewriting, document, reference);
      } else if (lists.insert(reference.list).second) {
        point_items(rewriting, document, *reference.list);
      }
    }
  }
  tell_of_expressions(rewriting);
  tell_of_grants(rewriting);
}

}  // namespace myelin::directory
