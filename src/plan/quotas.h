#pragma once
// What a plan would make of squads' quotas. Internal to the module.
#include <string>
#include <vector>

#include "plan/plan.h"

namespace myelin::plan {

// In words: the squads that own more partitions after it than before, and more than their quota allows.
[[nodiscard]] std::vector<std::string> over_quota(const Question& question, const std::vector<TopicChange>& changes);

}  // namespace myelin::plan
