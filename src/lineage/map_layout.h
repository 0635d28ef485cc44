#pragma once
// Coordinates for a map. Domains become boxes in columns along the main flow; inside a box applications stand left and
// topics right, so records enter a domain on its left edge and leave on its right. Edges run through the gutters
// between boxes; all readers of a topic share one trunk. Deterministic, integer arithmetic only.
#include "lineage/map.h"

namespace myelin::lineage {

// Fills in every box, every route, and the size of the map.
[[nodiscard]] Map lay_out(Map map);

}  // namespace myelin::lineage
