#include "governance/durable_state.h"

#include <utility>

namespace myelin::governance {

Result<DurableState> DurableState::open(engine::InternalLog& log, const engine::Engine& engine, const Clock& clock,
                                        usage::Exactness at_best) {
  auto store = state::StateStore::open(log);
  if (!store) return pass(store);
  auto audit = state::AuditLog::open(log, clock);
  if (!audit) return pass(audit);
  auto credentials = Credentials::open(**store, clock);
  if (!credentials) return pass(credentials);
  auto quotas = ClientQuotas::open(**store);
  if (!quotas) return pass(quotas);
  auto grants = MadeGrants::open(**store);
  if (!grants) return pass(grants);
  auto revisions = Revisions::open(**store);
  if (!revisions) return pass(revisions);
  auto proposals = Proposals::open(**store);
  if (!proposals) return pass(proposals);
  auto recertifications = Recertifications::open(**store);
  if (!recertifications) return pass(recertifications);
  auto rule_counts = RuleCounts::open(**store, clock);
  if (!rule_counts) return pass(rule_counts);
  auto measurement = Measurement::open(engine, **store, clock, at_best);
  if (!measurement) return pass(measurement);
  return DurableState{
      *std::move(store),       *std::move(audit),      *std::move(credentials), *std::move(quotas),
      *std::move(grants),      *std::move(revisions),  *std::move(proposals),   *std::move(recertifications),
      *std::move(rule_counts), *std::move(measurement)};
}

}  // namespace myelin::governance
