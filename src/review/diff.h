#pragma once
// Changes of files as a patch that `git apply` and `patch -p1` take. Pure.
#include <string>
#include <vector>

#include "review/edit.h"

namespace myelin::review {

// In unified format with three lines of context, file after file. Empty without changes.
[[nodiscard]] std::string patch(const std::vector<FileChange>& changes);

}  // namespace myelin::review
