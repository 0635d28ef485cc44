#pragma once
// Files that are there all or not at all, and never in the place of others.
#include <string>
#include <vector>

#include "base/result.h"
#include "document/parse.h"

namespace myelin::app::cli {

// Exists when there is something in the folder already; Invalid for a file that would lie outside of it.
[[nodiscard]] Result<void> write_new_folder(const std::string& folder, const std::vector<document::Source>& files);
// Beside what is in the folder, which is made where it is missing. Exists for a file that is there already.
[[nodiscard]] Result<void> add_new_files(const std::string& folder, const std::vector<document::Source>& files);

}  // namespace myelin::app::cli
