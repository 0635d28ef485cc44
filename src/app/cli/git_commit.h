#pragma once
// The commit that a folder's repository has checked out, read from its files: git itself need not be installed.
#include <filesystem>
#include <string>

namespace myelin::app::cli {

// Empty when the folder lies in no repository, or nothing is committed yet.
[[nodiscard]] std::string git_commit(const std::filesystem::path& folder);

}  // namespace myelin::app::cli
