#pragma once
// Who acts for which product with an administrative change, and whose duty that is by the product's mode: what its
// audit record keeps, and mode drift is counted from. What is not listed here is about no product.
#include <set>
#include <span>
#include <vector>

#include "base/ids.h"
#include "governance/access.h"
#include "kafka/messages.h"
#include "plan/plan.h"
#include "policy/snapshot.h"
#include "state/audit_log.h"

namespace myelin::governance {

// Who asks, by the rules in force when they do.
struct Actor {
  const policy::Snapshot& snapshot;
  const PrincipalName& principal;
};

// Of a request over Kafka's API: to create or delete a topic is to build; to change one that exists, its partitions,
// settings or records, is to run. Only of topics behind the ports of a product.
[[nodiscard]] std::vector<state::AuditedAct> acts_of_request(const Access& access, const kafka::Request& request);

// Of who applies the plan: to change a contract is to build. To change a product or a grant is to approve, as far as
// the applier gives the consent; that of `others` was counted when they gave it.
[[nodiscard]] std::vector<state::AuditedAct> acts_of_apply(const Actor& actor, const plan::Plan& plan,
                                                           const std::set<SquadName>& others);

// Of who answers for what is missing of a plan's consents: to approve, also where the answer is no.
[[nodiscard]] std::vector<state::AuditedAct> acts_of_answer(const Actor& actor, const plan::Plan& plan);
// The same of access to one product, also of what was taken by breaking the glass.
[[nodiscard]] std::vector<state::AuditedAct> acts_of_answer(const Actor& actor, const ProductName& product,
                                                            std::span<const plan::Consent> consents);

}  // namespace myelin::governance
