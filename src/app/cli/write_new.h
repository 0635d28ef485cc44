#pragma once
// A file that a command leaves behind.
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin::app::cli {

// What is there already is never overwritten: Exists. `option` names it in errors, "--out".
[[nodiscard]] Result<void> write_new(std::string_view option, const std::string& path, std::string_view text);

// In the place of what is there. Whoever reads the file meanwhile finds the one text or the other.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, const std::string& text);

}  // namespace myelin::app::cli
