#include "directory/import.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "directory/changed.h"
#include "directory/rewriting.h"
#include "model/load.h"
#include "model/ownership.h"

namespace myelin::directory {
namespace {

// Documents of one file stand beside each other.
std::vector<document::Source> sources_of(const model::Model& model) {
  std::vector<document::Source> sources;
  for (const auto& document : model.documents) {
    const bool is_same = !sources.empty() && sources.back().file == document.source->file;
    if (!is_same) sources.push_back(*document.source);
  }
  return sources;
}

// Squads whom nobody could speak for any more.
void tell_of_the_empty(const model::Model& before, const model::Model& after, Report& report) {
  const auto size_of = [](const model::Model& model, const SquadName& squad) {
    return std::ranges::count_if(model.users, [&](const auto& user) {
      return std::ranges::find(user.second.squads, squad) != user.second.squads.end();
    });
  };
  for (const auto& [name, squad] : after.squads) {
    const auto was = std::ranges::any_of(before.squads, [&](const auto& one) {
      return (one.first == name || model::present_squad(after, one.first) == name) && size_of(before, one.first) > 0;
    });
    if (!was || size_of(after, name) > 0) continue;
    const bool is_platform = after.policy.platform_group == name;
    report.told.push_back({.what = "note",
                           .text = fmt::format("squad {} has nobody left{}", name.text(),
                                               is_platform ? ", and it is the platform group" : "")});
  }
}

void sort(Report& report) {
  constexpr std::array<std::string_view, 6> kOrder{"rename", "merge", "split", "vanish", "new", "note"};
  std::vector<Told> sorted;
  for (const auto what : kOrder) {
    std::ranges::copy_if(report.told, std::back_inserter(sorted), [&](const Told& told) { return told.what == what; });
  }
  report.told = std::move(sorted);
}

}  // namespace

Imported imported(const model::Model& model, const Export& teams, const ImportOptions& options) {
  Imported made;
  Rewriting rewriting(model, teams, matched(folder_teams(model.documents), teams));
  made.problems = rewriting.matching.problems;
  if (!made.problems.empty()) return made;
  name_groups(rewriting);
  tell_successions(rewriting, options.remove_gone);
  point_at_successors(rewriting);
  join_profiles(rewriting);
  join_quotas(rewriting);
  write_new_groups(rewriting);
  write_people(rewriting, options.remove_gone);
  rewriting.finish();
  made.changes = rewriting.edits.made(made.problems);
  made.report = std::move(rewriting.report);
  if (made.problems.empty()) {
    auto after = model::load(changed(sources_of(model), made.changes));
    made.problems = std::move(after.problems);
    tell_of_the_empty(model, after.model, made.report);
  }
  sort(made.report);
  return made;
}

}  // namespace myelin::directory
