#pragma once
// What limits whom, as one list: squads by the Policy document, clients by quotas set over Kafka's API. Pure.
#include <vector>

#include "governance/questions.h"
#include "model/model.h"
#include "policy/client_quota.h"

namespace myelin::governance {

// Sorted by what is limited, then by the quota's name.
[[nodiscard]] std::vector<QuotaAnswer> quota_list(const model::PolicyDocument& policy,
                                                  const policy::ClientQuotaTable& clients);

}  // namespace myelin::governance
