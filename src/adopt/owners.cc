#include "adopt/owners.h"

#include <fmt/core.h>

#include "adopt/guess.h"
#include "model/ownership.h"

namespace myelin::adopt {

Owner owner_of(const TopicName& topic, const ByPrincipal* writes, const model::Model& in_force,
               const SquadName& platform, const SquadOf& squad_of) {
  if (const auto declared = model::topic_owner(in_force, topic)) return {declared->squad, ""};
  const std::pair<const PrincipalName, Use>* most = nullptr;
  std::int64_t all = 0;
  for (const auto& writer : writes == nullptr ? ByPrincipal() : *writes) all += writer.second.count;
  if (writes != nullptr) {
    for (const auto& writer : *writes) {
      if (squad_of(writer.first).empty()) continue;
      if (most == nullptr || writer.second.count > most->second.count) most = &writer;
    }
  }
  if (most == nullptr && all > 0) {
    return {platform, fmt::format("of those who wrote its {} records none is known", with_commas(all))};
  }
  if (most == nullptr) return {platform, "nobody was seen to write to it"};
  const auto& [principal, use] = *most;
  return {squad_of(principal), fmt::format("{} wrote {} of its {} records; last on {}", principal.text(),
                                           share_of(use.count, all), with_commas(all), day_of(use.last_seen))};
}

}  // namespace myelin::adopt
