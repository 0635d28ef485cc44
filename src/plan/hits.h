#pragma once
// Who is hit: what somebody does today, held against what would be allowed. Internal to the module.
#include <string>
#include <vector>

#include "plan/plan.h"

namespace myelin::plan {

// Uses within a season that are allowed now and would not be afterwards, latest first.
[[nodiscard]] std::vector<Hit> hits_of(const Question& question);

// Why a delete must wait: "grant X is in use: ..." for each entity that goes and that somebody else still uses.
[[nodiscard]] std::vector<std::string> deletes_in_use(const Question& question,
                                                      const std::vector<EntityChange>& changes);

// "2 minutes ago", "just now"
[[nodiscard]] std::string ago(WallTime then, WallTime now);
// "write of topic pos.sale by till-eu (store-systems), last seen 2 minutes ago, 4.1 KB/s"
[[nodiscard]] std::string described(const Use& use, const SquadName& squad, WallTime now);

}  // namespace myelin::plan
