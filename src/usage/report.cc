#include "usage/report.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace myelin::usage {
namespace {

bool matches(const HourlyAmount& row, const SquadName& squad, const Filter& filter) {
  if (filter.principal && row.flow.principal != *filter.principal) return false;
  if (filter.squad && squad != *filter.squad) return false;
  if (filter.topic && row.flow.topic != *filter.topic) return false;
  if (filter.direction && row.flow.direction != *filter.direction) return false;
  if (filter.from && row.hour < hour_of(*filter.from)) return false;
  if (filter.to && row.hour >= *filter.to) return false;
  return true;
}

using LineKey = std::tuple<std::string, std::string, std::string, std::optional<Direction>, std::optional<Hour>>;

LineKey key_of(const HourlyAmount& row, const SquadName& squad, const GroupBy& group_by) {
  return {group_by.principal ? row.flow.principal.text() : "", group_by.squad ? squad.text() : "",
          group_by.topic ? row.flow.topic.text() : "",
          group_by.direction ? std::optional(row.flow.direction) : std::nullopt,
          group_by.hour ? std::optional(row.hour) : std::nullopt};
}

}  // namespace

std::vector<Line> report(std::span<const HourlyAmount> rows, const Filter& filter, const GroupBy& group_by,
                         const SquadOf& squad_of) {
  std::map<LineKey, Line> lines;
  for (const auto& row : rows) {
    const auto squad = squad_of(row.flow.principal);
    if (!matches(row, squad, filter)) continue;
    const auto key = key_of(row, squad, group_by);
    auto [found, is_new] = lines.try_emplace(key);
    auto& line = found->second;
    if (is_new) {
      std::tie(line.principal, line.squad, line.topic, line.direction, line.hour) = key;
      line.first_seen = row.first_seen;
      line.last_seen = row.last_seen;
    }
    line.amount += row.amount;
    line.first_seen = std::min(line.first_seen, row.first_seen);
    line.last_seen = std::max(line.last_seen, row.last_seen);
    if (row.flow.direction == Direction::Read) line.exactness = Exactness::Journalled;
  }
  std::vector<Line> sorted;
  sorted.reserve(lines.size());
  for (auto& [key, line] : lines) sorted.push_back(std::move(line));
  return sorted;
}

}  // namespace myelin::usage
