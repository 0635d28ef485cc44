#include "app/data_directory.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "storage/file_system.h"
#include "storage/posix_file_system.h"

namespace myelin::app {
namespace {

namespace fs = std::filesystem;

constexpr auto kMarker = "state/mode";

std::string_view to_text(Mode mode) {
  switch (mode) {
    case Mode::Earnest:
      return "earnest";
    case Mode::Dev:
      return "dev";
    case Mode::Demo:
      return "demo";
  }
  return "?";
}

// As durable as anything that is acknowledged later: without it the directory would be taken for another kind.
Result<void> mark(const fs::path& directory, Mode mode) {
  storage::PosixFileSystem files;
  const auto marker = directory / kMarker;
  const auto word = fmt::format("{}\n", to_text(mode));
  if (auto written = storage::replace_file(files, marker.string(), as_bytes(word)); !written) {
    return fail(Code::Io, "{}; check permissions and free space", written.error().message);
  }
  return files.sync_directory(directory.string());
}

// Empty, or a first start got no further than to the marker.
Result<bool> is_new(const fs::path& directory) {
  std::error_code problem;
  const auto unmarked = fs::path("state") / "mode.tmp";
  for (const auto& entry : fs::recursive_directory_iterator(directory, problem)) {
    const auto found = entry.path().lexically_relative(directory);
    if (found != unmarked.parent_path() && found != unmarked) return false;
  }
  if (problem && problem != std::errc::no_such_file_or_directory) {
    return fail(Code::Io, "{}: {}; --data must name a directory that this user may write", directory.string(),
                problem.message());
  }
  return true;
}

}  // namespace

Result<void> prepare_data_directory(const std::string& directory, Mode mode) {
  const auto begins = is_new(directory);
  if (!begins) return std::unexpected(begins.error());
  std::error_code problem;
  const auto state = fs::path(directory) / "state";
  fs::create_directories(state, problem);
  if (problem) return fail(Code::Io, "{}: can't be created: {}", state.string(), problem.message());
  if (*begins) return mode == Mode::Earnest ? Result<void>() : mark(directory, mode);
  std::string found = "earnest";
  if (std::ifstream file(fs::path(directory) / kMarker); file) file >> found;
  if (mode == Mode::Dev && found != "dev") {
    return fail(Code::Denied, "{} was not created by --dev, which would let anybody read it; name a new directory",
                directory);
  }
  if (mode != Mode::Dev && found == "dev") {
    return fail(Code::Denied, "{} was created by --dev and serves with --dev only; name another directory", directory);
  }
  if (mode == Mode::Demo && found != "demo") {
    return fail(Code::Denied, "{} is not a demo directory; --demo marks new directories only", directory);
  }
  return {};
}

}  // namespace myelin::app
