#pragma once
// Questions to a roll-up: usage lines by any of principal, squad, topic, direction, hour. Pure.
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "usage/rollup.h"

namespace myelin::usage {

// Which columns a line is told apart by; the others are summed over and left empty.
struct GroupBy {
  bool principal = true;
  bool squad = true;
  bool topic = true;
  bool direction = true;
  bool hour = false;
};

// Unset means any. Times select whole hours: from <= hour < to.
struct Filter {
  std::optional<PrincipalName> principal;
  std::optional<SquadName> squad;
  std::optional<TopicName> topic;
  std::optional<Direction> direction;
  std::optional<WallTime> from;
  std::optional<WallTime> to;
};

struct Line {
  std::string principal;
  std::string squad;  // empty: no squad owns the principal
  std::string topic;
  std::optional<Direction> direction;
  std::optional<Hour> hour;
  Amount amount;
  WallTime first_seen;
  WallTime last_seen;
  Exactness exactness = Exactness::Exact;  // of the weakest amount summed
};

// The squad behind a principal, or an empty name.
using SquadOf = std::function<SquadName(const PrincipalName&)>;

// Lines sorted by principal, squad, topic, direction, hour.
[[nodiscard]] std::vector<Line> report(std::span<const HourlyAmount> rows, const Filter& filter,
                                       const GroupBy& group_by, const SquadOf& squad_of);

}  // namespace myelin::usage
