#include "app/cli/new_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace myelin::app::cli {
namespace {

namespace fs = std::filesystem;

// "FOLDER/NAME", any number of folders deep, without a way out.
bool lies_within(const fs::path& path) {
  return path.is_relative() && !path.empty() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part.empty() || part == "." || part == ".."; });
}

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fail(Code::Io, "{}: {}", path.parent_path().string(), error.message());
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) return fail(Code::Io, "{}: can't be written whole", path.string());
  return {};
}

Result<void> fill(const fs::path& folder, const std::vector<document::Source>& files) {
  for (const auto& [name, text] : files) {
    if (!lies_within(name)) return fail(Code::Invalid, "a file is named \"{}\", which is in no folder", name);
    if (auto written = write_file(folder / name, text); !written) return written;
  }
  return {};
}

}  // namespace

Result<void> write_new_folder(const std::string& folder, const std::vector<document::Source>& files) {
  auto target = fs::path(folder).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  std::error_code error;
  if (fs::exists(target, error) && !(fs::is_directory(target, error) && fs::is_empty(target, error))) {
    return fail(Code::Exists, "{}: there is something already; name a folder that is not there, or empty", folder);
  }
  auto beside = target.string() + ".XXXXXX";
  if (::mkdtemp(beside.data()) == nullptr) return fail_errno("make a folder beside", folder, errno);
  auto written = fill(beside, files);
  if (written) {
    fs::permissions(beside, fs::perms(0755), error);
    fs::rename(beside, target, error);
    if (error) written = fail(Code::Io, "{}: {}", folder, error.message());
  }
  if (!written) fs::remove_all(beside, error);
  return written;
}

Result<void> add_new_files(const std::string& folder, const std::vector<document::Source>& files) {
  std::error_code error;
  for (const auto& [name, text] : files) {
    const auto path = fs::path(folder) / name;
    if (fs::exists(fs::symlink_status(path, error))) {
      return fail(Code::Exists, "{}: is there already; nothing was written", path.string());
    }
  }
  auto written = fill(folder, files);
  if (!written) {
    for (const auto& [name, text] : files) fs::remove(fs::path(folder) / name, error);
  }
  return written;
}

}  // namespace myelin::app::cli
