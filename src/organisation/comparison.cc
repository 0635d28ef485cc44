#include "organisation/comparison.h"

#include <fmt/core.h>

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/one_line.h"
#include "organisation/organisation_text.h"

namespace myelin::organisation {
namespace {

using EdgeKey = std::tuple<SquadName, TopicName, SquadName>;
using Edges = std::map<EdgeKey, const Edge*>;

Edges by_key(const Organisation& organisation) {
  Edges edges;
  for (const Edge& edge : organisation.edges) edges.emplace(EdgeKey{edge.producer, edge.topic, edge.consumer}, &edge);
  return edges;
}

std::optional<EdgeChange> change_of(const Edge* was, const Edge* is) {
  if (was == nullptr) return EdgeChange{EdgeFate::Comes, *is};
  if (is == nullptr) return EdgeChange{EdgeFate::Goes, *was};
  if (was->declared.has_value() == is->declared.has_value()) return std::nullopt;
  return EdgeChange{is->declared ? EdgeFate::BecomesDeclared : EdgeFate::BecomesUndeclared, *is};
}

std::vector<EdgeChange> edge_changes(const Organisation& before, const Organisation& after) {
  const auto old_edges = by_key(before);
  const auto new_edges = by_key(after);
  std::set<EdgeKey> keys;
  for (const auto& [key, edge] : old_edges) keys.insert(key);
  for (const auto& [key, edge] : new_edges) keys.insert(key);
  const auto in = [](const Edges& edges, const EdgeKey& key) {
    const auto found = edges.find(key);
    return found == edges.end() ? nullptr : found->second;
  };
  std::vector<EdgeChange> changes;
  for (const auto& key : keys) {
    if (auto change = change_of(in(old_edges, key), in(new_edges, key))) changes.push_back(*std::move(change));
  }
  return changes;
}

std::vector<LoadChange> load_changes(const Organisation& before, const Organisation& after) {
  std::map<SquadName, LoadChange> squads;
  for (const Load& load : before.loads) squads[load.squad].before = load;
  for (const Load& load : after.loads) squads[load.squad].after = load;
  std::vector<LoadChange> changes;
  for (auto& [squad, change] : squads) {
    change.before.squad = squad;
    change.after.squad = squad;
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

std::string line_of(const EdgeChange& change) {
  const auto& declared = change.edge.declared;
  const auto mark = declared ? "declared: " + described(*declared) : std::string("undeclared");
  return in_one_line(fmt::format("  {}: {}; {}", name_of(change.fate), path_of(change.edge), mark)) + "\n";
}

std::string line_of(const LoadChange& change) {
  std::string text = fmt::format("  {}:", change.after.squad.text());
  std::string separator = " ";
  const auto add = [&](std::string_view name, const std::string& before, const std::string& after) {
    if (before == after) return;
    text += fmt::format("{}{} {} > {}", separator, name, before, after);
    separator = ", ";
  };
  const auto type_of = [](const Load& load) { return std::string(load.type ? model::name_of(*load.type) : "none"); };
  const auto members_of = [](const Load& load) {
    return load.headcount ? fmt::format("{}", *load.headcount) : std::string("none");
  };
  const auto failures_of = [](const Load& load) {
    std::string names;
    for (const auto failure : load.failures) names += (names.empty() ? "" : "+") + std::string(model::name_of(failure));
    return names.empty() ? std::string("none") : names;
  };
  add("type", type_of(change.before), type_of(change.after));
  add("members", members_of(change.before), members_of(change.after));
  for (const Figure& figure : figures()) {
    add(figure.name, figure_text(change.before, figure), figure_text(change.after, figure));
  }
  add("called for", failures_of(change.before), failures_of(change.after));
  return text + "\n";
}

}  // namespace

std::string_view name_of(EdgeFate fate) {
  switch (fate) {
    case EdgeFate::Comes:
      return "comes";
    case EdgeFate::Goes:
      return "goes";
    case EdgeFate::BecomesDeclared:
      return "becomes declared";
    case EdgeFate::BecomesUndeclared:
      return "becomes undeclared";
  }
  return "";
}

Comparison compared(Organisation before, Organisation after) {
  auto edges = edge_changes(before, after);
  auto loads = load_changes(before, after);
  return {std::move(before), std::move(after), std::move(edges), std::move(loads)};
}

std::string rendered(const Comparison& comparison) {
  const auto& [before, after, edges, loads] = comparison;
  std::string text = "edges\n";
  for (const EdgeChange& change : edges) text += line_of(change);
  if (edges.empty()) text += "  no edge changes\n";
  text += fmt::format("congruence\n  now: {}\n  then: {}\n", congruence_text(before), congruence_text(after));
  text += "load\n";
  for (const LoadChange& change : loads) text += line_of(change);
  if (loads.empty()) text += "  no load changes\n";
  if (before.overdue.size() != after.overdue.size()) {
    text += fmt::format("overdue interactions\n  {} > {}\n", before.overdue.size(), after.overdue.size());
  }
  if (before.unused.size() != after.unused.size()) {
    text += fmt::format("interactions without traffic\n  {} > {}\n", before.unused.size(), after.unused.size());
  }
  return text;
}

}  // namespace myelin::organisation
