#pragma once
// What Myelin serves of Kafka's protocol, whichever engine answers. Produce below version 3 is advertised and refused:
// librdkafka before 2.11 switches features off where version 0 is missing.
#include <vector>

#include "engine/engine.h"

namespace myelin::engine {

// Sorted by key.
[[nodiscard]] std::vector<ApiRange> served_ranges();
// Features of Kafka that Myelin knows, at their highest level.
[[nodiscard]] std::vector<Feature> known_features();

}  // namespace myelin::engine
