#pragma once
// What governance keeps over restarts, in internal topics: who may sign in, what was granted, what limits clients, what
// was measured, what was done. Opened in the order in which the parts need each other; outlives whatever works with
// them.
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "engine/internal_log.h"
#include "governance/client_quotas.h"
#include "governance/credentials.h"
#include "governance/made_grants.h"
#include "governance/measurement.h"
#include "governance/proposals.h"
#include "governance/recertifications.h"
#include "governance/revisions.h"
#include "governance/rule_counts.h"
#include "state/audit_log.h"
#include "state/state_store.h"

namespace myelin::governance {

struct DurableState {
  // `log` holds the internal topics, `engine` is what is measured, `at_best` as Measurement::open takes it. Log, engine
  // and clock are borrowed.
  [[nodiscard]] static Result<DurableState> open(engine::InternalLog& log, const engine::Engine& engine,
                                                 const Clock& clock,
                                                 usage::Exactness at_best = usage::Exactness::Exact);

  std::unique_ptr<state::StateStore> store;
  std::unique_ptr<state::AuditLog> audit;
  std::unique_ptr<Credentials> credentials;
  std::unique_ptr<ClientQuotas> quotas;
  std::unique_ptr<MadeGrants> grants;
  std::unique_ptr<Revisions> revisions;
  std::unique_ptr<Proposals> proposals;
  std::unique_ptr<Recertifications> recertifications;
  std::unique_ptr<RuleCounts> rule_counts;
  std::unique_ptr<Measurement> measurement;
};

}  // namespace myelin::governance
