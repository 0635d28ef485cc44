// Imports that people can read: each folder of tests/scenarios/teams is one, and its README says what it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "directory/changed.h"
#include "directory/import.h"
#include "model/load.h"
#include "review/diff.h"

namespace myelin::directory {
namespace {

namespace fs = std::filesystem;

const fs::path kScenarios = fs::path(MYELIN_SOURCE_DIR) / "tests/scenarios/teams";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// The file that is named "export", whatever it ends with.
std::vector<document::Source> export_of(const fs::path& scenario) {
  std::vector<document::Source> files;
  for (const auto& entry : fs::directory_iterator(scenario)) {
    if (entry.path().stem() != "export") continue;
    files.push_back({entry.path().filename().string(), read(entry.path())});
  }
  return files;
}

// What is told, and what it does to the files.
std::string outcome(const fs::path& scenario) {
  const auto teams = read_export(export_of(scenario), std::nullopt);
  if (!teams.problems.empty()) return document::listed(teams.problems);
  const ImportOptions options{.remove_gone = fs::exists(scenario / "remove-gone")};
  auto folder = model::read_folder(scenario / "folder").value();
  const auto before = model::load(folder);
  EXPECT_EQ(document::listed(before.problems), "");
  const auto made = imported(before.model, teams.teams, options);
  if (!made.problems.empty()) return document::listed(made.problems);
  const auto again = imported(model::load(changed(std::move(folder), made.changes)).model, teams.teams, options);
  EXPECT_EQ(document::listed(again.problems), "");
  EXPECT_TRUE(again.changes.empty()) << "a second import of the same export:\n" << review::patch(again.changes);
  return rendered(made) + "\n" + review::patch(made.changes);
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kScenarios)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

class TeamsScenario : public testing::TestWithParam<std::string> {};

TEST_P(TeamsScenario, IsAsExpected) {
  const auto scenario = kScenarios / GetParam();
  EXPECT_EQ(outcome(scenario), read(scenario / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(, TeamsScenario, testing::ValuesIn(scenarios()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace myelin::directory
