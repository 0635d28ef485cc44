#pragma once
// The laid-out map, and the rates on it, as JSON trees.
#include <cstdint>
#include <map>
#include <string>

#include "api/attach_mode.h"
#include "document/node.h"
#include "lineage/map.h"

namespace myelin::api {

using EdgeRates = std::map<std::string, double, std::less<>>;  // bytes per second by id of the edge

// Changes whenever boxes, edges or marks do, not with rates or counts. At most 2^53 - 1, for readers that count in
// doubles.
[[nodiscard]] std::int64_t version_of(const lineage::Map& map);

[[nodiscard]] document::Node map_json(const lineage::Map& map, AttachMode mode, WallTime now);
// The edges named in `rates`.
[[nodiscard]] document::Node rates_json(const lineage::Map& map, const EdgeRates& rates, WallTime now);

}  // namespace myelin::api
