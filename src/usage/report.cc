#include "usage/report.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace myelin::usage {
namespace {

// Who, what and when of one row, before columns are summed over.
struct Place {
  const PrincipalName& principal;
  const TopicName& topic;
  Hour hour;
  WallTime first_seen;
  WallTime last_seen;
  std::string_view group;
  std::optional<std::int32_t> partition;
  std::string_view client;
};

class LineSums {
 public:
  LineSums(const Filter& filter, const GroupBy& group_by, const SquadOf& squad_of, Exactness at_best)
      : filter_(filter), group_by_(group_by), squad_of_(squad_of), at_best_(at_best) {}

  void add(const Place& place, Measure measure, std::int64_t amount) {
    const auto squad = squad_of_(place.principal);
    if (amount == 0 || !matches(place, squad, traits_of(measure))) return;
    auto line = line_of(place, squad, measure);
    auto [found, is_new] = lines_.try_emplace(key_of(line), std::move(line));
    found->second.amount += amount;
    found->second.first_seen = std::min(found->second.first_seen, place.first_seen);
    found->second.last_seen = std::max(found->second.last_seen, place.last_seen);
  }

  [[nodiscard]] std::vector<Line> take() {
    std::vector<Line> sorted;
    sorted.reserve(lines_.size());
    for (auto& [key, line] : lines_) sorted.push_back(std::move(line));
    return sorted;
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::optional<Hour>, std::string,
                         std::optional<std::int32_t>, std::string, Measure>;

  [[nodiscard]] bool matches(const Place& place, const SquadName& squad, const MeasureTraits& traits) const {
    const auto is = [](const auto& wanted, const auto& value) { return !wanted || *wanted == value; };
    return is(filter_.principal, place.principal) && is(filter_.squad, squad) && is(filter_.topic, place.topic) &&
           is(filter_.measure, traits.measure) && is(filter_.exactness, class_of(traits)) &&
           (!filter_.direction || traits.direction == filter_.direction) &&
           (!filter_.from || place.hour >= hour_of(*filter_.from)) && (!filter_.to || place.hour < *filter_.to);
  }

  [[nodiscard]] Exactness class_of(const MeasureTraits& traits) const { return std::max(traits.exactness, at_best_); }

  [[nodiscard]] Line line_of(const Place& place, const SquadName& squad, Measure measure) const {
    Line line;
    if (group_by_.principal) line.principal = place.principal.text();
    if (group_by_.squad) line.squad = squad.text();
    if (group_by_.topic) line.topic = place.topic.text();
    if (group_by_.direction) line.direction = traits_of(measure).direction;
    if (group_by_.hour) line.hour = place.hour;
    if (group_by_.group) line.group = place.group;
    if (group_by_.partition) line.partition = place.partition;
    if (group_by_.client) line.client = place.client;
    line.measure = measure;
    line.exactness = class_of(traits_of(measure));
    line.first_seen = place.first_seen;
    line.last_seen = place.last_seen;
    return line;
  }

  [[nodiscard]] static Key key_of(const Line& line) {
    return {line.principal, line.squad, line.topic, line.hour, line.group, line.partition, line.client, line.measure};
  }

  const Filter& filter_;
  const GroupBy& group_by_;
  const SquadOf& squad_of_;
  Exactness at_best_;
  std::map<Key, Line> lines_;
};

void add_flow(LineSums& sums, const FlowRow& row, Measure offsets, Measure bytes) {
  const Place place{row.key.principal, row.key.topic, row.hour, row.first_seen, row.last_seen, {},
                    std::nullopt,      row.key.client};
  sums.add(place, offsets, row.amount.offsets);
  sums.add(place, bytes, row.amount.bytes);
}

}  // namespace

std::vector<Line> report(const Rows& rows, const Filter& filter, const GroupBy& group_by, const SquadOf& squad_of) {
  LineSums sums(filter, group_by, squad_of, rows.at_best);
  for (const auto& row : rows.writes) add_flow(sums, row, Measure::AppendedRecords, Measure::AppendedBytes);
  for (const auto& row : rows.reads) add_flow(sums, row, Measure::ServedOffsets, Measure::ServedBytes);
  for (const auto& row : rows.consumers) {
    sums.add({row.key.principal,
              row.key.topic,
              row.hour,
              row.first_seen,
              row.last_seen,
              row.key.group.text(),
              row.key.partition,
              {}},
             Measure::ConsumedOffsets, row.amount.offsets);
  }
  for (const auto& row : rows.callers) {
    const Place place{row.key.principal, row.key.topic, row.hour, row.first_seen, row.last_seen, {},
                      std::nullopt,      row.key.client};
    sums.add(place, Measure::RefusedBytes, row.amount.refused_bytes);
    sums.add(place, Measure::Requests, row.amount.requests);
    sums.add(place, Measure::RequestTime, row.amount.microseconds);
    sums.add(place, Measure::Connections, row.amount.connections);
  }
  return sums.take();
}

}  // namespace myelin::usage
