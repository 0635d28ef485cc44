#pragma once
// What else a plan would change once it is applied: edges between squads, their congruence, what squads carry, and who
// has a say in what from then on.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/model.h"
#include "organisation/comparison.h"
#include "plan/consent.h"

namespace myelin::governance {

struct WhatIf {
  organisation::Comparison comparison;
  std::vector<plan::Handover> handovers;  // of what is in both models
};

// `flows` is what was measured up to `now`; each model says by itself whose it is.
[[nodiscard]] WhatIf what_if(const model::Model& before, const model::Model& after,
                             std::span<const organisation::Flow> flows, WallTime now);
// For a terminal, below a plan.
[[nodiscard]] std::string rendered(const WhatIf& what_if);
// The same for a pull request.
[[nodiscard]] std::string as_markdown(const WhatIf& what_if);

}  // namespace myelin::governance
