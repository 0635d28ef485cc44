#include "organisation/organisation.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "model/ownership.h"

namespace myelin::organisation {
namespace {

using model::InteractionMode;
using model::Model;

using Pair = std::pair<SquadName, SquadName>;
Pair pair_of(const SquadName& one, const SquadName& other) { return one < other ? Pair(one, other) : Pair(other, one); }

// All that one squad did at one end of a topic.
struct Side {
  std::optional<Amount> amount = Amount{};
  WallTime last_seen;

  void add(const Flow& flow) {
    last_seen = std::max(last_seen, flow.last_seen);
    if (!flow.amount) amount.reset();
    if (!amount) return;
    amount->count += flow.amount->count;
    amount->bytes += flow.amount->bytes;
  }
};
struct Sides {
  std::map<SquadName, Side> producers;
  std::map<SquadName, Side> consumers;
};

std::vector<DeclaredInteraction> declared_interactions(const Model& model, WallTime now) {
  std::vector<DeclaredInteraction> all;
  for (const auto& [squad, profile] : model.team_profiles) {
    for (const auto& one : profile.interactions) all.push_back({squad, one, one.has_ended(now)});
  }
  return all;
}

std::map<TopicName, Sides> sides_of(const Model& model, std::span<const Flow> flows, Organisation& answer) {
  std::map<TopicName, Sides> topics;
  std::set<PrincipalName> unattributed;
  for (const Flow& flow : flows) {
    const auto identity = model::identify(model, flow.principal);
    if (identity.squads.empty()) {
      unattributed.insert(flow.principal);
      continue;
    }
    auto& sides = topics[flow.topic];
    auto& squads = flow.direction == lineage::Direction::Write ? sides.producers : sides.consumers;
    squads[identity.squads.front()].add(flow);
  }
  answer.unattributed = unattributed.size();
  return topics;
}

std::vector<Edge> edges_of(const std::map<TopicName, Sides>& topics, const std::vector<DeclaredInteraction>& declared) {
  std::map<Pair, const DeclaredInteraction*> live;
  for (const auto& one : declared) {
    if (!one.has_ended) live.emplace(pair_of(one.squad, one.interaction.with), &one);
  }
  std::vector<Edge> edges;
  for (const auto& [topic, sides] : topics) {
    for (const auto& [producer, written] : sides.producers) {
      for (const auto& [consumer, served] : sides.consumers) {
        if (producer == consumer) continue;
        Edge edge{producer, topic, consumer, written.amount, served.amount, served.last_seen, {}};
        if (const auto found = live.find(pair_of(producer, consumer)); found != live.end()) {
          edge.declared = *found->second;
        }
        edges.push_back(std::move(edge));
      }
    }
  }
  std::ranges::sort(edges, {}, [](const Edge& edge) { return std::tie(edge.producer, edge.topic, edge.consumer); });
  return edges;
}

// Those whose end has passed, and those between whom nothing moves.
void compare(const std::vector<DeclaredInteraction>& declared, Organisation& answer) {
  std::map<Pair, WallTime> last_seen;
  for (const Edge& edge : answer.edges) {
    auto& last = last_seen[pair_of(edge.producer, edge.consumer)];
    last = std::max(last, edge.last_seen);
  }
  for (const auto& one : declared) {
    const auto seen = last_seen.find(pair_of(one.squad, one.interaction.with));
    const bool is_seen = seen != last_seen.end();
    if (one.has_ended && one.interaction.mode != InteractionMode::XAsAService) {
      Overdue overdue{one, Traffic::Never, {}};
      if (is_seen) {
        overdue.traffic = seen->second >= *one.interaction.until ? Traffic::Moves : Traffic::Stopped;
        overdue.last_seen = seen->second;
      }
      answer.overdue.push_back(std::move(overdue));
    } else if (!is_seen) {
      answer.unused.push_back(one);
    }
  }
}

}  // namespace

std::string_view name_of(Traffic traffic) {
  switch (traffic) {
    case Traffic::Moves:
      return "records still move";
    case Traffic::Stopped:
      return "records stopped before the end";
    case Traffic::Never:
      return "no traffic at all";
  }
  return "";
}

std::size_t Organisation::declared_edges() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(edges, [](const Edge& edge) { return edge.declared.has_value(); }));
}

Organisation organisation(const Model& model, std::span<const Flow> flows, WallTime now) {
  Organisation answer;
  const auto declared = declared_interactions(model, now);
  answer.edges = edges_of(sides_of(model, flows, answer), declared);
  compare(declared, answer);
  answer.loads = loads_of(model, flows);
  return answer;
}

Organisation only_of(Organisation all, const SquadName& squad) {
  const auto concerns = [&](const DeclaredInteraction& one) {
    return one.squad == squad || one.interaction.with == squad;
  };
  std::erase_if(all.edges, [&](const Edge& edge) { return edge.producer != squad && edge.consumer != squad; });
  std::erase_if(all.overdue, [&](const Overdue& one) { return !concerns(one.declared); });
  std::erase_if(all.unused, [&](const DeclaredInteraction& one) { return !concerns(one); });
  std::erase_if(all.loads, [&](const Load& load) { return load.squad != squad; });
  return all;
}

}  // namespace myelin::organisation
