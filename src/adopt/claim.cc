#include "adopt/claim.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "adopt/guess.h"
#include "adopt/uses.h"

namespace myelin::adopt {

std::vector<Writer> writers_of(const Facts& facts, const TopicName& topic) {
  const auto uses = uses_of(facts);
  const auto writes = uses.writes.find(topic);
  if (writes == uses.writes.end()) return {};
  std::map<SquadName, Use> by_squad;
  std::int64_t all = 0;
  for (const auto& [principal, use] : writes->second) {
    auto& sum = by_squad[facts.policy->subject(principal).squad];
    sum.count += use.count;
    sum.last_seen = std::max(sum.last_seen, use.last_seen);
    all += use.count;
  }
  std::vector<std::pair<SquadName, Use>> squads(by_squad.begin(), by_squad.end());
  std::ranges::sort(squads, [](const auto& one, const auto& other) {
    return std::pair(-one.second.count, one.first) < std::pair(-other.second.count, other.first);
  });
  std::vector<Writer> writers;
  for (const auto& [squad, use] : squads) {
    writers.push_back({squad, fmt::format("wrote {} of its {} records; last on {}", share_of(use.count, all),
                                          with_commas(all), day_of(use.last_seen))});
  }
  return writers;
}

}  // namespace myelin::adopt
