#pragma once
// Questions to a roll-up: lines by any of principal, squad, topic, direction, hour, group, partition and client. A line
// is one measure, so it has one unit and one class; lines of different measures are never added. Pure.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "usage/rollup.h"

namespace myelin::usage {

// Which columns a line is told apart by; the others are summed over and left empty.
struct GroupBy {
  bool principal = true;
  bool squad = true;
  bool topic = true;
  bool direction = true;  // of the measure; off only hides the column
  bool hour = false;
  bool group = false;
  bool partition = false;
  bool client = false;
};

// Unset means any. Times select whole hours: from <= hour < to.
struct Filter {
  std::optional<PrincipalName> principal = {};
  std::optional<SquadName> squad = {};
  std::optional<TopicName> topic = {};
  std::optional<Direction> direction = {};
  std::optional<WallTime> from = {};
  std::optional<WallTime> to = {};
  std::optional<Measure> measure = {};
  std::optional<Exactness> exactness = {};
};

struct Line {
  std::string principal;
  std::string squad;  // empty: no squad owns the principal
  std::string topic;
  std::optional<Direction> direction;
  std::optional<Hour> hour;
  std::string group;
  std::optional<std::int32_t> partition;  // consumption only
  std::string client;
  Measure measure = Measure::AppendedRecords;
  std::int64_t amount = 0;  // in the measure's unit
  Exactness exactness = Exactness::Exact;
  WallTime first_seen;
  WallTime last_seen;
  bool operator==(const Line&) const = default;
};

// The squad behind a principal, or an empty name.
using SquadOf = std::function<SquadName(const PrincipalName&)>;

// Lines sorted by principal, squad, topic, hour, group, partition, client, measure. A sum of nothing makes no line.
[[nodiscard]] std::vector<Line> report(const Rows& rows, const Filter& filter, const GroupBy& group_by,
                                       const SquadOf& squad_of);

}  // namespace myelin::usage
