#include "model/accountability.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/model.h"

namespace myelin::model {
namespace {

using Stream = AccountabilityStream;

// Of the modes: who builds, who runs. "central" is the squad that does it for others.
struct Mode {
  std::string_view name;
  bool built_centrally;
  bool run_centrally;
};
constexpr std::array kModes{Mode{"growth", false, false}, Mode{"optimise", false, true}, Mode{"sustain", true, true},
                            Mode{"consumption", false, false}};

const Mode& mode_of(const Concern& concern) {
  const auto found = std::ranges::find(kModes, concern.mode.value_or("growth"), &Mode::name);
  return found == kModes.end() ? kModes.front() : *found;
}

struct Held {
  std::optional<SquadName> squad;
  std::string why;
};

std::optional<SquadName> or_platform(const std::optional<SquadName>& group, const Model& model) {
  return group ? group : model.policy.platform_group;
}

// A thing that is nobody's is the platform group's.
Held owner_of(const Model& model, const Concern& concern) {
  if (!concern.owner.empty()) return {concern.owner, "owner"};
  return {model.policy.platform_group, "nobody owns it, so the platform group"};
}

Held by_mode(const Model& model, const Concern& concern, std::string_view role, bool is_central) {
  if (concern.owner.empty()) return owner_of(model, concern);
  auto why = concern.mode ? fmt::format("{}, by mode {}", role, *concern.mode)
                          : fmt::format("{}, as growth: no mode is declared", role);
  if (!is_central) return {concern.owner, std::move(why)};
  return {or_platform(model.accountability.central, model), std::move(why)};
}

Held holder_of(const Model& model, const Concern& concern, Holder holder) {
  const auto& groups = model.accountability;
  switch (holder) {
    case Holder::Owner:
      return owner_of(model, concern);
    case Holder::Builder:
      return by_mode(model, concern, "builder", mode_of(concern).built_centrally);
    case Holder::Runner:
      return by_mode(model, concern, "runner", mode_of(concern).run_centrally);
    case Holder::Platform:
      return {model.policy.platform_group, "platform group"};
    case Holder::Governance:
      return {or_platform(groups.governance, model), "governance"};
    case Holder::Facilitation:
      return {or_platform(groups.facilitation, model), "facilitation"};
    case Holder::Steering:
      return {or_platform(groups.steering, model), "steering"};
  }
  return {};
}

// The owner of the thing, the squad of its domain, steering, the platform group.
std::vector<SquadName> escalation_of(const Model& model, const Concern& concern, const SquadName& first) {
  std::vector<SquadName> squads{first};
  const auto add = [&](const std::optional<SquadName>& squad) {
    if (squad && !squad->empty() && std::ranges::find(squads, *squad) == squads.end()) squads.push_back(*squad);
  };
  add(concern.owner);
  if (const auto squad = model.squads.find(first); squad != model.squads.end()) {
    const auto domain = model.domains.find(squad->second.domain);
    if (domain != model.domains.end()) add(domain->second.owner);
  }
  add(model.accountability.steering);
  add(model.policy.platform_group);
  squads.erase(squads.begin());
  return squads;
}

}  // namespace

std::string_view name_of(Failure failure) {
  switch (failure) {
    case Failure::Schema:
      return "schema";
    case Failure::Data:
      return "data";
    case Failure::Freshness:
      return "freshness";
    case Failure::Lag:
      return "lag";
    case Failure::Access:
      return "access";
    case Failure::Security:
      return "security";
    case Failure::Cost:
      return "cost";
    case Failure::Platform:
      return "platform";
  }
  return "";
}

std::string_view name_of(AccountabilityStream stream) {
  switch (stream) {
    case Stream::Engineering:
      return "engineering";
    case Stream::Governance:
      return "governance";
    case Stream::Facilitation:
      return "facilitation";
    case Stream::Steering:
      return "steering";
  }
  return "";
}

std::string_view name_of(Holder holder) {
  switch (holder) {
    case Holder::Owner:
      return "owner";
    case Holder::Builder:
      return "builder";
    case Holder::Runner:
      return "runner";
    case Holder::Platform:
      return "platform";
    case Holder::Governance:
      return "governance";
    case Holder::Facilitation:
      return "facilitation";
    case Holder::Steering:
      return "steering";
  }
  return "";
}

std::string_view name_of(Duty duty) {
  switch (duty) {
    case Duty::Build:
      return "build";
    case Duty::Run:
      return "run";
    case Duty::Approve:
      return "approve";
  }
  return "";
}

std::optional<SquadName> on_duty(const Model& model, const Concern& concern, Duty duty) {
  switch (duty) {
    case Duty::Build:
      return holder_of(model, concern, Holder::Builder).squad;
    case Duty::Run:
      return holder_of(model, concern, Holder::Runner).squad;
    case Duty::Approve:
      return holder_of(model, concern, Holder::Owner).squad;
  }
  return std::nullopt;
}

const std::vector<Accountability>& default_accountabilities() {
  static const std::vector<Accountability> kCatalogue{
      {"ml-model-performance", Stream::Engineering, Holder::Builder, {}, {}},
      {"ml-model-deployment", Stream::Engineering, Holder::Builder, {}, {}},
      {"ml-model-version-control", Stream::Engineering, Holder::Builder, {}, {}},
      {"ml-model-development", Stream::Engineering, Holder::Builder, {}, {}},
      {"feature-engineering", Stream::Engineering, Holder::Builder, {}, {}},
      {"data-product-development", Stream::Engineering, Holder::Builder, {Failure::Data}, {}},
      {"data-contract-authoring", Stream::Engineering, Holder::Builder, {Failure::Schema}, {}},
      {"data-transformation", Stream::Engineering, Holder::Builder, {}, {}},
      {"ci-cd", Stream::Engineering, Holder::Builder, {}, {}},
      {"product-incident-management", Stream::Engineering, Holder::Runner, {Failure::Freshness}, {}},
      {"data-product-operations", Stream::Engineering, Holder::Runner, {Failure::Lag}, {}},
      {"data-loss-prevention", Stream::Governance, Holder::Governance, {Failure::Security}, {}},
      {"data-catalogue-hosting", Stream::Facilitation, Holder::Platform, {}, {}},
      {"data-access-security", Stream::Governance, Holder::Owner, {Failure::Access}, {}},
      {"data-asset-management", Stream::Governance, Holder::Owner, {Failure::Cost}, {}},
      {"model-hosting", Stream::Engineering, Holder::Platform, {}, {}},
      {"ml-clusters", Stream::Engineering, Holder::Platform, {}, {}},
      {"kafka-platform", Stream::Engineering, Holder::Platform, {Failure::Platform}, {}},
      {"configuration-management", Stream::Engineering, Holder::Platform, {}, {}},
      {"infrastructure-monitoring", Stream::Engineering, Holder::Platform, {}, {}},
      {"model-training-services", Stream::Engineering, Holder::Platform, {}, {}},
      {"infrastructure-deployment", Stream::Engineering, Holder::Platform, {}, {}},
  };
  return kCatalogue;
}

std::optional<Accountable> accountable(const Model& model, const Concern& concern, Failure failure) {
  const auto& all = model.accountability.accountabilities;
  const auto takes = [&](const Accountability& one) {
    return std::ranges::find(one.failures, failure) != one.failures.end();
  };
  const auto found = std::ranges::find_if(all, takes);
  if (found == all.end()) return std::nullopt;
  auto held = holder_of(model, concern, found->holder);
  if (!held.squad) return std::nullopt;
  Accountable answer;
  answer.failure = failure;
  answer.squad = *held.squad;
  answer.escalation = escalation_of(model, concern, answer.squad);
  answer.accountability = found->name;
  answer.stream = found->stream;
  answer.why = std::move(held.why);
  answer.place = found->place;
  return answer;
}

}  // namespace myelin::model
