#pragma once
// Who reads by a grant, and when somebody last did. Pure.
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "lineage/edges.h"
#include "model/model.h"

namespace myelin::review {

// The principals of the application or of the squad's applications, and the people whom it lets read.
[[nodiscard]] std::set<PrincipalName> consumers_of(const model::Model& model, const model::Grant& grant);
// Of the grant's topics, by one of them.
[[nodiscard]] std::optional<WallTime> last_read(const model::Model& model, const model::Grant& grant,
                                                const std::vector<lineage::ReadEdge>& reads);

}  // namespace myelin::review
