#include "organisation/load.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "model/ownership.h"

namespace myelin::organisation {
namespace {

using model::Model;

constexpr std::array<Figure, 5> kFigures{{{"products", &Load::products, false},
                                          {"contracts", &Load::contracts, false},
                                          {"topics", &Load::topics, false},
                                          {"consumers", &Load::consumers, true},
                                          {"calls", &Load::calls, false}}};

using Loads = std::map<SquadName, Load>;

void describe(const Model& model, Loads& loads) {
  for (const auto& [name, squad] : model.squads) loads[name].squad = name;
  for (const auto& [name, profile] : model.team_profiles) {
    loads[name].type = profile.type;
    loads[name].headcount = profile.headcount;
  }
}

void count_owned(const Model& model, Loads& loads) {
  const auto count = [&](const SquadName& owner, std::size_t Load::* figure) {
    if (const auto load = loads.find(owner); load != loads.end()) ++(load->second.*figure);
  };
  for (const auto& [name, product] : model.products) count(product.owner, &Load::products);
  for (const auto& [id, contract] : model.contracts) count(model::contract_owner(model, contract), &Load::contracts);
  for (const auto& [name, topic] : model.topics) count(topic.owner, &Load::topics);
}

void count_consumers(const Model& model, std::span<const Flow> flows, Loads& loads) {
  std::set<std::pair<SquadName, ApplicationName>> consumers;
  for (const Flow& flow : flows) {
    const auto application = model.principals.find(flow.principal);
    const auto owner = model::topic_owner(model, flow.topic);
    if (flow.direction != lineage::Direction::Read || application == model.principals.end() || !owner) continue;
    if (model.applications.at(application->second).squad == owner->squad) continue;
    consumers.emplace(owner->squad, application->second);
  }
  for (const auto& [owner, application] : consumers) ++loads[owner].consumers;
}

void count_calls(const Model& model, Loads& loads) {
  const auto count = [&](const model::Concern& concern) {
    for (const auto failure : model::kFailures) {
      const auto called = model::accountable(model, concern, failure);
      const auto load = called ? loads.find(called->squad) : loads.end();
      if (load == loads.end()) continue;
      ++load->second.calls;
      auto& failures = load->second.failures;
      if (std::ranges::find(failures, failure) == failures.end()) failures.push_back(failure);
    }
  };
  for (const auto& [name, product] : model.products) count({product.owner, product.mode});
  for (const auto& [name, topic] : model.topics) {
    if (!topic.product) count({topic.owner, std::nullopt});
  }
  for (auto& [name, load] : loads) std::ranges::sort(load.failures);
}

}  // namespace

std::span<const Figure> figures() { return kFigures; }

std::optional<std::int64_t> hundredths_per_member(const Load& load, std::size_t value) {
  if (!load.headcount) return std::nullopt;
  return (static_cast<std::int64_t>(value) * 200 + *load.headcount) / (2 * *load.headcount);
}

std::vector<Load> loads_of(const Model& model, std::span<const Flow> flows) {
  Loads loads;
  describe(model, loads);
  count_owned(model, loads);
  count_consumers(model, flows, loads);
  count_calls(model, loads);
  std::vector<Load> listed;
  for (auto& [name, load] : loads) listed.push_back(std::move(load));
  return listed;
}

}  // namespace myelin::organisation
