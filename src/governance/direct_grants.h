#pragma once
// Direct grants as people are told of them: those that documents declare and those made over Kafka's API alike. Pure.
#include <string_view>
#include <vector>

#include "lineage/map.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// Those in force: of principals that the model knows. They live as long as the snapshot.
[[nodiscard]] std::vector<const model::DirectGrant*> direct_grants(const policy::Snapshot& snapshot);
[[nodiscard]] bool takes_in(const model::Right& right, std::string_view topic);
// What applications may write and read by them, of the topics that contracts declare.
void add_direct_accesses(lineage::Declared& declared, const policy::Snapshot& snapshot);

}  // namespace myelin::governance
