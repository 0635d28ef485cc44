#include "governance/what_if.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/one_line.h"

namespace myelin::governance {

WhatIf what_if(const model::Model& before, const model::Model& after, std::span<const organisation::Flow> flows,
               WallTime now) {
  return {organisation::compared(organisation::organisation(before, flows, now),
                                 organisation::organisation(after, flows, now)),
          plan::handovers(before, after)};
}

std::string rendered(const WhatIf& what_if) {
  const auto name_of = [](const SquadName& squad) {
    return squad.empty() ? std::string("the platform group") : squad.text();
  };
  auto text =
      "\nwhat if it were applied, by what was measured up to now\n\n" + organisation::rendered(what_if.comparison);
  text += "whose consent later changes need\n";
  for (const auto& handover : what_if.handovers) {
    text += in_one_line(fmt::format("  {}: {} > {}", handover.entity.text(), name_of(handover.before),
                                    name_of(handover.after))) +
            "\n";
  }
  if (what_if.handovers.empty()) text += "  as now\n";
  return text;
}

std::string as_markdown(const WhatIf& what_if) {
  auto words = rendered(what_if);
  std::ranges::replace(words, '`', '\'');  // nobody's purpose ends the block
  return "\n```text" + words + "```\n";
}

}  // namespace myelin::governance
