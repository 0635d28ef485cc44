#include "governance/read_streaks.h"

#include <algorithm>
#include <utility>

namespace myelin::governance {

void ReadStreaks::served(const Reader& reader, std::int64_t first, std::int64_t next) {
  auto [found, is_new] = streaks_.try_emplace(reader, Streak{first, next});
  auto& streak = found->second;
  if (first < streak.first || (streak.next && first > *streak.next)) {
    streak = {first, next};
    is_new = true;
  }
  streak.next = std::max(streak.next.value_or(next), next);
  if (is_new) new_.insert(reader);
}

std::vector<ReadStreaks::Beginning> ReadStreaks::take_new() {
  std::vector<Beginning> beginnings;
  for (const auto& reader : std::exchange(new_, {})) beginnings.push_back({reader, streaks_.at(reader).first});
  return beginnings;
}

void ReadStreaks::restore(const Beginning& beginning) { streaks_[beginning.reader] = {beginning.first, std::nullopt}; }

std::optional<std::int64_t> ReadStreaks::began(const Reader& reader) const {
  const auto found = streaks_.find(reader);
  return found == streaks_.end() ? std::nullopt : std::optional(found->second.first);
}

std::optional<std::int64_t> ReadStreaks::began_by_only_reader(const Reader& reader) const {
  std::optional<std::int64_t> began;
  for (auto at =
           streaks_.lower_bound({.principal = reader.principal, .client_id = {}, .topic = {}, .partition = INT32_MIN});
       at != streaks_.end() && at->first.principal == reader.principal; ++at) {
    if (at->first.topic != reader.topic || at->first.partition != reader.partition) continue;
    if (began) return std::nullopt;
    began = at->second.first;
  }
  return began;
}

}  // namespace myelin::governance
