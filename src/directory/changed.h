#pragma once
// A folder's files with changes made in them.
#include <vector>

#include "document/parse.h"
#include "review/edit.h"

namespace myelin::directory {

// By name.
[[nodiscard]] std::vector<document::Source> changed(std::vector<document::Source> folder,
                                                    const std::vector<review::FileChange>& changes);

}  // namespace myelin::directory
