#include "governance/recertification.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "model/timestamp.h"
#include "review/consumers.h"

namespace myelin::governance {
namespace {

void add_reads(const model::Model& model, const model::Grant& grant, const RecertificationFacts& facts,
               GrantStanding& standing) {
  const auto last = review::last_read(model, grant, facts.reads);
  standing.is_used = last && *last > facts.now - kEvidence;
  if (grant.user) return;
  standing.last_read = last;
  const auto consumers = review::consumers_of(model, grant);
  for (const auto& [edge, offsets] : facts.offsets) {
    const bool is_by_it =
        consumers.contains(edge.first) && std::ranges::find(grant.topics, edge.second) != grant.topics.end();
    if (is_by_it) standing.offsets += offsets;
  }
}

GrantStanding standing_of_grant(const model::Model& model, const model::Grant& grant,
                                const RecertificationFacts& facts) {
  GrantStanding standing;
  standing.grant = grant.id;
  standing.product = grant.product;
  if (const auto product = model.products.find(grant.product); product != model.products.end()) {
    standing.owner = product->second.owner;
  }
  standing.reader = grant.squad.value_or(SquadName());
  standing.application = grant.application.value_or(ApplicationName());
  standing.user = grant.user.value_or(PrincipalName());
  standing.purpose = grant.purpose;
  standing.place = grant.place;
  if (const auto approved = facts.approved_since.find(grant.id); approved != facts.approved_since.end()) {
    standing.since = approved->second;
  }
  if (grant.start) standing.since = std::max(standing.since.value_or(*grant.start), *grant.start);
  if (const auto confirmed = facts.confirmed.find(grant.id); confirmed != facts.confirmed.end()) {
    // Of an earlier grant by that name it says nothing about this one.
    const auto& time = confirmed->second.time;
    if (!standing.since || *standing.since <= time) {
      standing.since = time;
      standing.confirmed = confirmed->second;
    }
  }
  add_reads(model, grant, facts, standing);
  return standing;
}

}  // namespace

std::string GrantStanding::evidence() const {
  const auto days = kEvidence.count();
  if (!user.empty())
    return is_used ? fmt::format("read within {} days", days) : fmt::format("not read for {} days", days);
  if (!last_read) return "nothing was ever seen to be read by it";
  const auto day = model::short_timestamp(std::chrono::floor<std::chrono::days>(*last_read));
  return fmt::format("last read on {}; {} offsets in {} days", day, offsets, days);
}

std::vector<GrantStanding> grant_standings(const model::Model& model, const RecertificationFacts& facts) {
  std::vector<GrantStanding> standings;
  for (const auto& grant : model.grants) {
    if (!grant.live_at(facts.now)) continue;
    auto standing = standing_of_grant(model, grant, facts);
    if (const auto& period = model.policy.recertify_days) {
      if (standing.since) standing.due = *standing.since + *period;
      standing.is_due = !standing.due || *standing.due <= facts.now;
    }
    standings.push_back(std::move(standing));
  }
  std::ranges::sort(standings, {}, [](const GrantStanding& one) {
    return std::tuple(!one.is_due, one.due.value_or(WallTime::min()), one.grant);
  });
  return standings;
}

}  // namespace myelin::governance
