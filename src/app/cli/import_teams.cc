#include "app/cli/import_teams.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/ask.h"
#include "app/cli/model_folder.h"
#include "app/cli/write_new.h"
#include "directory/import.h"

namespace myelin::app::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kInvalid = 2;
constexpr int kChanges = 3;  // of a dry run, as of a plan

struct Options {
  std::vector<std::string> files;
  std::string folder;
  std::string format;
  bool is_dry = false;
  directory::ImportOptions import;
};

int complain(const document::Problems& problems, const std::string& what) {
  fmt::print(stderr, "{}myelin: {}\n", document::listed(problems), what);
  return kInvalid;
}

Result<std::vector<document::Source>> read_files(const std::vector<std::string>& names) {
  std::vector<document::Source> files;
  for (const auto& name : names) {
    std::error_code error;
    const auto size = fs::file_size(name, error);
    if (error) return fail(Code::NotFound, "{}: {}", name, error.message());
    if (size > directory::kExportBytesMax) {
      return fail(Code::TooLarge, "{}: {} bytes; at most {} are read: export teams only", name, size,
                  directory::kExportBytesMax);
    }
    std::ifstream stream(name, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream.is_open() || stream.bad()) return fail(Code::Io, "{}: can't be read", name);
    files.push_back({name, std::move(text)});
  }
  return files;
}

// New files first: what names them is there after them, should it end in between.
Result<void> write(const std::string& folder, const std::vector<review::FileChange>& changes) {
  for (const bool is_new : {true, false}) {
    for (const auto& change : changes) {
      if (change.before.has_value() == is_new) continue;
      const auto path = fs::path(folder) / change.file;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      if (!change.after) {
        fs::remove(path, error);
      } else if (auto written = replace_file(path, *change.after); !written) {
        return written;
      }
    }
  }
  return {};
}

void tell_next(const Options& options, const directory::Report& report) {
  fmt::print("next:\n  git diff, then myelin plan {}{}\n", options.folder, report.deletes ? " --allow-delete" : "");
  if (report.deletes) fmt::print("  (a name that goes is a deletion; what was measured stays with its successor)\n");
  if (report.inactive > 0) {
    fmt::print("  myelin principal remove NAME ends the sign-in of who is active no more\n");
  }
}

int import_teams(const Options& options) {
  const auto files = read_files(options.files);
  if (!files) return report_plan(files.error());
  const auto teams = directory::read_export(*files, directory::format_named(options.format));
  if (!teams.problems.empty()) return complain(teams.problems, "the export can't be imported; nothing was written");
  const auto model = model_in(options.folder);
  if (!model) return report_plan(model.error());
  const auto made = directory::imported(*model, teams.teams, options.import);
  if (!made.problems.empty()) {
    return complain(made.problems, "the folder would be no model, or needs a hand first; nothing was written");
  }
  fmt::print("{}", directory::rendered(made));
  if (made.changes.empty()) return 0;
  if (options.is_dry) return kChanges;
  if (const auto written = write(options.folder, made.changes); !written) return report_plan(written.error());
  tell_next(options, made.report);
  return 0;
}

}  // namespace

void add_import_teams(CLI::App& import, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = import.add_subcommand(
      "teams", "Write what a directory says of teams and people into a model's folder: who was renamed, merged, split");
  command->add_option("FILE", options->files, "The export; several files are parts of one")->required();
  command->add_option("--folder", options->folder, "Folder of the model; created when it is missing")->required();
  command->add_option("--format", options->format, "Of the export; without it, guessed from how each file begins")
      ->check(CLI::IsMember({"scim", "ldif", "backstage"}));
  command->add_flag("--dry-run", options->is_dry, "Tell it and write nothing; exit code 3 when there are changes");
  command->add_flag("--remove-gone", options->import.remove_gone,
                    "Take out teams and people that the export has no more, where nothing refers to them");
  command->callback([options, &exit_code] { exit_code = import_teams(*options); });
}

}  // namespace myelin::app::cli
