#pragma once
// Internal to the module.
#include <algorithm>

namespace myelin::plan {

[[nodiscard]] bool is_among(const auto& all, const auto& one) { return std::ranges::find(all, one) != all.end(); }

}  // namespace myelin::plan
