#pragma once
// Plans and revisions as JSON trees, member for member as docs/reference/openapi.json describes them.
#include "document/node.h"
#include "governance/model_changes.h"
#include "governance/proposal_desk.h"
#include "plan/plan.h"

namespace myelin::api {

[[nodiscard]] document::Node plan_json(const governance::PlanAnswer& answer);
[[nodiscard]] document::Node applied_json(const governance::Applied& applied);
[[nodiscard]] document::Node revision_json(const governance::Revision& revision);
// With the text of each file.
[[nodiscard]] document::Node revision_json(const governance::Revision& revision,
                                           const std::vector<document::Source>& files);

[[nodiscard]] document::Node kept_proposal_json(const governance::KeptProposal& proposal);
// With the plan of an open one, and what was applied.
[[nodiscard]] document::Node proposal_json(const governance::ProposalAnswer& answer);

}  // namespace myelin::api
