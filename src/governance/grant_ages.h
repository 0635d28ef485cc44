#pragma once
// Since when grants are approved, from the revisions: whatever file they stood in, and whatever else of them changed.
#include <map>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "governance/revisions.h"

namespace myelin::governance {

// By id, of those that the last revision approves: the first revision from which on each one does. Empty where the
// model is a folder's. Corrupt when a text can't be read.
[[nodiscard]] Result<std::map<std::string, WallTime>> approved_since(const Revisions& revisions);

}  // namespace myelin::governance
