// Organisations that people can read: each folder of tests/scenarios/organisation is one, and the README there says
// what it holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>

#include "document/parse.h"
#include "model/load.h"
#include "model/timestamp.h"
#include "organisation/comparison.h"
#include "organisation/mode_drift.h"

namespace myelin::organisation {
namespace {

namespace fs = std::filesystem;
using document::Node;

const fs::path kScenarios = fs::path(MYELIN_SOURCE_DIR) / "tests/scenarios/organisation";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// What somebody forgot or misspelt in measured.yaml fails the test instead of meaning nothing.
void expect_only(const Node& node, std::initializer_list<std::string_view> known) {
  for (const auto& member : node.members) {
    EXPECT_NE(std::ranges::find(known, member.key), known.end()) << "measured.yaml: " << member.key << " is unknown";
  }
}

std::string text_at(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  EXPECT_NE(found, nullptr) << "measured.yaml: " << key << " is missing";
  return found == nullptr ? std::string() : found->text;
}

std::int64_t number_at(const Node& node, std::string_view key) { return std::atoll(text_at(node, key).c_str()); }

WallTime time_at(const Node& node, std::string_view key) {
  const auto time = model::parse_timestamp(text_at(node, key), model::DateMeans::StartOfDay);
  EXPECT_TRUE(time.has_value()) << "measured.yaml: " << key << " is no time";
  return time.value_or(WallTime());
}

std::vector<Flow> flows_in(const Node& node) {
  lineage::Observed observed;
  if (const auto* writes = node.find("writes")) {
    for (const auto& item : writes->items) {
      expect_only(item, {"principal", "topic", "records", "bytes", "last_seen"});
      auto& edge = observed.writes.emplace_back();
      edge.principal = PrincipalName(text_at(item, "principal"));
      edge.topic = TopicName(text_at(item, "topic"));
      edge.records = number_at(item, "records");
      edge.bytes = number_at(item, "bytes");
      edge.last_seen = time_at(item, "last_seen");
    }
  }
  if (const auto* reads = node.find("reads")) {
    for (const auto& item : reads->items) {
      expect_only(item, {"principal", "topic", "offsets", "bytes", "last_seen"});
      auto& edge = observed.reads.emplace_back();
      edge.principal = PrincipalName(text_at(item, "principal"));
      edge.topic = TopicName(text_at(item, "topic"));
      edge.offsets = number_at(item, "offsets");
      edge.bytes = number_at(item, "bytes");
      edge.last_seen = time_at(item, "last_seen");
    }
  }
  return flows_of(observed);
}

// Whose duty it was, the model says.
std::vector<Action> actions_in(const Node& actions, const model::Model& model) {
  std::vector<Action> found;
  for (const auto& item : actions.items) {
    expect_only(item, {"product", "duty", "operation", "squad", "times", "last_seen"});
    auto& action = found.emplace_back();
    action.product = ProductName(text_at(item, "product"));
    action.duty = text_at(item, "duty");
    action.operation = text_at(item, "operation");
    action.squad = SquadName(text_at(item, "squad"));
    action.times = number_at(item, "times");
    action.last_seen = time_at(item, "last_seen");
    const auto& product = model.products.at(action.product);
    action.mode = product.mode.value_or("");
    const auto duty = std::ranges::find(model::kDuties, action.duty, [](auto one) { return model::name_of(one); });
    EXPECT_NE(duty, model::kDuties.end()) << "measured.yaml: duty " << action.duty << " is unknown";
    if (duty == model::kDuties.end()) continue;
    action.due = model::on_duty(model, {product.owner, product.mode}, *duty).value_or(SquadName());
  }
  return found;
}

// The folder `model`, with the files of `after` in place of those of the same name and without those that are gone.
std::vector<document::Source> after_of(const fs::path& scenario, const Node& measured) {
  std::map<std::string, document::Source> files;
  for (const char* folder : {"model", "after"}) {
    for (auto& source : model::read_folder(scenario / folder).value()) files[source.file] = source;
  }
  if (const auto* gone = measured.find("gone")) {
    for (const auto& file : gone->items) EXPECT_EQ(files.erase(file.text), 1U) << file.text;
  }
  std::vector<document::Source> sources;
  for (auto& [name, source] : files) sources.push_back(std::move(source));
  return sources;
}

std::string outcome(const fs::path& scenario) {
  const auto parsed = document::parse({"measured.yaml", read(scenario / "measured.yaml")});
  EXPECT_EQ(document::listed(parsed.problems), "");
  if (parsed.documents.size() != 1) return "measured.yaml: expected one document";
  const auto& measured = *parsed.documents.front().root;
  expect_only(measured, {"now", "squad", "gone", "writes", "reads", "actions"});
  const auto now = time_at(measured, "now");
  const auto flows = flows_in(measured);

  const auto model = model::load_folder(scenario / "model").value();
  EXPECT_EQ(document::listed(model.problems), "");
  if (const auto* actions = measured.find("actions")) {
    return rendered(mode_drift(model.model, actions_in(*actions, model.model)));
  }
  auto answer = organisation(model.model, flows, now);
  if (measured.find("squad") != nullptr) return rendered(only_of(answer, SquadName(text_at(measured, "squad"))));
  if (!fs::exists(scenario / "after")) return rendered(answer);
  const auto after = model::load(after_of(scenario, measured));
  EXPECT_EQ(document::listed(after.problems), "");
  return rendered(compared(std::move(answer), organisation(after.model, flows, now)));
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kScenarios)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

class OrganisationScenario : public testing::TestWithParam<std::string> {};

TEST_P(OrganisationScenario, IsAsExpected) {
  const auto scenario = kScenarios / GetParam();
  EXPECT_EQ(outcome(scenario), read(scenario / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(, OrganisationScenario, testing::ValuesIn(scenarios()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace myelin::organisation
