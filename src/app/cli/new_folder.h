#pragma once
// A folder of files that is there whole or not at all, and never in the place of another.
#include <string>
#include <vector>

#include "base/result.h"
#include "document/parse.h"

namespace myelin::app::cli {

// Exists when there is something in the folder already; Invalid for a file that would lie outside of it.
[[nodiscard]] Result<void> write_new_folder(const std::string& folder, const std::vector<document::Source>& files);

}  // namespace myelin::app::cli
