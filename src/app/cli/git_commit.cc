#include "app/cli/git_commit.h"

#include <fstream>
#include <string_view>
#include <system_error>

namespace myelin::app::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReference = "ref: ";
constexpr std::string_view kElsewhere = "gitdir: ";

std::string first_line(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

// Of the nearest repository above; in a worktree `.git` is a file that names the directory.
fs::path git_directory(fs::path folder) {
  std::error_code error;
  for (folder = fs::absolute(folder, error); !error; folder = folder.parent_path()) {
    const auto git = folder / ".git";
    if (fs::is_directory(git, error)) return git;
    const auto line = fs::is_regular_file(git, error) ? first_line(git) : std::string();
    if (line.starts_with(kElsewhere)) return folder / line.substr(kElsewhere.size());
    error.clear();
    if (folder == folder.parent_path()) break;
  }
  return {};
}

std::string packed(const fs::path& git, std::string_view reference) {
  std::ifstream stream(git / "packed-refs");
  for (std::string line; std::getline(stream, line);) {
    const auto space = line.find(' ');
    if (space != std::string::npos && std::string_view(line).substr(space + 1) == reference)
      return line.substr(0, space);
  }
  return {};
}

bool is_commit(std::string_view text) {
  return text.size() >= 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string git_commit(const fs::path& folder) {
  const auto git = git_directory(folder);
  if (git.empty()) return {};
  auto head = first_line(git / "HEAD");
  if (head.starts_with(kReference)) {
    const auto reference = head.substr(kReference.size());
    // A worktree keeps its branches in the repository that it belongs to.
    const auto common = first_line(git / "commondir");
    const auto shared = common.empty() ? git : git / common;
    head = first_line(shared / reference);
    if (head.empty()) head = packed(shared, reference);
  }
  return is_commit(head) ? head : std::string();
}

}  // namespace myelin::app::cli
