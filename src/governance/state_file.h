#pragma once
// Files of a line or two in DIR/state, which only the server's user can read.
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin::governance {

// Writes, syncs and renames, so that the file is there whole or not at all.
[[nodiscard]] Result<void> write_state_file(const std::string& path, std::string_view text);
// Without the line ends behind it, at most 4 KiB; nullopt when there is no such file.
[[nodiscard]] Result<std::optional<std::string>> read_state_file(const std::string& path);

}  // namespace myelin::governance
