// "Who stands behind this, and whom do I call?", as people ask it: each folder of tests/scenarios/who is one question,
// and the README beside them says what it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "model/load.h"
#include "model/timestamp.h"
#include "model/who.h"

namespace myelin::model {
namespace {

namespace fs = std::filesystem;
using document::Node;

const fs::path kScenarios = fs::path(MYELIN_SOURCE_DIR) / "tests/scenarios/who";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

struct Question {
  std::string thing;
  WallTime now;
  std::vector<Failure> failures;  // to say who is called for
};

Failure failure_of(const Node& node) {
  const auto found = std::ranges::find(kFailures, node.text, [](Failure failure) { return name_of(failure); });
  EXPECT_NE(found, kFailures.end()) << "question.yaml: " << node.text << " is no class of failure";
  return found == kFailures.end() ? Failure::Data : *found;
}

// What somebody forgot or misspelt fails the test instead of meaning nothing.
Question question_of(const fs::path& file) {
  const auto parsed = document::parse({"question.yaml", read(file)});
  EXPECT_EQ(document::listed(parsed.problems), "");
  Question question;
  if (parsed.documents.size() != 1) return question;
  for (const auto& [key, position, value] : parsed.documents.front().root->members) {
    if (key == "thing") {
      question.thing = value.text;
    } else if (key == "now") {
      const auto now = parse_timestamp(value.text, DateMeans::StartOfDay);
      EXPECT_TRUE(now.has_value()) << "question.yaml: " << value.text << " is no time";
      question.now = now.value_or(WallTime());
    } else if (key == "failures") {
      for (const auto& item : value.items) question.failures.push_back(failure_of(item));
    } else {
      ADD_FAILURE() << "question.yaml: " << key << " is unknown";
    }
  }
  EXPECT_FALSE(question.thing.empty()) << "question.yaml: thing is missing";
  EXPECT_NE(question.now, WallTime()) << "question.yaml: now is missing";
  return question;
}

std::string called(const Model& model, const Who& answer, const std::vector<Failure>& failures) {
  auto all = accountable_for(model, answer);
  std::erase_if(all,
                [&](const Accountable& one) { return std::ranges::find(failures, one.failure) == failures.end(); });
  return rendered(all);
}

std::string answered(const fs::path& scenario) {
  const auto question = question_of(scenario / "question.yaml");
  const auto loaded = load_folder(scenario / "model");
  if (!loaded) return loaded.error().message;
  EXPECT_EQ(document::listed(loaded->problems), "");
  const auto answers = who(loaded->model, question.thing, question.now);
  auto text = answers ? rendered(*answers) : answers.error().message + "\n";
  if (question.failures.empty()) return text;
  // Of one name there may be an application, a squad and a product: whoever is called is called for the first.
  return text + "\n" + called(loaded->model, answers ? answers->front() : Who(), question.failures);
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kScenarios)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

class WhoScenario : public testing::TestWithParam<std::string> {};

TEST_P(WhoScenario, IsAnswered) {
  const auto scenario = kScenarios / GetParam();
  EXPECT_EQ(answered(scenario), read(scenario / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(, WhoScenario, testing::ValuesIn(scenarios()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace myelin::model
