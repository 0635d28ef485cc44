#pragma once
// Holds recomputed rows against the rows that were rolled up while traffic may go on. Whatever was rolled up before the
// journals were read is in the journals, and whatever they say is rolled up soon after; so a recomputed amount must lie
// between two readings of the roll-up, and be equal to both when nothing moved in between. Pure.
#include "usage/rollup.h"

namespace myelin::usage {

// Rows of the exact class that do not agree, each side with its own amount; a row that one side lacks is missing there.
struct Disagreement {
  Rows recomputed;
  Rows reported;
  [[nodiscard]] bool none() const;
};

struct Readings {
  const Rows& before;      // rolled up before the journals were read
  const Rows& recomputed;  // from the journals
  const Rows& after;       // rolled up afterwards
};

// True when the later reading has caught up with everything the journals said.
[[nodiscard]] bool has_caught_up(const Rows& after, const Rows& recomputed);
[[nodiscard]] Disagreement compare(const Readings& readings);

}  // namespace myelin::usage
