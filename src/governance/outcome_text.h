#pragma once
// How an administrative request ended, in the words of its audit record.
#include <string>

#include "engine/engine.h"

namespace myelin::governance {

// "done", or the name of the first error that the answer holds. A request that ended without an answer may have changed
// something all the same: "unknown: no answer".
[[nodiscard]] std::string outcome_text(const engine::Outcome& outcome);

}  // namespace myelin::governance
