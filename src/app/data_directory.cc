#include "app/data_directory.h"

#include <filesystem>
#include <fstream>

namespace myelin::app {
namespace {

namespace fs = std::filesystem;

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

Result<void> mark(const fs::path& marker, Mode mode) {
  std::ofstream file(marker);
  file << to_text(mode) << '\n';
  file.flush();
  if (!file) return fail(Code::Io, "{} can't be written; check permissions and free space", marker.string());
  return {};
}

}  // namespace

Result<void> prepare_data_directory(const std::string& directory, Mode mode) {
  std::error_code problem;
  const bool is_new = !fs::exists(directory, problem) || fs::is_empty(directory, problem);
  if (problem && problem != std::errc::no_such_file_or_directory) {
    return fail(Code::Io, "{}: {}; --data must name a directory that this user may write", directory,
                problem.message());
  }
  const fs::path state = fs::path(directory) / "state";
  fs::create_directories(state, problem);
  if (problem) return fail(Code::Io, "{}: can't be created: {}", state.string(), problem.message());
  const auto marker = state / "mode";
  if (is_new) return mode == Mode::Earnest ? Result<void>() : mark(marker, mode);
  std::string found = "earnest";
  if (std::ifstream file(marker); file) file >> found;
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
