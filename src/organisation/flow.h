#pragma once
// What somebody moved, as measured: the half-edges of which edges between squads are made.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "lineage/map.h"

namespace myelin::organisation {

// Of a write, records and log bytes; of a read, offsets and bytes that were served.
struct Amount {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  bool operator==(const Amount&) const = default;
};

struct Flow {
  PrincipalName principal;
  TopicName topic;
  lineage::Direction direction = lineage::Direction::Write;
  std::optional<Amount> amount;  // nullopt: not known
  WallTime last_seen;
};

[[nodiscard]] std::vector<Flow> flows_of(const lineage::Observed& observed);

}  // namespace myelin::organisation
