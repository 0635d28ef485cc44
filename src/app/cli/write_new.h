#pragma once
// A file that a command leaves behind.
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin::app::cli {

// What is there already is never overwritten: Exists. `option` names it in errors, "--out".
[[nodiscard]] Result<void> write_new(std::string_view option, const std::string& path, std::string_view text);

}  // namespace myelin::app::cli
