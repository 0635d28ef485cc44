// Plans that people can read: each folder of tests/scenarios/plan is one, and its README says what it holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "model/load.h"
#include "model/timestamp.h"
#include "plan/overlay.h"
#include "plan/plan.h"

namespace myelin::plan {
namespace {

namespace fs = std::filesystem;
using document::Node;

const fs::path kScenarios = fs::path(MYELIN_SOURCE_DIR) / "tests/scenarios/plan";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// What somebody forgot or misspelt in live.yaml fails the test instead of meaning nothing.
void expect_only(const Node& node, std::initializer_list<std::string_view> known) {
  for (const auto& member : node.members) {
    EXPECT_NE(std::ranges::find(known, member.key), known.end()) << "live.yaml: " << member.key << " is unknown";
  }
}

std::string text_at(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  EXPECT_NE(found, nullptr) << "live.yaml: " << key << " is missing";
  return found == nullptr ? std::string() : found->text;
}

bool is_set(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found != nullptr && document::as_boolean(*found).value_or(false);
}

WallTime time_at(const Node& node, std::string_view key) {
  const auto time = model::parse_timestamp(text_at(node, key), model::DateMeans::StartOfDay);
  EXPECT_TRUE(time.has_value()) << "live.yaml: " << key << " is no time";
  return time.value_or(WallTime());
}

LiveTopic topic_of(const Node& node) {
  expect_only(node, {"partitions", "settings"});
  LiveTopic topic;
  topic.partitions = std::atoi(text_at(node, "partitions").c_str());
  if (const auto* settings = node.find("settings")) {
    for (const auto& setting : settings->members) topic.settings[setting.key] = setting.value.text;
  }
  return topic;
}

Use use_of(const Node& node) {
  expect_only(node, {"principal", "topic", "operation", "last_seen", "bytes_per_second"});
  const auto operation = text_at(node, "operation");
  EXPECT_TRUE(operation == "read" || operation == "write") << "live.yaml: operation " << operation;
  const auto* rate = node.find("bytes_per_second");
  return {PrincipalName(text_at(node, "principal")), TopicName(text_at(node, "topic")),
          operation == "write" ? policy::Operation::Write : policy::Operation::Read, time_at(node, "last_seen"),
          rate == nullptr ? 0 : std::atof(rate->text.c_str())};
}

void add_tally(const Node& node, Tallies& tallies) {
  expect_only(node, {"rule", "times", "squads", "since"});
  tallies[text_at(node, "rule")] = {static_cast<std::uint64_t>(std::atoi(text_at(node, "times").c_str())),
                                    static_cast<std::size_t>(std::atoi(text_at(node, "squads").c_str())),
                                    time_at(node, "since")};
}

Live live_of(const Node& node) {
  Live live;
  live.now = time_at(node, "now");
  if (const auto* topics = node.find("topics")) {
    for (const auto& topic : topics->members) live.topics.emplace(topic.key, topic_of(topic.value));
  }
  if (const auto* uses = node.find("uses")) {
    for (const auto& use : uses->items) live.uses.push_back(use_of(use));
  }
  if (const auto* tallies = node.find("tallies")) {
    for (const auto& tally : tallies->items) add_tally(tally, live.tallies);
  }
  return live;
}

Applier applier_of(const Node& node) {
  Applier applier;
  if (const auto* squads = node.find("squads")) {
    for (const auto& squad : squads->items) applier.squads.emplace_back(squad.text);
  }
  applier.is_platform = is_set(node, "platform");
  applier.may_delete = is_set(node, "allow_delete");
  return applier;
}

// The plan's id and tree are made of hashes, which nobody writes by hand.
std::string without_hashes(std::string text) {
  constexpr std::string_view kStart = "plan ";
  const auto end = text.find(' ', kStart.size());
  EXPECT_TRUE(text.starts_with(kStart) && end != std::string::npos) << text;
  text.replace(kStart.size(), end - kStart.size(), "ID");
  constexpr std::string_view kTree = "\ntree ";
  constexpr std::size_t kTreeDigits = 64;
  const auto tree = text.find(kTree);
  if (tree != std::string::npos) text.replace(tree + kTree.size(), kTreeDigits, "TREE");
  return text;
}

std::string outcome(const fs::path& scenario) {
  const auto parsed = document::parse({"live.yaml", read(scenario / "live.yaml")});
  EXPECT_EQ(document::listed(parsed.problems), "");
  if (parsed.documents.size() != 1) return "live.yaml: expected one document";
  const auto& node = *parsed.documents.front().root;
  expect_only(node, {"squads", "platform", "allow_delete", "now", "topics", "uses", "tallies"});
  const auto live = live_of(node);
  const auto applier = applier_of(node);

  model::Loaded before;
  const bool is_first = !fs::exists(scenario / "before");
  if (!is_first) before = model::load_folder(scenario / "before").value();
  EXPECT_EQ(document::listed(before.problems), "");

  const auto may_go = [&](const EntityName& entity) {
    const auto squad = squad_of(entity, before.model);
    return applier.may_delete &&
           (applier.is_platform || std::ranges::find(applier.squads, squad) != applier.squads.end());
  };
  auto overlay = overlaid(before.model, model::read_folder(scenario / "after").value(), may_go);
  auto after = model::load(std::move(overlay.sources));
  if (!after.ok()) return document::listed(after.problems);
  const Question question{.base = is_first ? 0U : 1U,
                          .before = std::make_shared<const model::Model>(std::move(before.model)),
                          .after = std::make_shared<const model::Model>(std::move(after.model)),
                          .settings = {},
                          .live = live,
                          .applier = applier,
                          .left_out = overlay.left_out.size()};
  return without_hashes(rendered(made(question), live.now));
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kScenarios)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

class PlanScenario : public testing::TestWithParam<std::string> {};

TEST_P(PlanScenario, IsAsExpected) {
  const auto scenario = kScenarios / GetParam();
  EXPECT_EQ(outcome(scenario), read(scenario / "expected.txt"));
}

INSTANTIATE_TEST_SUITE_P(, PlanScenario, testing::ValuesIn(scenarios()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace myelin::plan
